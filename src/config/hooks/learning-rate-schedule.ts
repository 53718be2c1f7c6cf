import { z } from "zod";
import type {
  LearningRateScheduleConfig as Input,
  ResolvedLearningRateScheduleConfig as Resolved,
} from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const schema = () =>
  z
    .strictObject({
      kind: field(
        z.enum(["constant", "step", "cosine", "oneCycle"]).default("constant"),
        "The shape of the schedule after the warm-up.",
      ),
      warmupSteps: field(
        count(0).default(0),
        "Steps over which the learning rate rises linearly from 0 before the schedule begins; 0: no warm-up.",
      ),
      totalSteps: field(
        count().optional(),
        "cosine, oneCycle: the steps the schedule spans, warm-up included; left out: the length of the run, where it is known.",
      ),
      stepSize: field(count().optional(), "step: steps between two cuts of the learning rate; required there."),
      gamma: field(z.number().gt(0).default(0.1), "step: the factor of each cut; a smaller one cuts more."),
      minLr: field(z.number().min(0).default(0), "cosine, oneCycle: the learning rate at the end of the schedule."),
      maxLr: field(z.number().gt(0).optional(), "oneCycle: the learning rate at the peak; required there."),
      pctStart: field(
        z.number().gt(0).lt(1).default(0.3),
        "oneCycle: the share of the steps, between 0 and 1, in which the rate rises.",
      ),
    })
    .superRefine((given, context) => {
      const complain = (path: keyof Input, message: string): void => context.addIssue({ code: "custom", path: [path], message });
      if (given.kind === "step" && given.stepSize === undefined)
        complain("stepSize", 'kind "step" needs stepSize, the steps between two cuts.');
      if (given.kind === "oneCycle" && given.maxLr === undefined)
        complain("maxLr", 'kind "oneCycle" needs maxLr, the learning rate at the peak.');
      if (given.maxLr !== undefined && given.minLr > given.maxLr)
        complain("minLr", `minLr is above maxLr (${given.maxLr}). Lower minLr or raise maxLr.`);
      if (given.totalSteps !== undefined && given.warmupSteps >= given.totalSteps) {
        complain("warmupSteps", `warmupSteps is not below totalSteps (${given.totalSteps}). Lower it or raise totalSteps.`);
      }
    });

export type LearningRateScheduleConfig = Input;
/** A learning rate as a function of the step. */
export const LearningRateScheduleConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "The learning rate as a function of the step; used when enableLearningRateSchedule is true.",
  schema,
);
