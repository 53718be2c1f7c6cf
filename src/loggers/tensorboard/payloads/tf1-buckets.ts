/**
 * The buckets of TensorFlow 1's histograms (tensorflow/core/lib/histogram/histogram.cc): limits from 1e-12 to 1e20, each 1.1
 * times the one before, their negatives, and 0. Adjacent empty buckets are joined; the outer edges are the least and the greatest
 * value, as in TensorBoard's own conversion of such histograms.
 *
 * The bucket of a value is found by the upper 16 bits of its float64. Values that share them differ by at most a sixteenth, less
 * than two limits do, so one comparison with one limit decides.
 */
import { rangeOf, type Histogram, type Numbers } from "./uniform-buckets.js";

const SMALLEST_LIMIT = 1e-12;
const LARGEST_LIMIT = 1e20;
const GROWTH = 1.1;
const CELLS = 2 ** 16;

interface Search {
  /** Ascending. A bucket holds the values below its limit. */
  limits: Float64Array;
  /** By the upper 16 bits of a float64: the bucket of the least value with these bits. */
  firstBucket: Uint16Array;
}

let search: Search | undefined;

/** The histogram of the finite values in TensorFlow 1's buckets. */
export function exponentialBuckets(values: Numbers): Histogram {
  search ??= makeSearch();
  const { least, greatest, finite } = rangeOf(values);
  return { rows: rowsOf(countValues(values, search), search.limits, least, greatest), nonFinite: values.length - finite };
}

const number = new Float64Array(1);
const quarters = new Uint16Array(number.buffer);
number[0] = -2;
/** The index of the upper 16 bits of a float64, by the byte order of this machine. */
const UPPER = quarters[3] === 0xc000 ? 3 : 0;

function countValues(values: Numbers, { limits, firstBucket }: Search): Float64Array {
  const counts = new Float64Array(limits.length);
  const last = limits.length - 1;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value - value !== 0) continue; // NaN or infinite
    number[0] = value;
    let bucket = firstBucket[quarters[UPPER] as number] as number;
    if (value >= (limits[bucket] as number) && bucket < last) bucket += 1;
    (counts[bucket] as number) += 1;
  }
  return counts;
}

function rowsOf(counts: Float64Array, limits: Float64Array, least: number, greatest: number): Float64Array {
  const rows: number[] = [];
  const start = counts.findIndex((count) => count > 0);
  if (start === -1) return new Float64Array(0);
  const end = counts.findLastIndex((count) => count > 0);
  let left = least;
  for (let bucket = start; bucket <= end; bucket += 1) {
    const count = counts[bucket] as number;
    if (count === 0 && counts[bucket + 1] === 0) continue;
    const right = bucket === end ? greatest : (limits[bucket] as number);
    rows.push(left, right, count);
    left = right;
  }
  return Float64Array.from(rows);
}

function makeSearch(): Search {
  const positive: number[] = [];
  for (let limit = SMALLEST_LIMIT; limit < LARGEST_LIMIT; limit *= GROWTH) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  const limits = Float64Array.from([...positive.map((limit) => -limit).reverse(), 0, ...positive]);
  const firstBucket = new Uint16Array(CELLS);
  for (let cell = 0; cell < CELLS; cell += 1) firstBucket[cell] = upperBound(limits, leastOfCell(cell));
  return { limits, firstBucket };
}

/** The least float64 with these upper 16 bits: for negative numbers the one with all lower bits set. */
function leastOfCell(cell: number): number {
  quarters.fill(cell >= CELLS / 2 ? 0xffff : 0);
  quarters[UPPER] = cell;
  return number[0] as number;
}

/** The first bucket whose limit is greater than `value`; the last one when none is. */
function upperBound(limits: Float64Array, value: number): number {
  let low = 0;
  let high = limits.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((limits[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
