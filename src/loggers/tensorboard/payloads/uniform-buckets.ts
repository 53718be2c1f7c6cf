/**
 * Buckets of equal width, with the same edges and counts as `tensorboard.summary.v2.histogram`, to the last bit.
 * Where that function fails or loses counts (a range over the largest number, or too small to be divided), the counts are right.
 */
import type { TypedArray } from "../../../contract/index.js";

/** The buckets of the finite values. */
export interface Histogram {
  /** Three numbers per bucket: left edge, right edge, count. */
  rows: Float64Array;
  /** The number of values that are NaN or infinite. */
  nonFinite: number;
}

/** The arrays whose elements are numbers. */
export type Numbers = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

/** The largest number of buckets. */
export const MOST_BUCKETS = 1_000_000;
/** Up to so many buckets, four counters for each are faster than one. */
const MOST_LANE_BUCKETS = 1024;

/** `count` buckets of equal width from the least to the greatest value; values that are all equal are in the last one. */
export function uniformBuckets(values: Numbers, count: number): Histogram {
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
  const width = (greatest * scale - least * scale) / count;
  const isPlain = nonFinite === 0 && scale === 1 && count <= MOST_LANE_BUCKETS;
  const counts = isPlain ? countFinite(values, least, width, count) : countUniform(values, least * scale, width, count, scale);
  for (let bucket = 0; bucket < count; bucket += 1) rows[bucket * 3 + 2] = counts[bucket] as number;
  return { rows, nonFinite };
}

/** True for a number of buckets that a histogram can have. */
export function isBucketCount(count: unknown): boolean {
  return Number.isInteger(count) && (count as number) > 0 && (count as number) <= MOST_BUCKETS;
}

/** The least and the greatest finite value, and the number of finite values. */
export function rangeOf(values: Numbers): { least: number; greatest: number; finite: number } {
  return rangeOfFinite(values) ?? rangeOfAny(values);
}

/** Null where a value may not be finite: then the sum is not. Four sums, so that no addition waits for the one before. */
function rangeOfFinite(values: Numbers): { least: number; greatest: number; finite: number } | null {
  if (values.length === 0) return null;
  let least = values[0] as number;
  let greatest = least;
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    const a = values[index] as number;
    const b = values[index + 1] as number;
    const c = values[index + 2] as number;
    const d = values[index + 3] as number;
    if (a < least) least = a;
    else if (a > greatest) greatest = a;
    if (b < least) least = b;
    else if (b > greatest) greatest = b;
    if (c < least) least = c;
    else if (c > greatest) greatest = c;
    if (d < least) least = d;
    else if (d > greatest) greatest = d;
    sumA += a;
    sumB += b;
    sumC += c;
    sumD += d;
  }
  for (let index = whole; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value < least) least = value;
    else if (value > greatest) greatest = value;
    sumA += value;
  }
  const sum = sumA + sumB + sumC + sumD;
  return sum - sum === 0 ? { least, greatest, finite: values.length } : null;
}

function rangeOfAny(values: Numbers): { least: number; greatest: number; finite: number } {
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

/** A power of two by which values are scaled so that the range can be divided; nearly always 1. */
function scaleFor(range: number, count: number): number {
  if (range === Infinity) return 0.5;
  const step = range / count;
  return step === 0 || step * (count - 1) > range ? 2 ** 200 : 1; // steps of a subnormal range may be rounded up past its end
}

function countUniform(values: Numbers, least: number, width: number, count: number, scale: number): Float64Array {
  const counts = new Float64Array(count);
  const last = count - 1;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value - value !== 0) continue;
    const bucket = ((value * scale - least) / width) | 0; // never negative, and much less than 2^31
    (counts[bucket < last ? bucket : last] as number) += 1;
  }
  return counts;
}

/** The same for finite values. Four counters per bucket: an addition to one that was just changed would have to wait. */
function countFinite(values: Numbers, least: number, width: number, count: number): Float64Array {
  const lane = count + 1; // the greatest value is counted after the last bucket
  const lanes = new Int32Array(lane * 4);
  const whole = values.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    const a = (((values[index] as number) - least) / width) | 0;
    const b = (((values[index + 1] as number) - least) / width) | 0;
    const c = (((values[index + 2] as number) - least) / width) | 0;
    const d = (((values[index + 3] as number) - least) / width) | 0;
    (lanes[a] as number) += 1;
    (lanes[lane + b] as number) += 1;
    (lanes[lane * 2 + c] as number) += 1;
    (lanes[lane * 3 + d] as number) += 1;
  }
  for (let index = whole; index < values.length; index += 1) {
    (lanes[(((values[index] as number) - least) / width) | 0] as number) += 1;
  }
  const counts = new Float64Array(count);
  for (let bucket = 0; bucket < lane; bucket += 1) {
    const sum = [0, 1, 2, 3].reduce((total, part) => total + (lanes[lane * part + bucket] as number), 0);
    (counts[Math.min(bucket, count - 1)] as number) += sum;
  }
  return counts;
}

/** Writes the edges, computed in the order of operations of numpy's `linspace`. */
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
