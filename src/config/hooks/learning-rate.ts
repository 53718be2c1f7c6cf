import { z } from "zod";
import type {
  LearningRateScheduleConfig as ScheduleInput,
  ReduceLROnPlateauConfig as PlateauInput,
  ResolvedLearningRateScheduleConfig,
  ResolvedReduceLROnPlateauConfig,
} from "../../contract/index.js";
import { agreeing, count, field, modeField, monitorField } from "../fields.js";

export type ReduceLROnPlateauConfig = PlateauInput;
export type LearningRateScheduleConfig = ScheduleInput;

const plateau = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    factor: field(z.number().gt(0).lt(1).default(0.1), "What the learning rate is multiplied by."),
    patience: field(count().default(10), "Checks in a row without gain after which it is reduced."),
    minDelta: field(z.number().min(0).default(0.0001), "A gain counts when it is larger than this."),
    cooldown: field(count(0).default(0), "Checks after a reduction that do not count."),
    minLr: field(z.number().min(0).default(0), "The learning rate never goes below this."),
  });

/** Cuts the learning rate when a metric stops improving. */
export const ReduceLROnPlateauConfig: z.ZodType<ResolvedReduceLROnPlateauConfig, PlateauInput> = agreeing<
  ResolvedReduceLROnPlateauConfig,
  PlateauInput
>()("When and how the learning rate is cut; used when enableReduceLROnPlateau is true.", plateau);

const schedule = () =>
  z
    .strictObject({
      kind: field(z.enum(["constant", "step", "cosine", "oneCycle"]).default("constant"), "The shape of the schedule."),
      warmupSteps: field(count(0).default(0), "Steps over which the learning rate rises linearly from 0, before any kind."),
      totalSteps: field(
        count().optional(),
        "cosine, oneCycle: the steps they span; left out: the length of the run, where it is known.",
      ),
      stepSize: field(count().optional(), "step: steps between two cuts; required there."),
      gamma: field(z.number().gt(0).default(0.1), "step: what a cut multiplies the learning rate by."),
      minLr: field(z.number().min(0).default(0), "cosine, oneCycle: the learning rate at the end."),
      maxLr: field(z.number().gt(0).optional(), "oneCycle: the learning rate at the peak; required there."),
      pctStart: field(z.number().gt(0).lt(1).default(0.3), "oneCycle: the share of the steps that rise."),
    })
    .superRefine((given, context) => {
      const complain = (path: keyof ScheduleInput, message: string): void =>
        context.addIssue({ code: "custom", path: [path], message });
      if (given.kind === "step" && given.stepSize === undefined)
        complain("stepSize", 'kind "step" needs stepSize, the steps between two cuts.');
      if (given.kind === "oneCycle" && given.maxLr === undefined)
        complain("maxLr", 'kind "oneCycle" needs maxLr, the learning rate at the peak.');
      if (given.maxLr !== undefined && given.minLr > given.maxLr) complain("minLr", `minLr is above maxLr (${given.maxLr}).`);
      if (given.totalSteps !== undefined && given.warmupSteps >= given.totalSteps) {
        complain("warmupSteps", `warmupSteps must be below totalSteps (${given.totalSteps}).`);
      }
    });

/** A learning rate as a function of the step. */
export const LearningRateScheduleConfig: z.ZodType<ResolvedLearningRateScheduleConfig, ScheduleInput> = agreeing<
  ResolvedLearningRateScheduleConfig,
  ScheduleInput
>()("The learning rate as a function of the step; used when enableLearningRateSchedule is true.", schedule);
