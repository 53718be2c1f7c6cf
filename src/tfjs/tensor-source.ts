import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { tensorsOf, unknownKeyMessage } from "./batch.js";
import { isTensor } from "./ops.js";
import type { TfjsBatch, TfjsTensors } from "./types.js";

/** The samples in `source`, for the function `place`. Throws `ERR_LOADER_DATA` for anything but tensors of one number of samples. */
export function sampleCount(source: TfjsBatch, place: string): number {
  checkKeys(source, place);
  const { xs, ys } = source;
  for (const side of [xs, ys] as unknown[]) {
    if (typeof side === "object" && side !== null && tensorsOf(side as TfjsTensors).every(isTensor)) continue;
    throw dataError(
      `Found ${valueText(side)}; the source is { xs, ys } of tensors, arrays of tensors, or tensors by name.`,
      place,
    );
  }
  const counts = [...tensorsOf(xs), ...tensorsOf(ys)].map(({ shape }) => shape[0] ?? 0);
  const [count = 0] = counts;
  if (counts.every((other) => other === count) && count > 0) return count;
  throw dataError(`The tensors hold ${counts.join(", ")} samples; each needs the same number of samples, at least one.`, place);
}

function checkKeys(source: unknown, place: string): void {
  if (typeof source !== "object" || source === null || isTensor(source) || Array.isArray(source))
    throw dataError(
      `Found ${valueText(source)}. Allowed: { xs, ys } of tensors, as in ${place}(tf, { xs, ys }, { batchSize: 32 }).`,
      place,
    );
  const unknown = Object.keys(source).find((key) => key !== "xs" && key !== "ys");
  if (unknown !== undefined) throw dataError(unknownKeyMessage(unknown), place);
}

function dataError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path });
}
