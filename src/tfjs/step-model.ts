import type {
  MaybePromise,
  ModelDescription,
  NamedTensor,
  Scalar,
  StateTree,
  StepContext,
  StepResult,
} from "../contract/index.js";
import { setOwn } from "../support/own.js";
import { isPromise } from "../support/promises.js";
import { readyBackend, SLOW_BACKEND } from "./backend.js";
import type { BatchStep } from "./gradient-step.js";
import { explainStepError } from "./kernels.js";
import { isSynchronous, type TfjsOps } from "./ops.js";
import type { TfjsOptimizerAdapter } from "./optimizer.js";
import type { TfjsModel } from "./options.js";
import { withOutputs } from "./outputs.js";
import { TensorScalar } from "./scalar.js";
import type { TfjsOutputs, TfjsTensor } from "./types.js";
import { versionsOf } from "./versions.js";
import { namedTensor, type NamedVariable, readTree, writeTree } from "./weights.js";

/** What a model's steps work on. */
export interface StepModelOptions {
  readonly ops: TfjsOps;
  readonly step: BatchStep;
  readonly optimizers: readonly TfjsOptimizerAdapter[];
  /** What is saved. */
  readonly variables: readonly NamedVariable[];
  /** Those of `variables` that an optimizer updates. */
  readonly trained: readonly NamedVariable[];
  readonly disposeBatches: boolean;
}

/**
 * The steps of every kind of model: what they share around the computation of a loss.
 * - Memory: what a step keeps (`keepMetric`, `keepOutputs`) leaves with its result, or is disposed where the step throws. The batch is
 *   disposed in both cases, unless `disposeBatches` is false.
 * - Cost: a step allocates its result and the scalars in it, no closure.
 */
export abstract class StepModel<Batch> implements TfjsModel<Batch> {
  abstract readonly metricNames: readonly string[] | undefined;
  readonly optimizers: readonly TfjsOptimizerAdapter[];
  /** The backend of TensorFlow.js, from `prepare` on. */
  backend: string | undefined = undefined;
  readonly packages: Readonly<Record<string, string>>;
  warnings: readonly string[] = [];
  protected readonly ops: TfjsOps;
  readonly #variables: readonly NamedVariable[];
  readonly #trained: readonly NamedVariable[];
  readonly #disposeBatches: boolean;
  readonly #step: BatchStep;
  #batch: Batch | null = null;
  #synchronous = false;
  #wantsOutputs = false;
  #wantsImages = false;
  #samples = 0;
  #metrics: Record<string, Scalar> = noMetrics();
  #outputs: TfjsOutputs | null = null;

  constructor({ ops, step, optimizers, variables, trained, disposeBatches }: StepModelOptions) {
    this.ops = ops;
    this.packages = versionsOf(ops);
    this.#variables = variables;
    this.#trained = trained;
    this.#disposeBatches = disposeBatches;
    this.#step = step;
    this.optimizers = optimizers;
  }

  /** Takes what a step needs from its batch and context, before anything is computed. */
  protected abstract open(batch: Batch, context: StepContext, training: boolean): void;

  /** The batch's mean loss, a new tensor where not `training`. Runs inside `tf.tidy`. */
  protected abstract loss(batch: Batch, training: boolean): TfjsTensor;

  /** Drops what `open` took; called also where the step threw. */
  protected abstract close(): void;

  /** How many samples a batch holds. */
  protected abstract samplesOf(batch: Batch): number;

  /** Throws where `backend` cannot train this model, and returns what the user should know. */
  protected abstract check(backend: string): readonly string[];

  abstract describe(sampleInput?: unknown): MaybePromise<ModelDescription>;

  async prepare(): Promise<void> {
    this.#step.dispose(); // what an earlier run was stopped with is no part of this one; a resume brings back what was saved
    const backend = await readyBackend(this.ops);
    this.backend = backend;
    for (const optimizer of this.optimizers) optimizer.align(); // another training may have come between
    const warnings = this.check(backend);
    this.warnings = backend === "cpu" ? [SLOW_BACKEND, ...warnings] : warnings;
  }

  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#open(batch, context, true);
      const loss = this.#step.run(this.#trainLoss, this.#samples, context.wantsGradients);
      const result = this.#result(loss);
      if (!this.#step.updated) result.updated = false;
      if (this.#synchronous) result.timings = this.#step.timings();
      return this.#withOutputs(result);
    } catch (error) {
      this.#drop();
      throw explainStepError(error);
    } finally {
      this.#close(batch);
    }
  }

