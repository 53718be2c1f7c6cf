/**
 * Where a run is in its schedule. A schedule spans the batches that will be, and is at its end value at the last of them, however many of
 * them update the weights.
 */
import type { LearningRateSchedule } from "./schedule.js";

/** What ends a run; Infinity where the one or the other does not. */
export interface RunLimits {
  /** Optimizer steps, micro-batches not counted. */
  readonly steps: number;
  /** Train batches, micro-batches included. */
  readonly batches: number;
}

/** The steps that a schedule spans in a run with these limits: the shorter of both. */
export function spannedSteps(limits: RunLimits): number {
  return Math.min(limits.steps, limits.batches);
}

/**
 * The optimizer steps of a run with these limits, as far as it is known after `steps`, which took `batches`: as many batches a step as they
 * took. Exact where every batch is a step; before the first step each batch counts as one.
 */
export function stepsToBe(limits: RunLimits, [steps, batches]: readonly [steps: number, batches: number]): number {
  const byBatches = steps === batches ? limits.batches : Math.round((limits.batches * steps) / batches);
  return Math.min(limits.steps, Math.max(steps + 1, byBatches));
}

/**
 * The place in a schedule of `spannedSteps(limits)` after `steps` and `batches`, for `learningRateAt`: the completed steps where every batch
 * is a step. Where several batches make one step, it is not known which limit will end the run: the one that is nearer decides, so that
 * the schedule is at its end at the last batch. The warm-up is counted in steps; `warmupBatches` are the batches that it took.
 */
export function placeInSchedule(
  { warmupSteps }: Pick<LearningRateSchedule, "warmupSteps">,
  limits: RunLimits,
  warmupBatches: number,
  steps: number,
  batches: number,
): number {
  if (steps < warmupSteps) return steps;
  const last = spannedSteps(limits) - 1 - warmupSteps;
  const bySteps = stretched(steps - warmupSteps, limits.steps - 1 - warmupSteps, last);
  const byBatches = stretched(batches - warmupBatches, limits.batches - 1 - warmupBatches, last);
  return warmupSteps + Math.max(bySteps, byBatches);
}

/** `done` of `of` as a part of `last`: exact at both ends, and where `of` is `last`. */
function stretched(done: number, of: number, last: number): number {
  return done >= of ? last : (done * last) / of;
}
