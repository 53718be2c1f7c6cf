/**
 * Buckets of one width, as `tensorboard.summary.v2.histogram` makes them: the same edges and counts to the last bit.
 * Where that one fails or loses counts (a range over the largest number, or too small to be divided) the counts stay right.
 */
import type { TypedArray } from "../../../contract/index.js";
import { TrainscopeError } from "../../../errors.js";

/** Buckets of the finite values. */
export interface Histogram {
  /** Three numbers a bucket: left edge, right edge, count. */
  rows: Float64Array;
  /** Values left out: NaN and infinities. */
  nonFinite: number;
}

export type Numbers = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

const MOST_BUCKETS = 1_000_000;

/** `count` buckets of one width from the least to the greatest value; equal values are all in the last one. */
export function uniformBuckets(values: Numbers, count: number): Histogram {
  checkCount(count);
  const rows = new Float64Array(count * 3);
  const { least, greatest, finite } = rangeOf(values);
  const nonFinite = values.length - finite;
  if (finite === 0) return { rows, nonFinite };
  if (least === greatest) {
    for (let at = 0; at < rows.length; at += 3) rows.fill(least, at, at + 2);
    rows[rows.length - 1] = finite;
    return { rows, nonFinite };
  }
  const scale = scaleFor(greatest - least, count);
  putEdges(rows, least, greatest, scale);
  const counts = countUniform(values, least * scale, (greatest * scale - least * scale) / count, count, scale);
  for (let bucket = 0; bucket < count; bucket += 1) rows[bucket * 3 + 2] = counts[bucket] as number;
  return { rows, nonFinite };
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count > 0 && count <= MOST_BUCKETS) return;
  throw new TrainscopeError(
    "ERR_METRIC_VALUE",
    `A histogram cannot have ${count} buckets.\nGive a whole number from 1 to ${MOST_BUCKETS}, or "tf1".`,
  );
}

/** The least and greatest finite value, and how many are finite. */
export function rangeOf(values: Numbers): { least: number; greatest: number; finite: number } {
  let least = Infinity;
  let greatest = -Infinity;
  let finite = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value - value !== 0) continue; // NaN or infinite
    finite += 1;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest, finite };
}

/** A power of two that brings the range to where it can be divided; nearly always 1. */
function scaleFor(range: number, count: number): number {
  if (range === Infinity) return 0.5;
  const step = range / count;
  return step === 0 || step * (count - 1) > range ? 2 ** 200 : 1; // the steps of a subnormal range may be rounded up past its end
}

function countUniform(values: Numbers, least: number, width: number, count: number, scale: number): Float64Array {
  const counts = new Float64Array(count);
  const last = count - 1;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value - value !== 0) continue;
    const bucket = ((value * scale - least) / width) | 0; // never negative, and far below 2^31
    (counts[bucket < last ? bucket : last] as number) += 1;
  }
  return counts;
}

/** Edges in the order of operations of numpy's `linspace`. */
function putEdges(rows: Float64Array, least: number, greatest: number, scale: number): void {
  const count = rows.length / 3;
  const start = least * scale;
  const step = (greatest * scale - start) / count;
  for (let bucket = 0; bucket < count; bucket += 1) {
    rows[bucket * 3] = bucket === 0 ? least : (bucket * step + start) / scale;
    if (bucket > 0) rows[bucket * 3 - 2] = rows[bucket * 3] as number;
  }
  rows[rows.length - 2] = greatest;
}
