import { TrainscopeError } from "../support/errors.js";
import { uniqueNames } from "../support/unique-names.js";
import { allLayers } from "./layers.js";
import { renumbering } from "./names.js";
import type { TfjsLayersModel, TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

/** Gives layers and weights the names that they have in a new process. */
export type Rename = (name: string) => string;

/** The new names of a model's layers and weights. */
export function renamingOf(model: TfjsLayersModel): Rename {
  return renumbering([...allLayers(model).map(({ name }) => name), ...model.weights.map(({ originalName }) => originalName)]);
}

/** All weights of a model, moving averages included. */
export function nameWeights(model: TfjsLayersModel, rename: Rename): NamedVariable[] {
  const weights = [...new Set(model.weights)];
  const names = uniqueNames(
    weights.map(({ originalName }) => rename(originalName)),
    "_",
  );
  return weights.map((weight, index) => ({ name: names[index] ?? weight.name, variable: weight.read() as TfjsVariable }));
}

/**
 * Those of `variables` that an optimizer updates: of a model's, the trainable ones of layers that are not frozen. Throws `ERR_MODEL` where
 * there are none.
 */
export function trainedOf(
  variables: readonly NamedVariable[],
  model: TfjsLayersModel | undefined,
  path: string,
): NamedVariable[] {
  const inModel = model === undefined ? null : trainableIn(model);
  const trained = variables.filter(({ variable }) => variable.trainable && inModel?.has(variable) !== false);
  if (trained.length > 0) return trained;
  const message =
    model === undefined
      ? "No trainable variable is given: the optimizer has nothing to update."
      : `The model "${model.name}" has no trainable weights.`;
  throw new TrainscopeError("ERR_MODEL", message, { path });
}

/** The variables of a model that are trainable now. */
export function trainableIn(model: TfjsLayersModel): Set<TfjsVariable> {
  const variables = model.trainableWeights.map((weight) => weight.read() as TfjsVariable);
  return new Set(variables.filter(({ trainable }) => trainable));
}
