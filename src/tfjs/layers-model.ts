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
import { samplesIn, tensorList } from "./batch.js";
import { compileModel, type Compiled, runModel } from "./compile.js";
import { describeLayers } from "./describe.js";
import { GradientStep } from "./gradient-step.js";
import { explainStepError, missingKernels, refuseMissingKernels } from "./kernels.js";
import { allLayers } from "./layers.js";
import { renumbering, unique } from "./names.js";
import { isSynchronous, type TfjsOps } from "./ops.js";
import { TfjsOptimizerAdapter } from "./optimizer.js";
import type { LayersModelOptions, TfjsModel } from "./options.js";
import { withOutputs } from "./outputs.js";
import { TensorScalar } from "./scalar.js";
import { StepSeeds } from "./seeding.js";
import type { TfjsBatch, TfjsLayersModel, TfjsTensor, TfjsVariable } from "./types.js";
import { namedTensor, type NamedVariable, readTree, writeTree } from "./weights.js";

/**
 * A `tf.LayersModel` that a trainer can train.
 * - The weights are the user's: after `fit`, `model.predict`, `model.evaluate` and `model.save` show what was learned.
 * - `trainStep` is what `model.fit` does with a batch: layers in training mode, the mean loss of every output,
 *   regularization losses; `evalStep` is what `model.evaluate` does: no dropout, no regularization losses.
 * - A step depends only on the weights, the optimizer, the batch and `context.stepSeed`, except for the layers that
 *   `warnings` names.
 * - Memory: after a step, its loss and metrics (until they are disposed) and asked-for gradients (until the next
 *   step) are the only tensors it left.
 */
export class LayersModelAdapter implements TfjsModel<TfjsBatch> {
  readonly metricNames: readonly string[];
  readonly optimizer: TfjsOptimizerAdapter;
  readonly #ops: TfjsOps;
  readonly #model: TfjsLayersModel;
  readonly #compiled: Compiled;
  readonly #disposeBatches: boolean;
  readonly #rename: (name: string) => string;
  readonly #weights: readonly NamedVariable[];
  readonly #trained: readonly NamedVariable[];
  readonly #step: GradientStep;
  readonly #seeds: StepSeeds;
  #warnings: string[] = [];
  #inputs: TfjsTensor[] = [];
  #targets: TfjsTensor[] = [];
  #metrics: TfjsTensor[] = [];
  #predictions: TfjsTensor | null = null;
  #wantsPredictions = false;

