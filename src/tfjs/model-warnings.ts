import { allLayers } from "./layers.js";
import { type Rename, trainableIn } from "./model-weights.js";
import type { Group } from "./training.js";
import type { TfjsLayer, TfjsLayersModel } from "./types.js";

/** What of a model a resumed run cannot repeat. `unseeded`: layers whose random numbers no seed reaches. */
export function modelWarnings(model: TfjsLayersModel, rename: Rename, unseeded: readonly TfjsLayer[]): string[] {
  const warnings: string[] = [];
  const layers = new Set(allLayers(model));
  const names = unseeded.filter((layer) => layers.has(layer)).map(({ name }) => rename(name));
  if (names.length > 0)
    warnings.push(`Random numbers of ${names.join(", ")} cannot be seeded in TensorFlow.js: a resumed run will not repeat them.`);
  if (model.stateful)
    warnings.push(
      "The model keeps recurrent states between batches, which are not saved: a resumed run starts from zero states.",
    );
  return warnings;
}

/** Weights that became trainable after `tfjsModel` had looked: they stay as they are. */
export function unfrozenWarnings(model: TfjsLayersModel, { variables, trained }: Group): string[] {
  const trainable = trainableIn(model);
  const unfrozen = variables.filter((one) => trainable.has(one.variable) && !trained.includes(one)).map(({ name }) => name);
  if (unfrozen.length === 0) return [];
  return [
    `${unfrozen.length} weights (${unfrozen.join(", ")}) became trainable after tfjsModel was called, and are not trained.\nSet layer.trainable first, then call tfjsModel.`,
  ];
}
