/**
 * The work that bare loops and trainers share: two in-memory loaders, a weighted draw, and models that do almost nothing,
 * so that the loop itself is measured.
 */
import type { DeferredScalar, StepResult, TrainableModel } from "trainscope";

export interface Batch {
  x: number;
  y: number;
}

export const LOADERS: Record<string, readonly Batch[]> = { clean: makeBatches(1000, 1), shifted: makeBatches(700, 2) };
export const WEIGHTS: readonly number[] = [0.7, 0.3];

function makeBatches(count: number, seed: number): Batch[] {
  return Array.from({ length: count }, (_, i) => ({ x: Math.sin(i * seed), y: Math.cos(i) }));
}

/** One weight and one multiplication: a step that takes nanoseconds and that the compiler cannot remove. */
class TinyModel {
  protected weight = 0.5;

  protected lossOf(batch: Batch): number {
    const error = batch.x * this.weight - batch.y;
    this.weight -= 1e-6 * error * batch.x;
    return error * error;
  }

  state(): Record<string, never> {
    return {};
  }

  loadState(): void {}
}

export class SyncModel extends TinyModel implements TrainableModel<Batch> {
  trainStep(batch: Batch): StepResult {
    const loss = this.lossOf(batch);
    return { loss, metrics: { accuracy: loss < 0.5 ? 1 : 0 }, batchSize: 32 };
  }
}

export class AsyncModel extends TinyModel implements TrainableModel<Batch> {
  async trainStep(batch: Batch): Promise<StepResult> {
    const loss = this.lossOf(batch);
    return { loss, metrics: { accuracy: loss < 0.5 ? 1 : 0 }, batchSize: 32 };
  }
}

class Held implements DeferredScalar {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  read(): number {
    return this.#value;
  }

  dispose(): void {}
}

export class DeferredModel extends TinyModel implements TrainableModel<Batch> {
  trainStep(batch: Batch): StepResult {
    const loss = this.lossOf(batch);
    return { loss: new Held(loss), metrics: { accuracy: new Held(loss < 0.5 ? 1 : 0) }, batchSize: 32 };
  }
}
