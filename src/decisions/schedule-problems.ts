/** What is wrong with a schedule for the optimizer and the run that it is used in; the schema sees neither. */
import { numberText } from "../support/number-text.js";
import { fallsToMinLr, needsTotalSteps, type LearningRateSchedule } from "./schedule.js";
import { firstOfCycles } from "./schedule-shapes.js";

/** A problem, and the option to change. */
export interface ScheduleProblem {
  /** The option of the schedule that does not fit. */
  readonly option: "minLr" | "maxLr" | "warmupSteps" | "stepSize" | "milestones" | "cycles" | "cycleSteps";
  /** What does not fit, and what to change. */
  readonly message: string;
  /** True: the schedule cannot be what it says. False: a part of it is not reached. */
  readonly isError: boolean;
}

/** The problem of an optimizer with `baseRate`: the rate would rise where the kind lets it fall, or the other way round. */
export function rateProblem(
  { kind, minLr, maxLr }: Pick<LearningRateSchedule, "kind" | "minLr" | "maxLr">,
  optimizer: string,
  baseRate: number,
): ScheduleProblem | null {
  if (!fallsToMinLr({ kind })) return null;
  const rate = `the learning rate that the optimizer "${optimizer}" starts with (${numberText(baseRate)})`;
  if (minLr > baseRate) {
    const message = `minLr is ${minLr}, above ${rate}: it is the rate at the end, after the fall.\nLower minLr, or give the optimizer a higher learning rate.`;
    return { option: "minLr", message, isError: true };
  }
  if (kind === "oneCycle" && maxLr !== undefined && maxLr < baseRate) {
    const message = `maxLr is ${maxLr}, below ${rate}: it is the rate at the peak.\nRaise maxLr, or give the optimizer a lower learning rate.`;
    return { option: "maxLr", message, isError: true };
  }
  return null;
}

/** What of a schedule its length in steps must fit. */
export type SteppedSchedule = Pick<
  LearningRateSchedule,
  "kind" | "warmupSteps" | "stepSize" | "milestones" | "cycles" | "cycleSteps"
> &
  Partial<Pick<LearningRateSchedule, "cycleFactor">>;

/** The problem of a run of `steps`: it ends before the schedule has begun, or before a part of it is due. */
export function shortRunProblem(schedule: SteppedSchedule, steps: number): ScheduleProblem | null {
  const { warmupSteps } = schedule;
  if (warmupSteps > 0 && steps <= warmupSteps) {
    const message = `The run has ${steps} steps, and the warm-up alone takes ${warmupSteps}: the whole learning rate is never reached.\nLower warmupSteps, or train longer.`;
    return { option: "warmupSteps", message, isError: needsTotalSteps(schedule) };
  }
  if (steps === warmupSteps + 1 && needsTotalSteps(schedule)) return oneStepProblem(schedule);
  return firstCutProblem(schedule, steps) ?? milestonesProblem(schedule, steps) ?? cyclesProblem(schedule, steps);
}

function firstCutProblem({ kind, warmupSteps, stepSize = 0 }: SteppedSchedule, steps: number): ScheduleProblem | null {
  if (kind !== "step" || steps > warmupSteps + stepSize) return null;
  const message = `The run has ${steps} steps, and the first cut comes after ${warmupSteps + stepSize}: the learning rate is never cut.\nLower stepSize, or train longer.`;
  return { option: "stepSize", message, isError: false };
}

function milestonesProblem({ kind, milestones = [] }: SteppedSchedule, steps: number): ScheduleProblem | null {
  const late = kind === "milestones" ? milestones.filter((milestone) => milestone >= steps) : [];
  if (late.length === 0) return null;
  const message = `The run has ${steps} steps, so these milestones are never reached: ${late.join(", ")}.\nLower them, or train longer.`;
  return { option: "milestones", message, isError: false };
}

function cyclesProblem(schedule: SteppedSchedule, steps: number): ScheduleProblem | null {
  const { kind, warmupSteps, cycles = 1, cycleSteps, cycleFactor = 1 } = schedule;
  if (kind !== "cosineRestarts") return null;
  if (cycleSteps !== undefined) {
    if (steps > warmupSteps + cycleSteps) return null;
    const message = `The run has ${steps} steps, and the first restart comes after ${warmupSteps + cycleSteps}: the learning rate is never raised again.\nLower cycleSteps, or train longer.`;
    return { option: "cycleSteps", message, isError: false };
  }
  if (firstOfCycles(steps - 1 - warmupSteps, cycles, cycleFactor) >= 1) return null;
  const message = `The run has ${steps - warmupSteps} steps after its warm-up, too few for ${cycles} cycles: the first one would be shorter than a step.\nLower cycles, or train longer.`;
  return { option: "cycles", message, isError: true };
}

/** Of a schedule that falls over one step: that step is its end already, so a run without a warm-up has its end value from end to end. */
function oneStepProblem({ kind, warmupSteps }: SteppedSchedule): ScheduleProblem {
  const end = kind === "exponential" ? "gamma × the learning rate" : "minLr";
  if (warmupSteps === 0) {
    const message = `The run has 1 step, which is the end of the schedule: its learning rate is ${end}.\nTrain longer.`;
    return { option: "minLr", message, isError: false };
  }
  const message = `The run has ${warmupSteps + 1} steps, and the warm-up takes ${warmupSteps}: the one after it is the end of the schedule, at ${end}, and the whole learning rate is never reached.\nLower warmupSteps, or train longer.`;
  return { option: "warmupSteps", message, isError: true };
}
