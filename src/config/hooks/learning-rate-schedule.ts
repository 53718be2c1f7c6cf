import { z } from "zod";
import type {
  LearningRateScheduleConfig as Input,
  RateFunction,
  ResolvedLearningRateScheduleConfig as Resolved,
} from "../../contract/index.js";
import { agreeing, callback, count, field } from "../fields.js";
import { scheduleKeyProblems, SCHEDULE_DEFAULTS as DEFAULTS, SCHEDULE_KINDS } from "./schedule-keys.js";

const shape = () =>
  z.strictObject({
    kind: field(z.enum(SCHEDULE_KINDS).default("constant"), "The shape of the schedule after the warm-up."),
    warmupSteps: field(
      count(0).default(0),
      "Steps over which the learning rate rises linearly from 0 before the schedule begins; 0: no warm-up.",
    ),
    totalSteps: field(
      count().optional(),
      "The kinds that span a length: the optimizer steps of the schedule, warm-up included, with its end value at the last of them; left out: the length of the run, by the shorter of maxSteps and maxEpochs, where it is known.",
    ),
    ...cutFields(),
    power: field(
      z.number().gt(0).default(DEFAULTS.power),
      "polynomial: the exponent of what is left of the schedule; 1 is a straight line, more falls faster at first.",
    ),
    minLr: field(
      z.number().min(0).default(DEFAULTS.minLr),
      "linear, polynomial, cosine, oneCycle: the learning rate at the end of the schedule; cosineRestarts: at the end of each cycle. Not above the one that the optimizers start with.",
    ),
    ...restartFields(),
    maxLr: field(
      z.number().gt(0).optional(),
      "oneCycle: the learning rate at the peak, of every optimizer; required there, and not below the one that they start with.",
    ),
    pctStart: field(
      z.number().gt(0).lt(1).default(DEFAULTS.pctStart),
      "oneCycle: the share of the steps, between 0 and 1, in which the rate rises; the last of these steps has the peak.",
    ),
    rate: callback<RateFunction>(
      "function: returns the learning rate (not a factor) of the step after `step` completed ones; required there. Called before each step, for each optimizer with the rate that it started with.",
      { tsType: "RateFunction" },
    ).optional(),
  });

/** The keys of the kinds that multiply the rate by `gamma`. */
const cutFields = () => ({
  stepSize: field(
    count().optional(),
    "step: steps between two cuts of the learning rate; required there. exponential: steps in which the rate falls by gamma; left out there: those of the whole schedule.",
  ),
  gamma: field(
    z.number().gt(0).default(DEFAULTS.gamma),
    "step, milestones: the factor of each cut; exponential: the factor over stepSize steps. A smaller one cuts more.",
  ),
  milestones: field(
    z.array(count()).min(1).readonly().optional(),
    "milestones: the optimizer steps of the run, warm-up included, after which the rate is multiplied by gamma, in rising order; required there.",
  ),
});

/** The keys of kind "cosineRestarts" alone. */
const restartFields = () => ({
  cycles: field(
    count().optional(),
    "cosineRestarts: how many cosines the schedule consists of; the last ends with it. Either cycles or cycleSteps is required there.",
  ),
  cycleSteps: field(
    count().optional(),
    "cosineRestarts: steps of the first cosine; further ones follow for as long as the run takes, so that its length need not be known.",
  ),
  cycleFactor: field(
    z.number().min(1).default(DEFAULTS.cycleFactor),
    "cosineRestarts: each cosine is this many times as long as the one before.",
  ),
  cycleDecay: field(
    z.number().gt(0).max(1).default(DEFAULTS.cycleDecay),
    "cosineRestarts: each cosine begins this share as far above minLr as the one before; 1: at the whole rate.",
  ),
});

const schema = () =>
  shape().superRefine((given, context) => {
    if (context.issues.length > 0) return; // a value that is wrong is reported alone
    for (const [key, message] of scheduleKeyProblems(given)) context.addIssue({ code: "custom", path: [key], message });
  });

export type LearningRateScheduleConfig = Input;
/** A learning rate as a function of the step. */
export const LearningRateScheduleConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "The learning rate as a function of the step; used when enableLearningRateSchedule is true.",
  schema,
);
