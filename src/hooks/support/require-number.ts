import { TrainscopeError } from "../../support/errors.js";

/** Throws `ERR_CONFIG` unless `value` is a finite number that is at least `least`. */
export function requireAtLeast(least: number, value: number, path: string): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new TrainscopeError("ERR_CONFIG", `Found ${String(value)}; allowed: a number, at least ${least}.`, { path });
}
