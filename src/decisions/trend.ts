/**
 * The trend of a noisy series, by statistics that single outliers do not change.
 * Values that are not finite keep their place in time and are ignored otherwise.
 */
import type { ResolvedDivergenceWarningConfig, ResolvedRisingLossWarningConfig } from "../contract/index.js";
import { better } from "./direction.js";

/** Makes the median absolute deviation of normal noise its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/** The middle value (of an even number, the mean of the two middle ones), or null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

/** The median distance from the median, or null for no values. */
export function medianDeviation(values: readonly number[]): number | null {
  const middle = median(values);
  return middle === null ? null : median(values.map((value) => Math.abs(value - middle)));
}

/** Change per check: the median of the slopes of all pairs (Theil 1950, Sen 1968), or null below two finite values. */
export function robustSlope(values: readonly number[]): number | null {
  const slopes: number[] = [];
  eachPair(values, (rise, run) => slopes.push(rise / run));
  return median(slopes);
}

/** Noise of one value, as a standard deviation: from the changes between neighbours, so that a steady trend adds nothing. */
export function noiseOf(values: readonly number[]): number | null {
  const changes: number[] = [];
  for (let i = 1; i < values.length; i++) changes.push((values[i] ?? NaN) - (values[i - 1] ?? NaN));
  const spread = medianDeviation(changes);
  return spread === null ? null : (MAD_TO_SIGMA * spread) / Math.SQRT2;
}

/** The values that are looked at (`window`), and the slope per check that must be exceeded (`minSlope`). */
export type RisingRule = Omit<ResolvedRisingLossWarningConfig, "monitor">;

/**
 * True when the window is full, its robust slope exceeds `minSlope`, and the rise is not what noise alone would do in
 * one case of twenty (Mann 1945, one-sided 5 %). Below four values, where no such test is possible, each must be above the one before.
 */
export function isRising(rule: RisingRule, values: readonly number[]): boolean {
  const recent = values.slice(-rule.window);
  const slope = robustSlope(recent);
  if (recent.length < rule.window || slope === null || !(slope > rule.minSlope)) return false;
  let score = 0;
  let pairs = 0;
  eachPair(recent, (rise) => {
    score += Math.sign(rise);
    pairs++;
  });
  const n = recent.filter(Number.isFinite).length;
  if (n < 4) return score === pairs;
  return (score - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18) >= 1.645;
}

/** `factor`: multiples of what noise is allowed, five deviations of the level; `window`: values whose median is the level. */
export type DivergenceRule = Omit<ResolvedDivergenceWarningConfig, "monitor">;

/** The state of the rule between checks: a plain value that a checkpoint can hold. */
export type DivergenceProgress = {
  /** The last values, oldest first: at most 40, or 8 windows. */
  readonly recent: readonly number[];
  /** The best median of a full window so far; null before the window is full. */
  readonly bestLevel: number | null;
};

/** What one check came to. */
export interface DivergenceVerdict {
  /** True: the metric is worse than its best by more than noise explains, or is not finite. */
  diverging: boolean;
  /** How much worse the level is than the best level; null before the window is full. */
  distance: number | null;
  /** The distance that noise explains; null before the window is full. */
  allowed: number | null;
  /** The median of the last `window` values; null before the window is full. */
  level: number | null;
  /** The progress to pass to the next check. */
  progress: DivergenceProgress;
}

/** The progress before the first check. */
export const DIVERGENCE_START: DivergenceProgress = { recent: [], bestLevel: null };

/** A level may always be worse than the best one by this share: rounding and drift of a flat curve are not divergence. */
const FLAT_SHARE = 0.01;
/** The best level is the best of many draws, so noise alone puts others several deviations away from it. */
const LEVEL_DEVIATIONS = 5;
/** The deviation of a median of n normal values is this times theirs, over √n. */
const MEDIAN_EFFICIENCY = 1.2533;

/**
 * Whether a metric diverges from its best. The level is the median of the last `window` values; it diverges when it is
 * worse than the best level by more than `factor` × five deviations of a level, and by more than 1 %. The noise is taken
 * from the last 40 values (or 8 windows), so nothing diverges before there are two windows of them.
 * A value that is not finite diverges at once and leaves the progress as it was. Pure.
 */
export function judgeDivergence(rule: DivergenceRule, progress: DivergenceProgress, value: number): DivergenceVerdict {
  if (!Number.isFinite(value)) return { diverging: true, distance: null, allowed: null, level: null, progress };
  const { window } = rule;
  const recent = [...progress.recent, value].slice(-Math.max(40, 8 * window));
  const level = recent.length < window ? null : median(recent.slice(-window));
  if (level === null) return { diverging: false, distance: null, allowed: null, level, progress: { ...progress, recent } };
  const previous = progress.bestLevel;
  const bestLevel = previous === null || better(rule.mode, level, previous) ? level : previous;
  const distance = Math.abs(level - bestLevel);
  const levelNoise = (MEDIAN_EFFICIENCY * (noiseOf(recent) ?? 0)) / Math.sqrt(window);
  const allowed = Math.max(rule.factor * LEVEL_DEVIATIONS * levelNoise, FLAT_SHARE * Math.abs(bestLevel));
  const diverging = recent.length >= 2 * window && distance > allowed;
  return { diverging, distance, allowed, level, progress: { recent, bestLevel } };
}

function eachPair(values: readonly number[], visit: (rise: number, run: number) => void): void {
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) {
      const rise = (values[j] ?? NaN) - (values[i] ?? NaN);
      if (Number.isFinite(rise)) visit(rise, j - i);
    }
  }
}
