import type { NamedTensor, Optimizer, StateTree, StepContext, StepResult, TrainableModel } from "../../src/contract/index.js";
import { LinearModel, type Rows } from "./linear-model.js";

/**
 * Logistic regression with momentum and with noise from `context.stepSeed`: a step depends on weights, velocity, learning
 * rate, batch and seed, so that a resume that loses any of them shows.
 */
export class MomentumModel implements TrainableModel<Rows> {
  readonly metricNames: readonly string[] = ["accuracy"];
  readonly inner: LinearModel = new LinearModel({ width: 2, kind: "logistic", learningRate: 0 });
  readonly velocity: Float64Array = new Float64Array(3);
  readonly optimizer: Optimizer = {
    name: "momentum",
    learningRate: 0.2,
    state: () => ({ velocity: { shape: [3], dtype: "F64", data: this.velocity.slice() } }),
    loadState: (state) => this.velocity.set(state["velocity"]?.data as Float64Array),
  };

  trainStep(batch: Rows, context: StepContext): StepResult {
    const result = this.inner.trainStep(batch, context);
    const noise = (context.stepSeed / 2 ** 32 - 0.5) * 0.01;
    for (let i = 0; i < 3; i++) {
      this.velocity[i] = 0.9 * (this.velocity[i] as number) + (this.inner.gradient[i] as number) + noise;
      this.inner.weights[i] = (this.inner.weights[i] as number) - this.optimizer.learningRate * (this.velocity[i] as number);
    }
    return result;
  }

  evalStep(batch: Rows): StepResult {
    return this.inner.evalStep(batch);
  }

  parameters(): Iterable<NamedTensor> {
    return this.inner.parameters();
  }

  state(): StateTree {
    return this.inner.state();
  }

  loadState(state: StateTree): void {
    this.inner.loadState(state);
  }

  /** Weights and velocity, to the last bit. */
  get bytes(): string {
    return [this.inner.weights, this.velocity].map((array) => Buffer.from(array.buffer).toString("hex")).join(" ");
  }
}
