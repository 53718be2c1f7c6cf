import { TrainscopeError } from "./errors.js";
import { valueText } from "./value-text.js";

/**
 * `value`, where it is a whole number of at least `least`; else `ERR_CONFIG` with what was found and what is allowed.
 * `what` names it in the message: `every(n, hook)`, `keepLatest(count)`. `path`: the error's place, where there is one.
 */
export function requireWholeNumber(value: unknown, least: number, what: string, path?: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw new TrainscopeError("ERR_CONFIG", `${what} takes a whole number of at least ${least}; found ${valueText(value)}.`, {
    path,
  });
}
