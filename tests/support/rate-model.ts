import type { Optimizer, StateTree, StepResult, TrainableModel } from "../../src/index.js";

/** A model that learns nothing and notes the learning rate of each batch; every `accumulate`-th batch updates, 0: none does. */
export class RateModel implements TrainableModel<number> {
  readonly optimizer: Optimizer;
  /** The rate of each train batch, in their order. */
  readonly rates: number[] = [];
  readonly #accumulate: number;
  #batches = 0;

  constructor(learningRate: number, accumulate = 1) {
    this.optimizer = { name: "sgd", learningRate, state: () => ({}), loadState() {} };
    this.#accumulate = accumulate;
  }

  trainStep(): StepResult {
    this.rates.push(this.optimizer.learningRate);
    this.#batches++;
    return { loss: 1, batchSize: 1, updated: this.#accumulate > 0 && this.#batches % this.#accumulate === 0 };
  }

  evalStep(): StepResult {
    return { loss: 1, batchSize: 1 };
  }

  state(): StateTree {
    return { batches: { shape: [1], dtype: "F64", data: Float64Array.of(this.#batches) } };
  }

  loadState({ batches }: StateTree): void {
    this.#batches = Number(batches?.data[0]);
  }
}
