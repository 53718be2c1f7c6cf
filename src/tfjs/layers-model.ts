import type { MaybePromise, ModelDescription, StepContext } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkedOptions } from "../support/option-keys.js";
import { uniqueNames } from "../support/unique-names.js";
import { BatchTensors } from "./batch-tensors.js";
import { compileModel, type Compiled, runModel } from "./compile.js";
import { describeLayers } from "./describe.js";
import { inputSlot, outputSlot, type Slot } from "./fit-shapes.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { missingKernels, refuseMissingKernels } from "./kernels.js";
import { allLayers } from "./layers.js";
import { renumbering } from "./names.js";
import { compiledOf, type TfjsOps } from "./ops.js";
import { type FilledLayersModelOptions, LAYERS_MODEL_RULES, type LayersModelOptions } from "./options.js";
import { unseededWarnings } from "./seed-weights.js";
import { StepSeeds } from "./seeding.js";
import { StepModel } from "./step-model.js";
import type { TfjsBatch, TfjsLayersModel, TfjsTensor, TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

type Rename = (name: string) => string;

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
  readonly #batch: BatchTensors;

  constructor(ops: TfjsOps, given: LayersModelOptions) {
    const options = checkedOptions<LayersModelOptions, FilledLayersModelOptions>(
      given,
      LAYERS_MODEL_RULES,
      "tfjsModel",
      TRAINING_INSTEAD,
    );
    const { model, disposeBatches } = options;
    const compiled = compileModel(options);
    const layers = allLayers(model);
    const rename = renumbering([...layers.map(({ name }) => name), ...model.weights.map(({ originalName }) => originalName)]);
    const variables = nameWeights(model, rename);
    const trained = trainedOf(model, variables);
    super({ ops, optimizer: compiled.optimizer, variables, trained, disposeBatches });
    this.metricNames = compiled.metrics.map(({ name }) => name);
    compiledOf(model).stopTraining = false; // as model.fit does: an earlier training may have left it set
    this.#model = model;
    this.#compiled = compiled;
    this.#rename = rename;
    this.#seeds = new StepSeeds(ops, layers);
    this.#batch = new BatchTensors(ops, inputSlots(model), outputSlots(model, compiled.lossNames));
  }

  describe(sampleInput?: unknown): MaybePromise<ModelDescription> {
    return describeLayers(this.ops, this.#model, this.#rename, sampleInput);
  }

  /** Layers whose initial weights no seed reaches. */
  unseeded(): Promise<readonly string[]> {
    return unseededWarnings(this.#model, this.#rename);
  }

  protected check(backend: string): readonly string[] {
    compiledOf(this.#model).stopTraining = false;
    refuseMissingKernels(backend, missingKernels(this.ops, this.#model.layers));
    const warnings: string[] = [];
    const unseeded = this.#seeds.unseeded.map(({ name }) => this.#rename(name));
    if (unseeded.length > 0)
      warnings.push(
        `Random numbers of ${unseeded.join(", ")} cannot be seeded in TensorFlow.js: a resumed run will not repeat them.`,
      );
    if (this.#model.stateful)
      warnings.push(
        "The model keeps recurrent states between batches, which are not saved: a resumed run starts from zero states.",
      );
    return warnings;
  }

  protected open(batch: TfjsBatch, context: StepContext, training: boolean): void {
    if (training && compiledOf(this.#model).stopTraining === true) throw stopRefused();
    this.#batch.open(batch, context, training);
    if (training) this.#seeds.begin(context.stepSeed);
  }

  /** The mean loss, summed over outputs; in training with the regularization losses. */
  protected loss(_batch: TfjsBatch, training: boolean): TfjsTensor {
    const { ops } = this;
    const { inputs, targets } = this.#batch;
    const outputs = runModel(this.#model, inputs, training);
    const losses = this.#compiled.losses.map((loss, index) => loss(targets[index] as TfjsTensor, outputs[index] as TfjsTensor));
    let total = meanOfSum(ops, losses, training);
    for (const { name, compute, output } of this.#compiled.metrics) {
      const known = compute === this.#compiled.losses[output] ? losses[output] : undefined;
      this.keepMetric(name, known ?? compute(targets[output] as TfjsTensor, outputs[output] as TfjsTensor));
    }
    this.keepOutputs(outputs[0], targets[0], inputs[0]);
    if (training) for (const penalty of this.#model.calculateLosses()) total = ops.add(total, penalty);
    return total;
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

function stopRefused(): TrainscopeError {
  return new TrainscopeError(
    "ERR_MODEL",
    "model.stopTraining was set, which ends model.fit only.\nIn a hook call trainer.requestStop(reason); early stopping is hooks.enableEarlyStoppingHook in the config.",
    { path: "model.stopTraining" },
  );
}

function inputSlots(model: TfjsLayersModel): Slot[] {
  return model.inputs.map(({ shape }, index) => inputSlot(model.inputNames[index] ?? "", shape, model.stateful));
}

function outputSlots(model: TfjsLayersModel, losses: readonly (string | null)[]): Slot[] {
  return model.outputs.map(({ shape }, index) =>
    outputSlot(model.outputNames[index] ?? "", shape, losses[index] ?? null, model.stateful),
  );
}

function nameWeights(model: TfjsLayersModel, rename: Rename): NamedVariable[] {
  const weights = [...new Set(model.weights)];
  const names = uniqueNames(
    weights.map(({ originalName }) => rename(originalName)),
    "_",
  );
  return weights.map((weight, index) => ({ name: names[index] ?? weight.name, variable: weight.read() as TfjsVariable }));
}

/** The weights that an optimizer updates. Throws `ERR_MODEL` where there are none. */
function trainedOf(model: TfjsLayersModel, variables: readonly NamedVariable[]): NamedVariable[] {
  const trainable = new Set(model.trainableWeights.map((weight) => weight.read()));
  const trained = variables.filter(({ variable }) => variable.trainable && trainable.has(variable));
  if (trained.length > 0) return trained;
  throw new TrainscopeError("ERR_MODEL", `The model "${model.name}" has no trainable weights.`, { path: "tfjsModel.model" });
}
