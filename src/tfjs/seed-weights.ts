import { TrainscopeError } from "../support/errors.js";
import { isLayersModel } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { seedInitialWeights, unseededLayers } from "./initial-weights.js";
import type { Rename } from "./model-weights.js";
import { opsOf } from "./ops.js";
import type { Tfjs, TfjsLayersModel } from "./types.js";

/**
 * Makes the initial weights of a model repeatable: `tfjsSeedWeights(tf, net, 7)` before it is trained gives the same weights in every
 * process. TensorFlow.js draws them when a layer is made, without a seed where its initializer has none.
 * - Each weight that was drawn without a seed is drawn again by its layer's initializer, with a seed of its own. Those of initializers
 *   with a seed stay, as do weights that `tf.loadLayersModel` loaded: of a loaded model with new layers, the new ones are drawn.
 * - Weights that were set or trained otherwise are lost.
 * - A custom layer is reached where `this.kernelInitializer` draws its weight `kernel`, as in the layers of TensorFlow.js.
 * Throws `ERR_CONFIG` for anything but a `LayersModel` with weights, and for a seed that is no integer.
 */
export function tfjsSeedWeights(tf: Tfjs, model: TfjsLayersModel, seed: number): void {
  const ops = opsOf(tf);
  if (!isLayersModel(model)) throw refused(`Found ${valueText(model)}. Allowed: a tf.LayersModel.`, "model");
  if (!Number.isSafeInteger(seed))
    throw refused(`Found ${valueText(seed)}. Allowed: an integer, such as that of the config.`, "seed");
  if (model.layers.every(({ weights }) => weights.length === 0))
    throw refused("The model has no weights yet. Give its first layer an inputShape, or call model.build(inputShape).", "model");
  seedInitialWeights(ops, model, seed);
}

/** The layers of a model whose initial weights no seed reaches, by the names that `rename` gives them. */
export async function unseededNames(model: TfjsLayersModel, rename: Rename): Promise<string[]> {
  return (await unseededLayers(model)).map(({ name }) => rename(name));
}

/** What a run should know whose config sets a seed, where no seed reaches the layers `names`. */
export function unseededWarnings(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length <= MAX_NAMED + 1 ? names.slice(MAX_NAMED) : [`${names.length - MAX_NAMED} more`];
  return [
    `The seed of the config does not reach the initial weights of ${[...names.slice(0, MAX_NAMED), ...rest].join(", ")}: TensorFlow.js drew ` +
      "them when the layers were made, without a seed. Unless they were set since, another run with this seed starts from other weights.\n" +
      "Call tfjsSeedWeights(tf, net, 7) of trainscope/tfjs before tfjsModel, or give each layer a\n" +
      "kernelInitializer: tf.initializers.glorotUniform({ seed: 7 }).",
  ];
}

const MAX_NAMED = 3;

function refused(message: string, what: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path: `tfjsSeedWeights ${what}` });
}
