import { TrainscopeError } from "../../../support/errors.js";
import { suggest } from "../../../support/nearest.js";
import { valueText } from "../../../support/value-text.js";

/** The keys of `T`, as a list: it does not compile where one is missing. */
export function keysOf<T>(keys: Readonly<Record<keyof T, true>>): readonly string[] {
  return Object.keys(keys);
}

/** What is wrong with the keys of `value`, or null. `what` names the value: "The options". */
export function keysProblem(what: string, value: unknown, known: readonly string[]): string | null {
  if (typeof value !== "object" || value === null) return `${what}: found ${valueText(value)}. Allowed: an object.`;
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  return unknown === undefined ? null : `${what}: there is no key "${unknown}".\n${suggest(unknown, known)}`;
}

/** Throws `ERR_METRIC_VALUE` where `value` is not an object or has a key that is not `known`. */
export function requireKnownKeys(what: string, value: unknown, known: readonly string[]): void {
  const problem = keysProblem(what, value, known);
  if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", problem);
}
