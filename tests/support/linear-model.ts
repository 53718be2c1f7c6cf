import type {
  DeferredScalar,
  ModelDescription,
  NamedTensor,
  Optimizer,
  Scalar,
  StateTree,
  StepContext,
  StepResult,
  TrainableModel,
} from "../../src/contract/index.js";

/** `x` in rows of `width`, one target a row. */
export interface Rows {
  x: readonly (readonly number[])[];
  y: readonly number[];
}

export interface LinearModelOptions {
  width: number;
  /** Mean squared error, or logistic regression with its accuracy. */
  kind?: "linear" | "logistic";
  learningRate?: number;
  /** Wraps every scalar, to count reads and disposals. */
  scalar?: (value: number) => Scalar;
}

/** Linear or logistic regression by plain gradient descent, in plain TypeScript. */
export class LinearModel implements TrainableModel<Rows> {
  readonly metricNames: readonly string[];
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly optimizer: Optimizer;
  readonly #logistic: boolean;
  readonly #scalar: (value: number) => Scalar;

  constructor(options: LinearModelOptions) {
    this.weights = new Float64Array(options.width + 1);
    this.gradient = new Float64Array(options.width + 1);
    this.#logistic = options.kind === "logistic";
    this.#scalar = options.scalar ?? ((value) => value);
    this.metricNames = this.#logistic ? ["accuracy"] : [];
    this.optimizer = { name: "sgd", learningRate: options.learningRate ?? 0.1, state: () => ({}), loadState() {} };
  }

  trainStep(batch: Rows, _context?: StepContext): StepResult {
    const result = this.#evaluate(batch, true);
    for (let i = 0; i < this.weights.length; i++) {
      this.weights[i] = (this.weights[i] as number) - this.optimizer.learningRate * (this.gradient[i] as number);
    }
    return result;
  }

  evalStep(batch: Rows): StepResult {
    return this.#evaluate(batch, false);
  }

  *parameters(): Iterable<NamedTensor> {
    yield { name: "weights", shape: [this.weights.length], dtype: "F64", read: () => this.weights };
  }

  *gradients(): Iterable<NamedTensor> {
    yield { name: "weights", shape: [this.gradient.length], dtype: "F64", read: () => this.gradient };
  }

  describe(): ModelDescription {
    const linear = { name: "linear", op: "Linear", inputs: ["x"], parameters: this.weights.length };
    return { name: "linear model", layers: [{ name: "x", op: "Input", inputs: [] }, linear] };
  }

  state(): StateTree {
    return { weights: { shape: [this.weights.length], dtype: "F64", data: this.weights.slice() } };
  }

  loadState(state: StateTree): void {
    this.weights.set(state["weights"]?.data as Float64Array);
  }

  #evaluate({ x, y }: Rows, train: boolean): StepResult {
    let loss = 0;
    let correct = 0;
    if (train) this.gradient.fill(0);
    for (const [i, row] of x.entries()) {
      const target = y[i] as number;
      const score = this.#score(row);
      const output = this.#logistic ? 1 / (1 + Math.exp(-score)) : score;
      loss += this.#logistic
        ? -(target * Math.log(output + 1e-12) + (1 - target) * Math.log(1 - output + 1e-12))
        : (output - target) ** 2;
      if (output > 0.5 === target > 0.5) correct++;
      if (train) this.#addGradient(row, ((this.#logistic ? 1 : 2) * (output - target)) / x.length);
    }
    const metrics = this.#logistic ? { accuracy: this.#scalar(correct / x.length) } : {};
    return { loss: this.#scalar(loss / x.length), metrics, batchSize: x.length };
  }

  #score(row: readonly number[]): number {
    let score = this.weights[row.length] as number;
    for (const [j, value] of row.entries()) score += value * (this.weights[j] as number);
    return score;
  }

  #addGradient(row: readonly number[], error: number): void {
    for (const [j, value] of row.entries()) this.gradient[j] = (this.gradient[j] as number) + error * value;
    this.gradient[row.length] = (this.gradient[row.length] as number) + error;
  }
}

/** The same model behind promises. */
export class AsyncLinearModel implements TrainableModel<Rows> {
  readonly inner: LinearModel;

  constructor(options: LinearModelOptions) {
    this.inner = new LinearModel(options);
  }

  get metricNames(): readonly string[] {
    return this.inner.metricNames;
  }

  async trainStep(batch: Rows): Promise<StepResult> {
    return this.inner.trainStep(batch);
  }

  async evalStep(batch: Rows): Promise<StepResult> {
    return this.inner.evalStep(batch);
  }

  async state(): Promise<StateTree> {
    return this.inner.state();
  }

  async loadState(state: StateTree): Promise<void> {
    this.inner.loadState(state);
  }
}

/** Deferred scalars that count what is done to them. */
export class ScalarLedger {
  made = 0;
  reads = 0;
  disposals = 0;
  readonly #async: boolean;

  constructor(options: { async?: boolean } = {}) {
    this.#async = options.async ?? false;
  }

  readonly defer = (value: number): DeferredScalar => {
    this.made++;
    let disposed = false;
    return {
      read: () => {
        if (disposed) throw new Error("read after dispose");
        this.reads++;
        return this.#async ? Promise.resolve(value) : value;
      },
      dispose: () => {
        if (disposed) throw new Error("disposed twice");
        disposed = true;
        this.disposals++;
      },
    };
  };
}

/** `count` batches of `size` rows of a known linear (or separable) relation, the same for the same seed. */
export function linearBatches(
  count: number,
  size: number,
  options: { kind?: "linear" | "logistic"; seed?: number } = {},
): Rows[] {
  let seed = options.seed ?? 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const x = Array.from({ length: size }, () => [random() * 2 - 1, random() * 2 - 1]);
    const y = x.map(([a = 0, b = 0]) => (options.kind === "logistic" ? Number(2 * a - b + 0.1 > 0) : 2 * a - b + 0.5));
    return { x, y };
  });
}
