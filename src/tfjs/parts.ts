import { TrainscopeError } from "../support/errors.js";
import { checkedOptions } from "../support/option-keys.js";
import { isLayersModel } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { nameVariables } from "./callback-model.js";
import { nameWeights, type Rename, renamingOf, trainedOf } from "./model-weights.js";
import { PART_RULES, PARTS_INSTEAD, type TfjsPart } from "./parts-options.js";
import type { TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

/** A part with its variables by the names that they are saved under. */
export interface NamedPart extends Pick<TfjsPart, "model" | "optimizer" | "gradientClip"> {
  readonly name: string;
  readonly variables: readonly NamedVariable[];
  /** Those of `variables` that its optimizer updates. */
  readonly trained: readonly NamedVariable[];
  /** Gives the layers of its model the names that they have in a new process. */
  readonly rename: Rename;
}

/** Throws `ERR_CONFIG` and `ERR_MODEL` for a part that cannot be saved or trained, and for variables that two of them have. */
export function namedParts(parts: Readonly<Record<string, TfjsPart>>): NamedPart[] {
  const named = Object.entries(parts).map(([name, part]) => namedPart(name, part));
  const owners = new Map<TfjsVariable, string>();
  for (const { name, variables } of named) {
    for (const { name: weight, variable } of variables) {
      const owner = owners.get(variable);
      owners.set(variable, name);
      if (owner === undefined) continue;
      const message = `"${weight}" belongs to the part "${owner}" too. Give every model once, without models that are made of others: step can call several.`;
      throw new TrainscopeError("ERR_CONFIG", message, { path: `tfjsModel.parts.${name}` });
    }
  }
  return named;
}

function namedPart(name: string, given: TfjsPart): NamedPart {
  const path = `tfjsModel.parts.${name}`;
  if (!/^[\w-]+$/.test(name))
    throw refusal(`Found the name ${valueText(name)}. Allowed: letters, digits, "_" and "-".`, "tfjsModel.parts");
  if (isLayersModel(given)) throw refusal(`Found a LayersModel. Write ${name}: { model, optimizer }.`, path);
  const {
    model,
    variables: list,
    optimizer,
    gradientClip,
  } = checkedOptions<TfjsPart, TfjsPart>(given, PART_RULES, path, PARTS_INSTEAD);
  if ((model === undefined) === (list === undefined)) throw refusal("Give either model or variables.", path);
  const rename = model === undefined ? (layer: string): string => layer : renamingOf(model);
  const bare = model === undefined ? nameVariables(list ?? []) : nameWeights(model, rename);
  const variables = bare.map((one) => ({ ...one, name: `${name}/${one.name}` }));
  const trained = optimizer === undefined ? [] : trainedOf(variables, model, path);
  return { name, model, optimizer, gradientClip, variables, trained, rename };
}

function refusal(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}
