import type {
  MaybePromise,
  ModelDescription,
  NamedTensor,
  Scalar,
  StateTree,
  StepContext,
  StepResult,
} from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { readyBackend, SLOW_BACKEND } from "./backend.js";
import { samplesIn } from "./batch.js";
import { GradientStep } from "./gradient-step.js";
import { explainStepError } from "./kernels.js";
import { unique } from "./names.js";
import { isSynchronous, isTensor, type TfjsOps } from "./ops.js";
import { TfjsOptimizerAdapter } from "./optimizer.js";
import type { FunctionModelOptions, TfjsModel } from "./options.js";
import { withOutputs } from "./outputs.js";
import { TensorScalar } from "./scalar.js";
import { nonZero } from "./seeding.js";
import type { TfjsLossResult, TfjsOutputs, TfjsTensor, TfjsVariable } from "./types.js";
import { namedTensor, type NamedVariable, readTree, writeTree } from "./weights.js";

/**
 * A loss function over variables, as a trainer sees it.
 * - The variables are the user's own; those that are not trainable are stored, not updated.
 * - The function runs inside `tf.tidy`; what it returns is kept until the trainer has read it.
 * - A step depends only on the variables, the optimizer, the batch and `info.seed`, if the function does.
 */
export class FunctionModelAdapter<Batch> implements TfjsModel<Batch> {
  readonly metricNames: readonly string[] | undefined;
  readonly optimizer: TfjsOptimizerAdapter;
  readonly #ops: TfjsOps;
  readonly #options: FunctionModelOptions<Batch>;
  readonly #variables: readonly NamedVariable[];
  readonly #trained: readonly NamedVariable[];
  readonly #step: GradientStep;
  #warnings: string[] = [];
  #batch: Batch | null = null;
  #seed = 0;
  #metrics: Record<string, TfjsTensor | number> = {};
  #wantsOutputs = false;
  #outputs: TfjsOutputs | null = null;

