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
    const numbers = Array.isArray(side)
      ? "\nNumbers in arrays become tensors by tf.tensor2d(rows), or batches by arrayLoader."
      : "";
    throw dataError(
      `Found ${valueText(side)}; the source is { xs, ys } of tensors, arrays of tensors, or tensors by name.${numbers}`,
      place,
    );
  }
  checkAlive(source, place);
  const counts = [...tensorsOf(xs), ...tensorsOf(ys)].map(({ shape }) => shape[0] ?? 0);
  const [count = 0] = counts;
  if (counts.every((other) => other === count) && count > 0) return count;
  throw dataError(`The tensors hold ${counts.join(", ")} samples; each needs the same number of samples, at least one.`, place);
}

/** Throws `ERR_LOADER_DATA` where a tensor of the source was disposed. */
export function checkAlive({ xs, ys }: TfjsBatch, place: string): void {
  if (![...tensorsOf(xs), ...tensorsOf(ys)].some(({ isDisposed }) => isDisposed)) return;
  throw dataError(
    "A tensor of the source is disposed. Batches are copied from it in every pass: keep it until the run has ended,\n" +
      "and where it is made inside of tf.tidy, return it from there.",
    place,
  );
}

function checkKeys(source: unknown, place: string): void {
  if (typeof source !== "object" || source === null || isTensor(source) || Array.isArray(source))
    throw dataError(
      `Found ${valueText(source)}. Allowed: { xs, ys } of tensors, as in ${place}(tf, { xs, ys }, { ${place === "tfjsSplit" ? "validationSplit: 0.2" : "batchSize: 32"} }).`,
      place,
    );
  const unknown = Object.keys(source).find((key) => key !== "xs" && key !== "ys");
  if (unknown !== undefined) throw dataError(unknownKeyMessage(unknown), place);
}

function dataError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path });
}