  constructor(ops: TfjsOps, options: LayersModelOptions) {
    this.#ops = ops;
    this.#model = options.model;
    this.#compiled = compileModel(options);
    this.#disposeBatches = options.disposeBatches ?? true;
    this.metricNames = this.#compiled.metrics.map(({ name }) => name);
    const layers = allLayers(options.model);
    this.#rename = renumbering([
      ...layers.map(({ name }) => name),
      ...options.model.weights.map(({ originalName }) => originalName),
    ]);
    this.#weights = this.#nameWeights();
    this.#trained = this.#weights.filter(({ variable }) => variable.trainable && this.#isTrained(variable));
    if (this.#trained.length === 0)
      throw new TrainscopeError("ERR_MODEL", `The model "${options.model.name}" has no trainable weights.`, {
        path: "tfjsModel model",
      });
    this.#step = new GradientStep(ops, this.#compiled.optimizer, this.#trained);
    this.optimizer = new TfjsOptimizerAdapter(ops, this.#compiled.optimizer, this.#trained);
    this.#seeds = new StepSeeds(ops, layers);
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Refuses a backend that cannot train these layers, and says what a user should know. */
  async prepare(): Promise<void> {
    const backend = await readyBackend(this.#ops);
    refuseMissingKernels(backend, missingKernels(this.#ops, this.#model.layers));
    const warnings = backend === "cpu" ? [SLOW_BACKEND] : [];
    const unseeded = this.#seeds.unseeded.map(({ name }) => this.#rename(name));
    if (unseeded.length > 0)
      warnings.push(
        `Random numbers of ${unseeded.join(", ")} cannot be seeded in TensorFlow.js: a resumed run will not repeat them.`,
      );
    if (this.#model.stateful)
      warnings.push(
        "The model keeps recurrent states between batches, which are not saved: a resumed run starts from zero states.",
      );
    this.#warnings = warnings;
  }

  trainStep(batch: TfjsBatch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#take(batch, context);
      this.#seeds.begin(context.stepSeed);
      const loss = this.#step.run(this.#trainLoss, context.wantsGradients);
      return this.#result(batch, loss, isSynchronous(this.#ops.getBackend()));
    } catch (error) {
      this.#dropMetrics();
      throw explainStepError(error);
    } finally {
      this.#seeds.end();
      this.#release(batch);
    }
  }

  evalStep(batch: TfjsBatch, context: StepContext): MaybePromise<StepResult> {
    try {
      this.#take(batch, context);
      return this.#result(batch, this.#ops.tidy(this.#evalLoss), false);
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

  describe(sampleInput?: unknown): MaybePromise<ModelDescription> {
    return describeLayers(this.#ops, this.#model, this.#rename, sampleInput);
  }

  /** Every weight by name, those that are not trained (moving averages) included. */
  state(): MaybePromise<StateTree> {
    return readTree(
      this.#ops,
      this.#weights.map(({ name, variable }) => ({ name, tensor: variable })),
    );
  }

  loadState(state: StateTree): void {
    writeTree(this.#ops, this.#weights, state, "model state");
  }

  dispose(): void {
    this.#step.release();
  }

  #nameWeights(): NamedVariable[] {
    const weights = [...new Set(this.#model.weights)];
    const names = unique(weights.map(({ originalName }) => this.#rename(originalName)));
    return weights.map((weight, index) => ({ name: names[index] ?? weight.name, variable: weight.read() as TfjsVariable }));
  }

  #isTrained(variable: TfjsTensor): boolean {
    return this.#model.trainableWeights.some((weight) => weight.read() === variable);
  }

  #take(batch: TfjsBatch, context: StepContext): void {
    this.#inputs = tensorList(batch.xs, this.#model.inputNames, "xs");
    this.#targets = tensorList(batch.ys, this.#model.outputNames, "ys");
    this.#wantsPredictions = context.wantsOutputs;
  }

  readonly #trainLoss = (): TfjsTensor => {
    let loss = this.#forward(true);
    for (const penalty of this.#model.calculateLosses()) loss = this.#ops.add(loss, penalty);
    return loss;
  };

  readonly #evalLoss = (): TfjsTensor => this.#ops.keep(this.#forward(false));

  /** The mean loss, summed over outputs. Leaves the metrics in `#metrics`. */
  #forward(training: boolean): TfjsTensor {
    const ops = this.#ops;
    const outputs = runModel(this.#model, this.#inputs, training);
    let total: TfjsTensor | null = null;
    for (const [index, loss] of this.#compiled.losses.entries()) {
      const mean = ops.mean(loss(this.#targets[index] as TfjsTensor, outputs[index] as TfjsTensor));
      total = total === null ? mean : ops.add(total, mean);
    }
    for (const { compute, output } of this.#compiled.metrics) {
      this.#metrics.push(ops.keep(ops.mean(compute(this.#targets[output] as TfjsTensor, outputs[output] as TfjsTensor))));
    }
    if (this.#wantsPredictions) this.#predictions = ops.keep(ops.clone(outputs[0] as TfjsTensor));
    return total as TfjsTensor;
  }

  #result(batch: TfjsBatch, loss: TfjsTensor, timed: boolean): MaybePromise<StepResult> {
    const synchronous = isSynchronous(this.#ops.getBackend());
    const metrics: Record<string, Scalar> = {};
    for (const [index, name] of this.metricNames.entries())
      metrics[name] = new TensorScalar(this.#metrics[index] as TfjsTensor, synchronous);
    this.#metrics = [];
    const result: StepResult = { loss: new TensorScalar(loss, synchronous), metrics, batchSize: samplesIn(batch.xs) };
    if (timed) result.timings = this.#step.timings();
    return this.#predictions === null ? result : this.#withOutputs(result, this.#predictions);
  }

  #withOutputs(result: StepResult, predictions: TfjsTensor): MaybePromise<StepResult> {
    this.#predictions = null;
    const complete = withOutputs(this.#ops, result, { predictions, targets: this.#targets[0], images: this.#inputs[0] });
    predictions.dispose();
    return complete;
  }

  #dropMetrics(): void {
    for (const metric of this.#metrics) metric.dispose();
    this.#metrics = [];
    this.#predictions?.dispose();
    this.#predictions = null;
  }

  #release(batch: TfjsBatch): void {
    this.#inputs = [];
    this.#targets = [];
    if (this.#disposeBatches) this.#ops.dispose(batch);
  }
}
