import { printable } from "../../support/printable.js";
import { valueText } from "../../support/value-text.js";
import { CUSTOM_SCALARS_TAG, HPARAMS_PREFIX } from "./files/tags.js";

/** TensorBoard cuts longer names on its page, and each request for a series holds its name. */
const MAX_LENGTH = 1000;

/** Why `name` cannot name a series, and what is allowed; null for a name that TensorBoard shows as it is. `what`: "tag", "hparam". */
export function tagProblem(name: unknown, what = "tag"): string | null {
  if (typeof name !== "string") return `The ${what} is ${valueText(name)}, not a string.`;
  const problem = problemOf(name);
  return problem === null ? null : `The ${what} ${problem}.`;
}

function problemOf(name: string): string | null {
  if (name === "") return "is empty";
  if (name.length > MAX_LENGTH) return `has ${name.length} characters. Allowed: at most ${MAX_LENGTH}`;
  if (printable(name) !== name) return "has a control character, a line break or half a character. Allowed: text on one line";
  if (name.split("/").includes("__proto__")) return 'has the segment "__proto__", which is no name in JavaScript';
  if (name.startsWith(HPARAMS_PREFIX) || name === CUSTOM_SCALARS_TAG)
    return "is one of TensorBoard's own. Use addHparams or addCustomScalars, or another tag";
  return null;
}
