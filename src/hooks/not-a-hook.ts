import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";

/** The error of what is given as a hook and is none. */
export function notAHookError(found: unknown, path: string): TrainscopeError {
  const hint = typeof found === "function" && found.name !== "" ? ` Pass an instance: new ${found.name}().` : "";
  return new TrainscopeError(
    "ERR_CONFIG",
    `A hook is an object with methods such as onTrainBatchEnd; found ${valueText(found)}.${hint}`,
    { path },
  );
}
