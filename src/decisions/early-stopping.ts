/**
 * When a run has stopped improving.
 * - The first value sets the best, and counts only where it does not beat a `baseline`. An improvement is strict: better than the last *qualified* best by
 *   more than `minDelta` (a number, or a share of that best's absolute value), so that slow creep does not move the mark, and a run that
 *   still improves is not stopped.
 * - With `baseline`, the count of bad checks goes on until an improvement also beats the baseline by more than `minDelta`. A check that
 *   improves never stops (Keras).
 * - The true best is kept apart, for restoring weights.
 * - A value that is not finite never becomes a best. With `checkFinite` it stops the run, else it is a bad check.
 * - It stops when bad checks ≥ `patience`; a `patience` of 0 is one of 1 (Keras, Lightning).
 * - Order: finite, thresholds (inclusive), patience. The progress already holds the value when a threshold stops.
 * - The verdict says stop at every check until the value improves: a caller that does not stop (before `minEpochs`) gets it again at
 *   the next check.
 */
import type { ResolvedEarlyStoppingConfig } from "../contract/index.js";
import { numberText } from "../support/number-text.js";
import { better, deltaText, improvesOn } from "./direction.js";

/** The rule: a resolved early-stopping config. In one's own loop, `parseConfig(EarlyStoppingConfig, { patience: 5 })` makes one. */
export type EarlyStopRule = Omit<ResolvedEarlyStoppingConfig, "restoreBest">;

/** A value that `judgeEarlyStopping` was given, and when; null where the caller did not say. */
export type BestSeen = {
  /** The best of all finite values so far. */
  readonly value: number;
  /** Completed optimizer steps when it was measured, or null. */
  readonly step: number | null;
  /** Zero-based index of that epoch, or null. */
  readonly epoch: number | null;
};

/** The state of the rule between checks: a plain value that a checkpoint can hold. */
export type EarlyStopProgress = {
  /** The last best that beat the one before by more than `minDelta`. */
  readonly best: number | null;
  /** Checks in a row without improvement since then; with `baseline`, without one that beats it. */
  readonly badChecks: number;
  /** The best of all finite values; of equal ones the first. */
  readonly trueBest: BestSeen | null;
};

/** Why the rule stops: no improvement for `patience` checks, a threshold was reached, or a value that is not finite. */
export type StopKind = "patience" | "threshold" | "divergence" | "nonFinite";

/** What one check came to. */
export interface EarlyStopVerdict {
  /** True: the run should stop. */
  stop: boolean;
  /** Why it should stop; null when it should continue. */
  kind: StopKind | null;
  /** The reason as a sentence; null when it should continue. */
  reason: string | null;
  /** The progress to pass to the next check. */
  progress: EarlyStopProgress;
  /** The value improved by more than `minDelta`, or is the first. */
  improved: boolean;
  /** The value is the new true best: keep the weights now. */
  newBest: boolean;
}

/** The progress before the first check. */
export const EARLY_STOP_START: EarlyStopProgress = { best: null, badChecks: 0, trueBest: null };

/** When a value was measured. */
export interface MeasuredAt {
  /** Completed optimizer steps; it becomes `BestSeen.step`. */
  step?: number | undefined;
  /** Zero-based index of the epoch. Before `startFromEpoch`, the value is not judged. */
  epoch?: number | undefined;
}

/** What one more value means. Pure: the same rule, progress and value give the same verdict. */
export function judgeEarlyStopping(
  rule: EarlyStopRule,
  progress: EarlyStopProgress,
  value: number,
  at: MeasuredAt = {},
): EarlyStopVerdict {
  if (at.epoch !== undefined && at.epoch < rule.startFromEpoch) {
    return { stop: false, kind: null, reason: null, progress, improved: false, newBest: false };
  }
  const improved = improves(rule, progress.best, value);
  const newBest = Number.isFinite(value) && (progress.trueBest === null || better(rule.mode, value, progress.trueBest.value));
  const next: EarlyStopProgress = {
    best: improved ? value : progress.best,
    badChecks: improved && beatsBaseline(rule, value) ? 0 : progress.badChecks + 1,
    trueBest: newBest ? { value, step: at.step ?? null, epoch: at.epoch ?? null } : progress.trueBest,
  };
  const kind = stopKind(rule, next, value, improved);
  return {
    stop: kind !== null,
    kind,
    reason: kind === null ? null : reasonOf(kind, rule, next, value),
    progress: next,
    improved,
    newBest,
  };
}

/** True for a first finite value, and for one that beats `best` by more than `minDelta`. */
function improves(rule: EarlyStopRule, best: number | null, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (best === null) return true;
  return improvesOn(rule.mode, best, value, rule.minDelta);
}

function beatsBaseline({ mode, baseline, minDelta }: EarlyStopRule, value: number): boolean {
  return baseline === undefined || improvesOn(mode, baseline, value, minDelta);
}

function stopKind(rule: EarlyStopRule, next: EarlyStopProgress, value: number, improved: boolean): StopKind | null {
  const { mode, stoppingThreshold: goal, divergenceThreshold: limit } = rule;
  if (rule.checkFinite && !Number.isFinite(value)) return "nonFinite";
  if (goal !== undefined && Number.isFinite(value) && (mode === "min" ? value <= goal : value >= goal)) return "threshold";
  if (limit !== undefined && (mode === "min" ? value >= limit : value <= limit)) return "divergence";
  return !improved && next.badChecks >= rule.patience ? "patience" : null;
}

function reasonOf(kind: StopKind, rule: EarlyStopRule, next: EarlyStopProgress, value: number): string {
  const { monitor, mode } = rule;
  if (kind === "nonFinite") return `${monitor} is ${value}`;
  if (kind === "threshold")
    return `${monitor} is ${numberText(value)}, ${mode === "min" ? "at or below" : "at or above"} stoppingThreshold ${rule.stoppingThreshold}`;
  if (kind === "divergence") {
    return `${monitor} is ${numberText(value)}, ${mode === "min" ? "at or above" : "at or below"} divergenceThreshold ${rule.divergenceThreshold}`;
  }
  const checks = next.badChecks === 1 ? "1 check" : `${next.badChecks} checks`;
  const best = bestText(next.trueBest);
  if (next.best !== null && !beatsBaseline(rule, next.best))
    return `${monitor} has not been better than the baseline ${rule.baseline} for ${checks}; ${best}`;
  return `${monitor} has not improved by more than ${deltaText(rule.minDelta)} for ${checks}; ${best}`;
}

function bestText(best: BestSeen | null): string {
  if (best === null) return "no finite value so far";
  const text = `best ${numberText(best.value)}`;
  return best.epoch === null ? text : `${text} in epoch ${best.epoch + 1}`;
}
