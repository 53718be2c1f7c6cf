import type { LayerDescription, ModelDescription } from "../../../contract/index.js";
import {
  aNumber,
  aText,
  checkedOptions,
  optional,
  required,
  type OptionCheck,
  type OptionRules,
} from "../../../support/option-keys.js";
import { aList, aListOfTexts, unchecked } from "./option-checks.js";

const isSize = (size: unknown): boolean => size === null || (Number.isSafeInteger(size) && (size as number) >= 0);
const aShape: OptionCheck = {
  allowed: "a list of integers from 0, or null for any size",
  accepts: (value) => Array.isArray(value) && value.every(isSize),
};

const MODEL: OptionRules<ModelDescription, ModelDescription> = {
  name: optional(aText),
  layers: required(aList),
  parameterCount: optional(aNumber),
  signature: optional({
    allowed: "an object with the lists inputs and outputs",
    accepts: (value) => {
      const inputs = (value as { inputs?: unknown } | null)?.inputs;
      return Array.isArray(inputs) && inputs.every((input) => typeof input === "object" && input !== null);
    },
  }),
  inputExample: optional(unchecked),
  files: optional(aList),
};

const LAYER: OptionRules<LayerDescription, LayerDescription> = {
  name: required(aText),
  op: required(aText),
  inputs: required(aListOfTexts),
  outputShape: optional(aShape),
  dtype: optional(aText),
  parameters: optional(aNumber),
};

/** Throws `ERR_CONFIG` where a part of `description` that a graph shows is unknown or of another type. */
export function checkDescription(description: ModelDescription): void {
  const { layers } = checkedOptions<ModelDescription, ModelDescription>(description, MODEL, "model");
  for (const [index, layer] of layers.entries()) {
    checkedOptions<LayerDescription, LayerDescription>(layer, LAYER, `model.layers[${index}]`);
  }
}
