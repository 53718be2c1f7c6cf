/**
 * Learning rates as pure functions of the completed steps: a schedule has no state.
 * - Length: a schedule of `totalSteps` spans the steps from 0 to `totalSteps` - 1, and has exactly its end value at the last of them and
 *   after it (torch `OneCycleLR`; torch `CosineAnnealingLR` of one step less).
 * - warm-up: 0 at the first step, linear, the whole rate after `warmupSteps` (Hugging Face `get_constant_schedule_with_warmup`,
 *   optax `linear_schedule`). The other kinds count from its end.
 * - step: × `gamma` every `stepSize` steps (torch `StepLR`).
 * - cosine: half a cosine from the base rate to `minLr` (Loshchilov and Hutter 2017, without restarts).
 * - oneCycle: cosine up from the base rate to `maxLr`, at its peak after `pctStart` of the steps; cosine down to `minLr`
 *   (Smith 2018; two phases, as in fastai and torch `OneCycleLR`).
 */
import type { ResolvedLearningRateScheduleConfig } from "../contract/index.js";

/** The schedule: a resolved config. `totalSteps` must be set before a rate of a kind that needs it is asked for (`needsTotalSteps`). */
export type LearningRateSchedule = ResolvedLearningRateScheduleConfig;

/** True for the kinds that must know how long the run is. */
export function needsTotalSteps(schedule: Pick<LearningRateSchedule, "kind">): boolean {
  return schedule.kind === "cosine" || schedule.kind === "oneCycle";
}

/**
 * The learning rate of the step that follows `completedSteps`, where `baseRate` is what the optimizer was built with. A place between two
 * steps is allowed: `completedSteps` need not be whole.
 */
export function learningRateAt(schedule: LearningRateSchedule, baseRate: number, completedSteps: number): number {
  const { kind, warmupSteps, minLr } = schedule;
  if (completedSteps < warmupSteps) return (baseRate * completedSteps) / warmupSteps;
  if (kind === "constant") return baseRate;
  const step = completedSteps - warmupSteps;
  if (kind === "step") return baseRate * schedule.gamma ** Math.floor(step / (schedule.stepSize ?? Infinity));
  const last = (schedule.totalSteps ?? Infinity) - 1 - warmupSteps;
  if (step >= last) return minLr;
  if (kind === "cosine") return cosine(baseRate, minLr, step / last);
  const { pctStart, maxLr = baseRate } = schedule;
  const peak = pctStart * (last + 1) - 1;
  return step < peak ? cosine(baseRate, maxLr, step / peak) : cosine(maxLr, minLr, (step - peak) / (last - peak));
}

/** `from` at progress 0, `to` at 1. */
function cosine(from: number, to: number, progress: number): number {
  return progress === 0 ? from : to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
}
