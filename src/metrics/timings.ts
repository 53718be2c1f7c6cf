import { suggest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";

/** Why `timings` are no seconds by these keys, as a sentence without its end; null where they are. Allocates nothing then. */
export function timingsProblem(timings: unknown, keys: readonly string[]): string | null {
  if (typeof timings !== "object" || timings === null || Array.isArray(timings))
    return `timings is ${valueText(timings)}: it must be an object of seconds, ${keys.join(", ")}`;
  for (const key in timings) {
    if (!keys.includes(key)) return `timings has the key "${key}". ${suggest(key, keys).slice(0, -1)}`;
    const seconds: unknown = (timings as Record<string, unknown>)[key];
    if (seconds !== undefined && !isAmount(seconds)) return `${key} is ${valueText(seconds)}: it must be a number of at least 0`;
  }
  return null;
}

/** True for a finite number of at least 0. */
export function isAmount(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
