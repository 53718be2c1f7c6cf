import type { MaybePromise, ModelDescription, StepContext } from "../contract/index.js";
import { checkedOptions } from "../support/option-keys.js";
import { BatchTensors } from "./batch-tensors.js";
import { ClassWeights } from "./class-weight.js";
import { compileModel, type Compiled, runModel } from "./compile.js";
import { describeLayers } from "./describe.js";
import { inputSlot, outputSlot, type Slot } from "./fit-shapes.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { missingKernels, refuseMissingKernels } from "./kernels.js";
import { allLayers } from "./layers.js";
import { modelWarnings, unfrozenWarnings } from "./model-warnings.js";
import { nameWeights, type Rename, renamingOf, trainedOf } from "./model-weights.js";
import { compiledOf, type TfjsOps } from "./ops.js";
import { type FilledLayersModelOptions, LAYERS_MODEL_RULES, type LayersModelOptions } from "./options.js";
import { unseededNames, unseededWarnings } from "./seed-weights.js";
import { StepSeeds } from "./seeding.js";
import { StepModel } from "./step-model.js";
import { clearStop, stopReason } from "./stop-training.js";
import { trainingOf } from "./training.js";
import type { TfjsBatch, TfjsLayersModel, TfjsTensor } from "./types.js";
import type { NamedVariable } from "./weights.js";

/**
 * A `tf.LayersModel` that a trainer can train.
 * - The weights are the user's: after `fit`, `model.predict`, `model.evaluate` and `model.save` show what was learned.
 * - `trainStep` is what `model.fit` does with a batch: layers in training mode, the mean loss of every output,
 *   regularization losses; `evalStep` is what `model.evaluate` does: no dropout, no regularization losses. Batches that `model.fit`
 *   refuses are refused, also those of a dataset, whose shapes `fitDataset` does not check.
 * - A step depends only on the weights, the optimizer, the batch and `context.stepSeed`, except for the layers that
 *   `warnings` names.
 * - Memory: after a step, its loss and metrics (until they are disposed) and requested gradients (until the next
 *   step) are the only tensors it left.
 */
export class LayersModelAdapter extends StepModel<TfjsBatch> {
  readonly metricNames: readonly string[];
  readonly #model: TfjsLayersModel;
  readonly #compiled: Compiled;
  readonly #rename: Rename;
  readonly #seeds: StepSeeds;
  readonly #variables: readonly NamedVariable[];
  readonly #trained: readonly NamedVariable[];
  readonly #classWeights: ClassWeights | null;
  readonly #batch: BatchTensors;

  constructor(ops: TfjsOps, given: LayersModelOptions) {
    const options = checkedOptions<LayersModelOptions, FilledLayersModelOptions>(
      given,
      LAYERS_MODEL_RULES,
      "tfjsModel",
      TRAINING_INSTEAD,
    );
    const { model, disposeBatches, classWeight, gradientClip, accumulateSteps } = options;
    const compiled = compileModel(options);
    const rename = renamingOf(model);
    const variables = nameWeights(model, rename);
    const trained = trainedOf(variables, model, "tfjsModel.model");
    compiledOf(model).collectedTrainableWeights = compiledOf(model).trainableWeights; // as `compile` has it
    const { optimizer } = compiled;
    const training = trainingOf(ops, { variables, trained }, { optimizer, gradientClip, accumulateSteps });
    super({ ops, step: training.step, optimizers: [training.optimizer], variables, trained, disposeBatches });
    this.metricNames = compiled.metrics.map(({ name }) => name);
    clearStop(model);
    const outputs = outputSlots(model, compiled.lossNames);
    this.#classWeights = classWeight === undefined ? null : new ClassWeights(ops, classWeight, outputs);
    this.#variables = variables;
    this.#trained = trained;
    this.#model = model;
    this.#compiled = compiled;
    this.#rename = rename;
    this.#seeds = new StepSeeds(ops, allLayers(model));
    this.#batch = new BatchTensors(ops, inputSlots(model), outputs);
  }

