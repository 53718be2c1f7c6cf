import { z } from "zod";
import type { HookClass, HookSpecifier, HooksConfig as Input, ResolvedHooksConfig } from "../../contract/index.js";
import { agreeing, field, flag, text } from "../fields.js";
import { EarlyStoppingConfig } from "./early-stopping.js";
import { GradientMonitorConfig } from "./gradient-monitor.js";
import { LearningRateScheduleConfig, ReduceLROnPlateauConfig } from "./learning-rate.js";
import { ModelCheckpointConfig } from "./model-checkpoint.js";
import { PredictionScatterConfig, SampleImagesConfig, WeightHistogramsConfig } from "./model-views.js";
import { ProgressBarConfig, TerminateOnNaNConfig, ThroughputConfig } from "./run-guards.js";
import { DivergenceWarningConfig, MetricTrackerConfig, PlateauWarningConfig, RisingLossWarningConfig } from "./trends.js";

export type HooksConfig = Input;

const SPECIFIER = /^[^#\s].*#[A-Za-z_$][\w$]*$/;
const SPECIFIER_FORMS = '"./file.js#Name", "package/hooks#Name"';
const HOOK_FORMS =
  `a hook class (not an instance: register that with trainer.hookManager.registerHook), ${SPECIFIER_FORMS}, ` +
  "or { hook, key?, config? }";

const hookClass = () =>
  field(
    z.custom<HookClass>((value) => typeof value === "function"),
    "A hook class.",
    { codeOnly: true },
  );
const specifier = () =>
  field(z.string().regex(SPECIFIER), "The file or package of a hook, and the name it exports.", { allowed: SPECIFIER_FORMS });

const entry = () =>
  z.strictObject({
    hook: field(z.union([hookClass(), specifier()]), "The hook.", { allowed: `a hook class, ${SPECIFIER_FORMS}` }),
    key: field(text().optional(), "The name its state is stored under."),
    config: field(z.unknown().optional(), "What its constructor takes."),
  });

const hookClasses = (): z.ZodType<readonly HookSpecifier[], readonly HookSpecifier[]> =>
  z.array(field(z.union([hookClass(), specifier(), entry()]), "A hook.", { allowed: HOOK_FORMS })).readonly();

const schema = () =>
  z.strictObject({
    enableLoggingHook: field(flag(true), "Logs steps and epochs."),
    enableGradientMonitor: field(flag(false), "Logs gradient norms and statistics."),
    gradientMonitorConfig: GradientMonitorConfig.prefault({}),
    enableWeightHistograms: field(flag(false), "Logs histograms of the weights."),
    weightHistogramsConfig: WeightHistogramsConfig.prefault({}),
    enableSampleImages: field(flag(false), "Logs pictures of what the model is shown."),
    sampleImagesConfig: SampleImagesConfig.prefault({}),
    enablePredictionScatter: field(flag(false), "Logs predictions against targets."),
    predictionScatterConfig: PredictionScatterConfig.prefault({}),
    enableModelGraph: field(flag(false), "Logs the model's graph when the run starts."),
    enableEarlyStoppingHook: field(flag(false), "Stops the run when a metric stops improving."),
    earlyStoppingConfig: EarlyStoppingConfig.prefault({}),
    enableModelCheckpointHook: field(flag(false), "Saves checkpoints that a run can go on from."),
    modelCheckpointConfig: ModelCheckpointConfig.prefault({}),
    enableReduceLROnPlateau: field(flag(false), "Cuts the learning rate when a metric stops improving."),
    reduceLROnPlateauConfig: ReduceLROnPlateauConfig.prefault({}),
    enableLearningRateSchedule: field(flag(false), "Sets the learning rate as a function of the step."),
    learningRateScheduleConfig: LearningRateScheduleConfig.prefault({}),
    enableLearningRateMonitor: field(flag(false), "Logs the learning rate of each optimizer."),
    enableMetricTracker: field(flag(false), "Follows history, best value and slope of metrics."),
    metricTrackerConfig: MetricTrackerConfig.prefault({}),
    enablePlateauWarning: field(flag(false), "Warns when a metric stops improving."),
    plateauWarningConfig: PlateauWarningConfig.prefault({}),
    enableDivergenceWarning: field(flag(false), "Warns when a metric runs away from its best."),
    divergenceWarningConfig: DivergenceWarningConfig.prefault({}),
    enableRisingLossWarning: field(flag(false), "Warns when a loss rises."),
    risingLossWarningConfig: RisingLossWarningConfig.prefault({}),
    enableTerminateOnNaN: field(flag(false), "Stops the run when the loss is NaN or infinite."),
    terminateOnNaNConfig: TerminateOnNaNConfig.prefault({}),
    enableThroughput: field(flag(false), "Logs samples and tokens a second."),
    throughputConfig: ThroughputConfig.prefault({}),
    enableProgressBar: field(flag(false), "Shows a progress bar on a terminal, plain lines otherwise."),
    progressBarConfig: ProgressBarConfig.prefault({}),
    hookClasses: field(hookClasses().default([]), "Your own hooks, in the order they run, before the built-in ones."),
    hookConfigs: field(
      z.record(z.string().min(1), z.unknown()).readonly().default({}),
      "What the constructors of hookClasses take, by specifier or class name.",
    ),
  });

/** The built-in hooks, each with its switch and its config, and a user's own. */
export const HooksConfig: z.ZodType<ResolvedHooksConfig, Input> = agreeing<ResolvedHooksConfig, Input>()(
  "The built-in hooks, each with its switch and its config, and your own.",
  schema,
);