  constructor(ops: TfjsOps, options: FunctionModelOptions<Batch>) {
    this.#ops = ops;
    this.#options = options;
    this.metricNames = options.metricNames;
    this.#variables = nameVariables(options.variables);
    this.#trained = this.#variables.filter(({ variable }) => variable.trainable);
    if (this.#trained.length === 0)
      throw new TrainscopeError("ERR_MODEL", "No trainable variable was given.", { path: "tfjsModel variables" });
    this.#step = new GradientStep(ops, options.optimizer, this.#trained);
    this.optimizer = new TfjsOptimizerAdapter(ops, options.optimizer, this.#trained);
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  async prepare(): Promise<void> {
    this.#warnings = (await readyBackend(this.#ops)) === "cpu" ? [SLOW_BACKEND] : [];
  }

  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#take(batch, context);
      const loss = this.#step.run(this.#trainLoss, context.wantsGradients);
      const result = this.#result(batch, loss);
      if (isSynchronous(this.#ops.getBackend())) result.timings = this.#step.timings();
      return this.#withOutputs(result);
    } catch (error) {
      this.#dropMetrics();
      throw explainStepError(error);
    } finally {
      this.#release(batch);
    }
  }

  evalStep(batch: Batch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#take(batch, context);
      return this.#withOutputs(this.#result(batch, this.#ops.tidy(this.#evalLoss)));
    } catch (error) {
      this.#dropMetrics();
      throw error;
    } finally {
      this.#release(batch);
    }
  }

  *parameters(): Iterable<NamedTensor> {
    for (const { name, variable } of this.#trained) yield namedTensor(this.#ops, name, variable);
  }

  gradients(): Iterable<NamedTensor> {
    return this.#step.gradients();
  }

  /** The variables: what the function does with them is not known. */
  describe(): ModelDescription {
    const layers = this.#variables.map(({ name, variable }) => ({
      name,
      op: "Variable",
      inputs: [],
      outputShape: variable.shape,
      dtype: variable.dtype,
      parameters: variable.size,
    }));
    return { layers, parameterCount: this.#variables.reduce((sum, { variable }) => sum + variable.size, 0) };
  }

  state(): MaybePromise<StateTree> {
    return readTree(
      this.#ops,
      this.#variables.map(({ name, variable }) => ({ name, tensor: variable })),
    );
  }

  loadState(state: StateTree): void {
    writeTree(this.#ops, this.#variables, state, "model state");
  }

  dispose(): void {
    this.#step.release();
  }

  #take(batch: Batch, context: StepContext): void {
    this.#batch = batch;
    this.#seed = nonZero(context.stepSeed);
    this.#wantsOutputs = context.wantsOutputs;
  }

  readonly #trainLoss = (): TfjsTensor => this.#run(true);

  readonly #evalLoss = (): TfjsTensor => this.#ops.keep(this.#ops.clone(this.#run(false)));

  #run(training: boolean): TfjsTensor {
    const { loss, evaluate = loss } = this.#options;
    const returned = (training ? loss : evaluate)(this.#batch as Batch, { training, seed: this.#seed });
    const { loss: value, metrics = {}, outputs } = lossOf(returned, training ? "loss" : "evaluate");
    if (this.#wantsOutputs && outputs !== undefined) this.#outputs = this.#kept(outputs);
    for (const [name, metric] of Object.entries(metrics)) {
      // A copy, so that disposing it cannot take a tensor that the user holds.
      this.#metrics[name] = typeof metric === "number" ? metric : this.#ops.keep(this.#ops.mean(metric));
    }
    return value.shape.length === 0 ? value : this.#ops.mean(value);
  }

  #result(batch: Batch, loss: TfjsTensor): StepResult {
    const synchronous = isSynchronous(this.#ops.getBackend());
    const metrics: Record<string, Scalar> = {};
    for (const [name, metric] of Object.entries(this.#metrics))
      metrics[name] = typeof metric === "number" ? metric : new TensorScalar(metric, synchronous);
    this.#metrics = {};
    return {
      loss: new TensorScalar(loss, synchronous),
      metrics,
      batchSize: this.#options.batchSize?.(batch) ?? samplesIn(batch),
    };
  }

  /** Copies that outlive the function's `tidy`. */
  #kept({ predictions, targets, images }: TfjsOutputs): TfjsOutputs {
    const keep = (tensor: TfjsTensor | undefined): TfjsTensor | undefined =>
      tensor === undefined ? undefined : this.#ops.keep(this.#ops.clone(tensor));
    return { predictions: keep(predictions), targets: keep(targets), images: keep(images) };
  }

  #withOutputs(result: StepResult): MaybePromise<StepResult> {
    if (this.#outputs === null) return result;
    const complete = withOutputs(this.#ops, result, this.#outputs);
    this.#dropOutputs();
    return complete;
  }

  #dropOutputs(): void {
    for (const tensor of Object.values(this.#outputs ?? {})) (tensor as TfjsTensor | undefined)?.dispose();
    this.#outputs = null;
  }

  #dropMetrics(): void {
    for (const metric of Object.values(this.#metrics)) if (typeof metric !== "number") metric.dispose();
    this.#metrics = {};
    this.#dropOutputs();
  }

  #release(batch: Batch): void {
    this.#batch = null;
    if (this.#options.disposeBatches ?? true) this.#ops.dispose(batch);
  }
}

/** Variables by name. TensorFlow.js numbers unnamed ones by a counter of the process: those are named by position. */
function nameVariables(variables: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>>): NamedVariable[] {
  if (!Array.isArray(variables))
    return Object.entries(variables as Record<string, TfjsVariable>).map(([name, variable]) => ({ name, variable }));
  const list = variables as readonly TfjsVariable[];
  const names = unique(list.map(({ name }, index) => (/^\d+$/.test(name) ? `variable_${index}` : name)));
  return list.map((variable, index) => ({ name: names[index] ?? variable.name, variable }));
}

function lossOf(returned: TfjsLossResult, which: string): Exclude<TfjsLossResult, TfjsTensor> {
  if (isTensor(returned)) return { loss: returned };
  if (typeof returned === "object" && returned !== null && isTensor((returned as { loss?: unknown }).loss)) return returned;
  const found = returned instanceof Promise ? "a promise, but gradients need it to be synchronous" : typeof returned;
  throw new TrainscopeError("ERR_STEP_RESULT", `\`${which}\` returned ${found}. Return a scalar tensor, or { loss, metrics }.`, {
    path: `tfjsModel ${which}`,
  });
}
