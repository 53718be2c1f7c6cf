/**
 * Learning rates as pure functions of the completed steps: a schedule has no state.
 * - Length: a schedule of `totalSteps` spans the steps from 0 to `totalSteps` - 1, and has exactly its end value at the last of them and
 *   after it (torch `OneCycleLR`; torch `CosineAnnealingLR`, `LinearLR` and `PolynomialLR` of one step less).
 * - warm-up: 0 at the first step, linear, the whole rate after `warmupSteps` (Hugging Face `get_constant_schedule_with_warmup`,
 *   optax `linear_schedule`). The other kinds count from its end, except `milestones` and `function`, whose steps are those of the run.
 * - step: × `gamma` every `stepSize` steps (torch `StepLR`).
 * - exponential: × `gamma` over `stepSize` steps, a little in each (torch `ExponentialLR`, Keras `ExponentialDecay`); without
 *   `stepSize` over the whole schedule.
 * - milestones: × `gamma` at each of them (torch `MultiStepLR`).
 * - linear, polynomial: from the base rate to `minLr`, along (1 - share)^`power` (torch `PolynomialLR`, Keras `PolynomialDecay`).
 * - cosine: half a cosine from the base rate to `minLr` (Loshchilov and Hutter 2017, without restarts).
 * - cosineRestarts: one such cosine after another (the same paper; torch `CosineAnnealingWarmRestarts`, Keras `CosineDecayRestarts`).
 * - oneCycle: cosine up from the base rate to `maxLr`, at its peak after `pctStart` of the steps; cosine down to `minLr`
 *   (Smith 2018; two phases, as in fastai and torch `OneCycleLR`).
 * - function: what `rate` returns; the warm-up multiplies it.
 */
import type { ResolvedLearningRateScheduleConfig, ScheduleKind } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { cosine, cycleAt, firstOfCycles, polynomial } from "./schedule-shapes.js";

/** The schedule: a resolved config. `totalSteps` must be set before a rate of a kind that needs it is asked for (`needsTotalSteps`). */
export type LearningRateSchedule = ResolvedLearningRateScheduleConfig;

const FALLING: ReadonlySet<ScheduleKind> = new Set<ScheduleKind>([
  "linear",
  "polynomial",
  "cosine",
  "cosineRestarts",
  "oneCycle",
]);

/** What decides whether a schedule spans a length. */
type Kind = Pick<LearningRateSchedule, "kind" | "stepSize" | "cycleSteps">;

/** True for a schedule that must know how long the run is. */
export function needsTotalSteps({ kind, stepSize, cycleSteps }: Kind): boolean {
  if (kind === "exponential") return stepSize === undefined;
  if (kind === "cosineRestarts") return cycleSteps === undefined;
  return FALLING.has(kind);
}

/** True for the kinds that go from the base rate to `minLr`. */
export function fallsToMinLr({ kind }: Pick<LearningRateSchedule, "kind">): boolean {
  return FALLING.has(kind);
}

/**
 * The learning rate of the step that follows `completedSteps`, where `baseRate` is what the optimizer was built with. A place between two
 * steps is allowed: `completedSteps` need not be whole. Throws `ERR_CONFIG` where `rate` of kind "function" returns no learning rate.
 */
export function learningRateAt(schedule: LearningRateSchedule, baseRate: number, completedSteps: number): number {
  const { kind, warmupSteps } = schedule;
  const warmup = completedSteps < warmupSteps ? completedSteps / warmupSteps : 1;
  if (kind === "function") return warmup * ownRate(schedule, baseRate, completedSteps);
  if (warmup < 1) return (baseRate * completedSteps) / warmupSteps;
  if (kind === "milestones") return baseRate * schedule.gamma ** passed(schedule.milestones ?? [], completedSteps);
  return rateAfterWarmup(schedule, baseRate, completedSteps - warmupSteps);
}

/** `step`: counted from the end of the warm-up. */
function rateAfterWarmup(schedule: LearningRateSchedule, base: number, step: number): number {
  const { kind, gamma, stepSize, minLr, warmupSteps, totalSteps = Infinity } = schedule;
  if (kind === "constant") return base;
  if (kind === "step") return base * gamma ** Math.floor(step / (stepSize ?? Infinity));
  if (kind === "exponential" && stepSize !== undefined) return base * gamma ** (step / stepSize);
  if (kind === "cosineRestarts" && schedule.cycleSteps !== undefined)
    return restarting(schedule, base, step, schedule.cycleSteps);
  const last = totalSteps - 1 - warmupSteps;
  if (step >= last) return kind === "exponential" ? base * gamma : minLr;
  const progress = step / last;
  if (kind === "exponential") return base * gamma ** progress;
  if (kind === "linear") return polynomial(base, minLr, progress, 1);
  if (kind === "polynomial") return polynomial(base, minLr, progress, schedule.power);
  if (kind === "cosine") return cosine(base, minLr, progress);
  if (kind === "cosineRestarts")
    return restarting(schedule, base, step, firstOfCycles(last, schedule.cycles ?? 1, schedule.cycleFactor));
  const { pctStart, maxLr = base } = schedule;
  const peak = pctStart * (last + 1) - 1;
  return step < peak ? cosine(base, maxLr, step / peak) : cosine(maxLr, minLr, (step - peak) / (last - peak));
}

/** `first`: the steps of the first cosine. */
function restarting(schedule: LearningRateSchedule, base: number, step: number, first: number): number {
  const { minLr, cycleFactor: factor, cycleDecay } = schedule;
  const { index, progress } = cycleAt({ first, factor }, step);
  return cosine(index === 0 ? base : minLr + (base - minLr) * cycleDecay ** index, minLr, progress);
}

function passed(milestones: readonly number[], step: number): number {
  let count = 0;
  while (count < milestones.length && (milestones[count] as number) <= step) count++;
  return count;
}

/** What the user's function returns, checked: a rate that is no number would end in weights that are none. */
function ownRate({ rate, totalSteps = Infinity }: LearningRateSchedule, baseRate: number, step: number): number {
  const found: unknown = rate?.(step, totalSteps, baseRate);
  if (typeof found === "number" && Number.isFinite(found) && found >= 0) return found;
  const message = `rate(${step}, ${totalSteps}, ${baseRate}) returned ${valueText(found)}. It must return the learning rate: a finite number of at least 0.`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "rate" });
}