  /** As `model.fit`, which stops after the batch or epoch in which a program has set `model.stopTraining`. */
  get stopRequested(): string | null {
    return stopReason(this.#model);
  }

  describe(sampleInput?: unknown): MaybePromise<ModelDescription> {
    return describeLayers(this.ops, this.#model, this.#rename, sampleInput);
  }

  /** Layers whose initial weights no seed reaches. */
  async unseeded(): Promise<readonly string[]> {
    return unseededWarnings(await unseededNames(this.#model, this.#rename));
  }

  protected check(backend: string): readonly string[] {
    clearStop(this.#model);
    refuseMissingKernels(backend, missingKernels(this.ops, this.#model.layers));
    const group = { variables: this.#variables, trained: this.#trained };
    return [...modelWarnings(this.#model, this.#rename, this.#seeds.unseeded), ...unfrozenWarnings(this.#model, group)];
  }

  protected open(batch: TfjsBatch, context: StepContext, training: boolean): void {
    this.#batch.open(batch, context, training);
    if (training) this.#seeds.begin(context.stepSeed);
  }

  /** The mean loss, summed over outputs; in training with the regularization losses. */
  protected loss(_batch: TfjsBatch, training: boolean): TfjsTensor {
    const { ops } = this;
    const { inputs, targets } = this.#batch;
    const outputs = runModel(this.#model, inputs, training);
    const losses = this.#compiled.losses.map((loss, index) => loss(targets[index] as TfjsTensor, outputs[index] as TfjsTensor));
    const weighted = training ? this.#weighted(losses) : losses;
    let total = meanOfSum(ops, weighted, training);
    const perOutput = losses.length > 1 ? losses.length : 0; // of several outputs, the first metrics are their losses, as they were weighted
    let index = 0;
    for (const { name, compute, output } of this.#compiled.metrics) {
      const computed = index++ < perOutput ? weighted : losses;
      const known = compute === this.#compiled.losses[output] ? computed[output] : undefined;
      this.keepMetric(name, known ?? compute(targets[output] as TfjsTensor, outputs[output] as TfjsTensor));
    }
    this.keepOutputs(outputs[0], targets[0], inputs[0]);
    if (training) for (const penalty of this.#model.calculateLosses()) total = ops.add(total, penalty);
    return total;
  }

  #weighted(losses: readonly TfjsTensor[]): readonly TfjsTensor[] {
    const weights = this.#classWeights;
    if (weights === null) return losses;
    return losses.map((loss, index) => weights.apply(index, loss, this.#batch.targets[index] as TfjsTensor));
  }

  protected close(): void {
    this.#batch.close();
    this.#seeds.end();
  }

  protected samplesOf(): number {
    return this.#batch.samples;
  }
}

/**
 * The mean of the losses of all outputs, added up. `model.fit` adds the losses of the samples and then takes the mean, `model.evaluate`
 * the other way round: in the order of each, the result is the same to the bit.
 */
function meanOfSum(ops: TfjsOps, losses: readonly TfjsTensor[], training: boolean): TfjsTensor {
  const [first] = losses;
  if (first !== undefined && losses.length === 1) return ops.mean(first);
  const sum = (terms: readonly TfjsTensor[]): TfjsTensor => terms.reduce((total, term) => ops.add(total, term));
  const sameShape = losses.every(({ shape }) => String(shape) === String(first?.shape));
  return training && sameShape ? ops.mean(sum(losses)) : sum(losses.map((loss) => ops.mean(loss)));
}

function inputSlots(model: TfjsLayersModel): Slot[] {
  return model.inputs.map(({ shape }, index) => inputSlot(model.inputNames[index] ?? "", shape, model.stateful));
}

function outputSlots(model: TfjsLayersModel, losses: readonly (string | null)[]): Slot[] {
  return model.outputs.map(({ shape }, index) =>
    outputSlot(model.outputNames[index] ?? "", shape, losses[index] ?? null, model.stateful),
  );
}
