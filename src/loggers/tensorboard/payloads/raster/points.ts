import type { TypedArray } from "../../../../contract/index.js";

/** The extent of an axis. */
export interface Range {
  least: number;
  greatest: number;
}

/** The points that are drawn. */
export interface Points {
  xs: Float64Array;
  ys: Float64Array;
  /** The number of points that are not: NaN, infinite, or beyond 1e300. */
  leftOut: number;
  /** 0..1 where there are no points. */
  xRange: Range;
  yRange: Range;
}

const LARGEST = 1e300;
const PADDING = 0.04;

/** The points that can be drawn, and their ranges. */
export function collectPoints(x: TypedArray, y: TypedArray): Points {
  const xs = new Float64Array(x.length);
  const ys = new Float64Array(x.length);
  let count = 0;
  for (let index = 0; index < x.length; index += 1) {
    const across = Number(x[index]);
    const down = Number(y[index]);
    if (!(Math.abs(across) <= LARGEST && Math.abs(down) <= LARGEST)) continue;
    xs[count] = across;
    ys[count] = down;
    count += 1;
  }
  const points = { xs: xs.subarray(0, count), ys: ys.subarray(0, count) };
  return { ...points, leftOut: x.length - count, xRange: rangeOf(points.xs), yRange: rangeOf(points.ys) };
}

function rangeOf(values: Float64Array): Range {
  if (values.length === 0) return { least: 0, greatest: 1 };
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest };
}

/** A range with a margin at both ends; one that is too narrow to be divided is widened. */
export function paddedRange({ least, greatest }: Range): Range {
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  const narrow = greatest - least <= Math.max(size * 1e-10, 1e-290);
  const padding = narrow ? Math.max(size * 0.1, size === 0 ? 1 : 1e-280) : (greatest - least) * PADDING;
  return { least: least - padding, greatest: greatest + padding };
}
