import { setTimeout as sleep } from "node:timers/promises";
import type { StateTree, TrainableModel } from "trainscope";

/** A weight that follows the samples it has seen, and the seed of each step. */
export class Follower implements TrainableModel<number[]> {
  readonly metricNames: readonly string[] = [];
  readonly weights: Float64Array = new Float64Array(2);
  readonly #stepMs: number;

  /** `stepMs`: how long each step waits. */
  constructor(stepMs = 0) {
    this.#stepMs = stepMs;
  }

  async trainStep(batch: number[], { stepSeed }: { stepSeed: number }): Promise<{ loss: number; batchSize: number }> {
    if (this.#stepMs > 0) await sleep(this.#stepMs);
    for (const x of batch) this.weights[0] = 0.9 * (this.weights[0] as number) + x;
    this.weights[1] = Math.sin((this.weights[1] as number) + stepSeed);
    return { loss: this.weights[0] as number, batchSize: batch.length };
  }

  evalStep(batch: number[]): { loss: number; batchSize: number } {
    return { loss: Math.abs(this.weights[0] as number), batchSize: batch.length };
  }

  state(): StateTree {
    return { weights: { shape: [2], dtype: "F64", data: this.weights.slice() } };
  }

  loadState(state: StateTree): void {
    this.weights.set(state["weights"]?.data as Float64Array);
  }
}
