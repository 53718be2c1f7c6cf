/** What is wrong with a schedule for the optimizer and the run that it is used in; the schema sees neither. */
import { numberText } from "../support/number-text.js";
import { needsTotalSteps, type LearningRateSchedule } from "./schedule.js";

/** A problem, and the option to change. */
export interface ScheduleProblem {
  /** The option of the schedule that does not fit. */
  readonly option: "minLr" | "maxLr" | "warmupSteps" | "stepSize";
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
  if (kind !== "cosine" && kind !== "oneCycle") return null;
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

/** The problem of a run of `steps`: it ends before the schedule has begun, or with its first step after the warm-up. */
export function shortRunProblem(
  { kind, warmupSteps, stepSize = 0 }: Pick<LearningRateSchedule, "kind" | "warmupSteps" | "stepSize">,
  steps: number,
): ScheduleProblem | null {
  if (warmupSteps > 0 && steps <= warmupSteps) {
    const message = `The run has ${steps} steps, and the warm-up alone takes ${warmupSteps}: the whole learning rate is never reached.\nLower warmupSteps, or train longer.`;
    return { option: "warmupSteps", message, isError: needsTotalSteps({ kind }) };
  }
  if (steps === warmupSteps + 1 && needsTotalSteps({ kind })) return oneStepProblem(warmupSteps);
  if (kind === "step" && steps <= warmupSteps + stepSize) {
    const message = `The run has ${steps} steps, and the first cut comes after ${warmupSteps + stepSize}: the learning rate is never cut.\nLower stepSize, or train longer.`;
    return { option: "stepSize", message, isError: false };
  }
  return null;
}

/** Of a schedule that falls over one step: that step is its end already, so a run without a warm-up has `minLr` from end to end. */
function oneStepProblem(warmupSteps: number): ScheduleProblem {
  if (warmupSteps === 0) {
    const message = "The run has 1 step, which is the end of the schedule: its learning rate is minLr.\nTrain longer.";
    return { option: "minLr", message, isError: false };
  }
  const message = `The run has ${warmupSteps + 1} steps, and the warm-up takes ${warmupSteps}: the one after it is the end of the schedule, at minLr, and the whole learning rate is never reached.\nLower warmupSteps, or train longer.`;
  return { option: "warmupSteps", message, isError: true };
}
