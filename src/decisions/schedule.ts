/**
 * Learning rates as pure functions of the completed steps; nothing is carried from step to step.
 * - warm-up: 0 at the first step, linear, the whole rate after `warmupSteps` (Hugging Face `get_linear_schedule_with_warmup`,
 *   optax `linear_schedule`). The other kinds count from its end.
 * - step: × `gamma` every `stepSize` steps (torch `StepLR`).
 * - cosine: half a cosine from the base rate to `minLr` (Loshchilov and Hutter 2017, without restarts).
 * - oneCycle: cosine up from the base rate to `maxLr` during `pctStart` of the steps, cosine down to `minLr`
 *   (Smith 2018; two phases, as in fastai and torch `OneCycleLR`).
 */
import type { LearningRateScheduleConfig } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";

/** A schedule, complete except for `totalSteps`. */
export interface LearningRateSchedule {
  kind: "constant" | "step" | "cosine" | "oneCycle";
  warmupSteps: number;
  /** Steps after which cosine and oneCycle have arrived, warm-up included; they stay there. */
  totalSteps?: number | undefined;
  stepSize?: number | undefined;
  gamma: number;
  minLr: number;
  maxLr?: number | undefined;
  pctStart: number;
}

/** The schedule that a config stands for. Throws `ERR_CONFIG`, naming the key under `path`. */
export function learningRateSchedule(
  config: LearningRateScheduleConfig = {},
  path = "learningRateScheduleConfig",
): LearningRateSchedule {
  const schedule: LearningRateSchedule = {
    kind: config.kind ?? "constant",
    warmupSteps: config.warmupSteps ?? 0,
    totalSteps: config.totalSteps,
    stepSize: config.stepSize,
    gamma: config.gamma ?? 0.1,
    minLr: config.minLr ?? 0,
    maxLr: config.maxLr,
    pctStart: config.pctStart ?? 0.3,
  };
  const { kind, stepSize, maxLr } = schedule;
  const check = (good: boolean, key: keyof LearningRateSchedule, allowed: string): void => {
    if (!good)
      throw new TrainscopeError("ERR_CONFIG", `Found ${String(schedule[key])}; kind "${kind}" takes ${allowed}.`, {
        path: `${path}.${key}`,
      });
  };
  check(schedule.warmupSteps >= 0, "warmupSteps", "a number of steps, at least 0");
  check(kind !== "step" || (stepSize ?? 0) > 0, "stepSize", "the steps between two cuts, more than 0");
  check(schedule.gamma > 0, "gamma", "a number, more than 0");
  check(schedule.minLr >= 0, "minLr", "a rate, at least 0");
  check(kind !== "oneCycle" || (maxLr ?? 0) > 0, "maxLr", "the peak of the rate, more than 0");
  check(schedule.pctStart > 0 && schedule.pctStart < 1, "pctStart", "a share, more than 0 and less than 1");
  check(
    schedule.totalSteps === undefined || schedule.totalSteps > schedule.warmupSteps,
    "totalSteps",
    `more steps than the warm-up's ${schedule.warmupSteps}`,
  );
  return schedule;
}

/** True for the kinds that must know how long the run is. */
export function needsTotalSteps(schedule: Pick<LearningRateSchedule, "kind">): boolean {
  return schedule.kind === "cosine" || schedule.kind === "oneCycle";
}

/** The learning rate of the step that follows `completedSteps`, where `baseRate` is what the optimizer was built with. */
export function learningRateAt(schedule: LearningRateSchedule, baseRate: number, completedSteps: number): number {
  const { kind, warmupSteps, minLr } = schedule;
  if (completedSteps < warmupSteps) return (baseRate * completedSteps) / warmupSteps;
  if (kind === "constant") return baseRate;
  const step = completedSteps - warmupSteps;
  if (kind === "step") return baseRate * schedule.gamma ** Math.floor(step / (schedule.stepSize ?? Infinity));
  const progress = Math.min(1, step / ((schedule.totalSteps ?? Infinity) - warmupSteps));
  if (kind === "cosine") return cosine(baseRate, minLr, progress);
  const { pctStart, maxLr = baseRate } = schedule;
  return progress < pctStart
    ? cosine(baseRate, maxLr, progress / pctStart)
    : cosine(maxLr, minLr, (progress - pctStart) / (1 - pctStart));
}

/** `from` at progress 0, `to` at 1. */
function cosine(from: number, to: number, progress: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
}
