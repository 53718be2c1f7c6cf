import type { Mode } from "../contract/index.js";
import { missingMode } from "./metric-direction.js";
import { TrainscopeError } from "../support/errors.js";

export { directionOf } from "./metric-direction.js";

/** True when `a` is strictly better than `b`. A value that is not finite is never better, and never beaten by one. */
export function better(mode: Mode, a: number, b: number): boolean {
  return Number.isFinite(a) && (mode === "min" ? a < b : a > b);
}

/**
 * `mode`, or "min" when it was left out for a metric whose name does not ask for "max".
 * Throws `ERR_MODE_REQUIRED` when it was left out for one that does.
 */
export function modeFor(
  monitor: string,
  mode: Mode | undefined,
  path: string,
  directions?: Readonly<Record<string, Mode>>,
): Mode {
  if (mode !== undefined) return mode;
  const fault = missingMode(monitor, directions);
  if (fault === null) return "min";
  throw new TrainscopeError("ERR_MODE_REQUIRED", fault, { path });
}
