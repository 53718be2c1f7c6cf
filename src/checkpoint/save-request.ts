import type { CheckpointBundle, SaveDetails } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import {
  aFlag,
  aWholeNumber,
  checkedOptions,
  optional,
  required,
  type OptionCheck,
  type OptionRules,
} from "../support/option-keys.js";
import { aNumber, recordOf } from "../support/shape.js";

const aState: OptionCheck = {
  allowed: "an object of { dtype, shape, data } by name",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const BUNDLE: OptionRules<CheckpointBundle, CheckpointBundle> = {
  model: required(aState),
  optimizers: optional({ ...aState, allowed: "an object of states by the optimizer's name" }),
  run: optional({ allowed: "a state value", accepts: () => true }), // encoding it checks it, with the path
};
const DETAILS: OptionRules<SaveDetails, SaveDetails> = {
  epoch: required(aWholeNumber),
  step: required(aWholeNumber),
  metrics: optional({ ...aState, allowed: "an object of numbers by metric name" }),
  important: optional(aFlag),
};

/** Checks what a save is given: what is stored must be what a load accepts. Throws `ERR_CONFIG` at `save.<key>`. */
export function checkSave(bundle: CheckpointBundle, at: SaveDetails): void {
  checkedOptions(bundle, BUNDLE, "save");
  const { metrics = {} } = checkedOptions(at, DETAILS, "save");
  const problem = recordOf(aNumber)(metrics, "metrics");
  if (problem !== null) throw new TrainscopeError("ERR_CONFIG", `${problem}.`, { path: "save" });
}
