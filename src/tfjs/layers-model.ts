import type { MaybePromise, ModelDescription, StepContext } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkedOptions } from "../support/option-keys.js";
import { uniqueNames } from "../support/unique-names.js";
import { samplesIn, tensorList } from "./batch.js";
import { compileModel, type Compiled, runModel } from "./compile.js";
import { describeLayers } from "./describe.js";
import { missingKernels, refuseMissingKernels } from "./kernels.js";
import { allLayers } from "./layers.js";
import { renumbering } from "./names.js";
import type { TfjsOps } from "./ops.js";
import { type FilledLayersModelOptions, LAYERS_MODEL_RULES, type LayersModelOptions } from "./options.js";
import { StepSeeds } from "./seeding.js";
import { StepModel } from "./step-model.js";
import type { TfjsBatch, TfjsLayersModel, TfjsTensor, TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

type Rename = (name: string) => string;

/**
 * A `tf.LayersModel` that a trainer can train.
 * - The weights are the user's: after `fit`, `model.predict`, `model.evaluate` and `model.save` show what was learned.
 * - `trainStep` is what `model.fit` does with a batch: layers in training mode, the mean loss of every output,
 *   regularization losses; `evalStep` is what `model.evaluate` does: no dropout, no regularization losses.
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
  #inputs: TfjsTensor[] = [];
  #targets: TfjsTensor[] = [];

  constructor(ops: TfjsOps, given: LayersModelOptions) {
    const options = checkedOptions<LayersModelOptions, FilledLayersModelOptions>(given, LAYERS_MODEL_RULES, "tfjsModel");
    const { model, disposeBatches } = options;
    const compiled = compileModel(options);
    const layers = allLayers(model);
    const rename = renumbering([...layers.map(({ name }) => name), ...model.weights.map(({ originalName }) => originalName)]);
    const variables = nameWeights(model, rename);
    const trained = trainedOf(model, variables);
    super({ ops, optimizer: compiled.optimizer, variables, trained, disposeBatches });
    this.metricNames = compiled.metrics.map(({ name }) => name);
    this.#model = model;
    this.#compiled = compiled;
    this.#rename = rename;
    this.#seeds = new StepSeeds(ops, layers);
  }

  describe(sampleInput?: unknown): MaybePromise<ModelDescription> {
    return describeLayers(this.ops, this.#model, this.#rename, sampleInput);
  }

  protected check(backend: string): readonly string[] {
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
    this.#inputs = tensorList(batch.xs, this.#model.inputNames, "xs");
    this.#targets = tensorList(batch.ys, this.#model.outputNames, "ys");
    if (training) this.#seeds.begin(context.stepSeed);
  }

  /** The mean loss, summed over outputs; in training with the regularization losses. */
  protected loss(_batch: TfjsBatch, training: boolean): TfjsTensor {
    const { ops } = this;
    const outputs = runModel(this.#model, this.#inputs, training);
    let total: TfjsTensor | null = null;
    for (const [index, loss] of this.#compiled.losses.entries()) {
      const mean = ops.mean(loss(this.#targets[index] as TfjsTensor, outputs[index] as TfjsTensor));
      total = total === null ? mean : ops.add(total, mean);
    }
    for (const { name, compute, output } of this.#compiled.metrics)
      this.keepMetric(name, compute(this.#targets[output] as TfjsTensor, outputs[output] as TfjsTensor));
    this.keepOutputs(outputs[0], this.#targets[0], this.#inputs[0]);
    if (training) for (const penalty of this.#model.calculateLosses()) total = ops.add(total as TfjsTensor, penalty);
    return total as TfjsTensor;
  }

  protected close(): void {
    this.#inputs = [];
    this.#targets = [];
    this.#seeds.end();
  }

  protected samplesOf(batch: TfjsBatch): number {
    return samplesIn(batch.xs);
  }
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
