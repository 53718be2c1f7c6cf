/** What the options of several add methods may be, for `checkedOptions`. */
import type { OptionCheck } from "../../../support/option-keys.js";

/** A list of texts. */
export const aListOfTexts: OptionCheck = {
  allowed: "a list of texts",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};

/** A list, whose items are checked one by one. */
export const aList: OptionCheck = { allowed: "a list", accepts: Array.isArray };

/** Whatever is given is checked elsewhere: a wall time, where the record is accepted. */
export const unchecked: OptionCheck = { allowed: "any value", accepts: () => true };

/** A typed array of one of the types. */
export function anArrayOf(allowed: string, ...types: readonly (new (length: number) => object)[]): OptionCheck {
  return { allowed, accepts: (value) => types.some((type) => value instanceof type) };
}