  evalStep(batch: Batch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#open(batch, context, false);
      return this.#withOutputs(this.#result(this.ops.tidy(this.#evalLoss)));
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      this.#close(batch);
    }
  }

  endEpoch(): boolean {
    return this.#step.flush();
  }

  /** Disposes the tensors of a batch, unless `disposeBatches` is false. */
  discardBatch(batch: Batch): void {
    if (this.#disposeBatches) this.ops.dispose(batch);
  }

  *parameters(): Iterable<NamedTensor> {
    for (const { name, variable } of this.#trained) yield namedTensor(this.ops, name, variable);
  }

  gradients(): Iterable<NamedTensor> {
    return this.#step.gradients();
  }

  state(): MaybePromise<StateTree> {
    return readTree(
      this.ops,
      this.#variables.map(({ name, variable }) => ({ name, tensor: variable })),
    );
  }

  loadState(state: StateTree): void {
    writeTree(this.ops, this.#variables, state, "model state");
  }

  dispose(): void {
    this.#step.dispose();
  }

  /** Reports the mean of `value` with this step's result. The mean is a copy: disposing it leaves the caller's tensor alone. */
  protected keepMetric(name: string, value: TfjsTensor | number): void {
    const kept = typeof value === "number" ? value : new TensorScalar(this.ops.keep(this.ops.mean(value)), this.#synchronous);
    setOwn(this.#metrics, name, kept);
  }

  /** Reports copies of `outputs` with this step's result, where they are wanted. */
  protected keepOutputs(predictions?: TfjsTensor, targets?: TfjsTensor, images?: TfjsTensor): void {
    if (!this.#wantsOutputs) return;
    const copy = (tensor: TfjsTensor | undefined): TfjsTensor | undefined =>
      tensor === undefined ? undefined : this.ops.keep(this.ops.clone(tensor));
    this.#outputs = {
      predictions: copy(predictions),
      targets: copy(targets),
      images: this.#wantsImages ? copy(images) : undefined,
    };
  }

  readonly #trainLoss = (): TfjsTensor => this.loss(this.#batch as Batch, true);

  readonly #evalLoss = (): TfjsTensor => this.ops.keep(this.loss(this.#batch as Batch, false));

  #open(batch: Batch, context: StepContext, training: boolean): void {
    this.#batch = batch;
    this.#synchronous = isSynchronous(this.ops.getBackend());
    this.#wantsOutputs = context.wantsOutputs;
    this.#wantsImages = context.wantsImages;
    this.open(batch, context, training);
    this.#samples = this.samplesOf(batch);
  }

  #result(loss: TfjsTensor): StepResult {
    const metrics = this.#metrics;
    this.#metrics = noMetrics();
    return { loss: new TensorScalar(loss, this.#synchronous), metrics, batchSize: this.#samples };
  }

  #withOutputs(result: StepResult): MaybePromise<StepResult> {
    if (this.#outputs === null) return result;
    const failed = (error: unknown): never => {
      disposeScalars([result.loss, ...Object.values(result.metrics ?? {})]);
      throw error;
    };
    try {
      const complete = withOutputs(this.ops, result, this.#outputs);
      this.#dropOutputs();
      return isPromise(complete) ? complete.catch(failed) : complete;
    } catch (error) {
      return failed(error);
    }
  }

  #dropOutputs(): void {
    for (const tensor of Object.values(this.#outputs ?? {})) (tensor as TfjsTensor | undefined)?.dispose();
    this.#outputs = null;
  }

  #drop(): void {
    disposeScalars(Object.values(this.#metrics));
    this.#metrics = noMetrics();
    this.#dropOutputs();
  }

  #close(batch: Batch): void {
    this.#batch = null;
    this.close();
    this.discardBatch(batch);
  }
}

/** Without a prototype: a metric may have any name. */
function noMetrics(): Record<string, Scalar> {
  return Object.create(null) as Record<string, Scalar>;
}

function disposeScalars(scalars: readonly Scalar[]): void {
  for (const scalar of scalars) if (typeof scalar !== "number") scalar.dispose?.();
}
