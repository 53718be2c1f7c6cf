import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";

/** Where losses or metrics were given, for the message. */
interface Given {
  readonly value: unknown;
  readonly what: "loss" | "metrics";
  /** `tfjsModel.loss`, or `model.compile` for those that the model was compiled with. */
  readonly path: string;
}

/**
 * Throws `ERR_MODEL` for losses or metrics that TensorFlow.js would drop or fail on in the first step: under the name of no output, of
 * a wrong type, and an output without a loss.
 */
export function checkPerOutput(given: Given, outputs: readonly string[]): void {
  const { value, what } = given;
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) return checkList(given, value, outputs);
  if (typeof value !== "object") return checkOne(given, value, "every output");
  const unknown = Object.keys(value).find((name) => !outputs.includes(name));
  if (unknown !== undefined) throw refusal(given, `There is no output "${unknown}". ${suggest(unknown, outputs)}`);
  for (const name of outputs) {
    const own = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (own !== undefined && own !== null)
      for (const one of what === "metrics" ? [own].flat() : [own]) checkOne(given, one, `"${name}"`);
    else if (what === "loss")
      throw refusal(given, `The output "${name}" has no loss. Give one for each of ${outputs.join(", ")}.`);
  }
}

/** The name of every output's loss; null where it is a function. */
export function lossNames(loss: unknown, outputs: readonly string[]): (string | null)[] {
  return outputs.map((name, index) => {
    const own: unknown =
      typeof loss !== "object" ? loss : (loss as Record<string | number, unknown>)[Array.isArray(loss) ? index : name];
    return typeof own === "string" ? own : null;
  });
}

function checkList(given: Given, list: readonly unknown[], outputs: readonly string[]): void {
  if (given.what === "loss" && list.length !== outputs.length)
    throw refusal(given, `Found ${list.length} losses; the model has ${outputs.length} outputs: ${outputs.join(", ")}.`);
  for (const one of list) checkOne(given, one, "every output");
}

function checkOne(given: Given, one: unknown, output: string): void {
  if (typeof one === "string" || typeof one === "function") return;
  const hint = given.what === "metrics" ? " For one output, name it: metrics: { output: [...] }." : "";
  throw refusal(given, `Found ${valueText(one)} for ${output}. Allowed: a name, or a function of (yTrue, yPred).${hint}`);
}

function refusal({ path }: Given, message: string): TrainscopeError {
  return new TrainscopeError("ERR_MODEL", message, { path });
}
