import type { z } from "zod";
import type { Optimizer, ResolvedGenericTrainerConfig } from "../../contract/index.js";
import { showsProgressBar } from "../shows-progress-bar.js";
import * as schemas from "./schemas.js";

/** A built-in hook as the config knows it. */
export interface BuiltInHook {
  /** The key its state is saved under, and its name in messages. */
  readonly name: string;
  /** The name in this table of the hook whose class it is made of. */
  readonly className: string;
  /** The key of `hooks` that turns it on; null where another part of the config does. */
  readonly enableKey: string | null;
  /** "auto": where `isOn` finds that it is of use; the switch then takes "auto", too. */
  readonly onByDefault: boolean | "auto";
  /** What the switch does, for the reference. */
  readonly description: string;
  /** The key of `hooks` that holds its config; null where it has none there. */
  readonly configKey: string | null;
  readonly schema: z.ZodType | null;
  isOn(config: ResolvedGenericTrainerConfig): boolean;
  /** What its constructor takes. */
  args(config: ResolvedGenericTrainerConfig, optimizers: readonly Optimizer[]): readonly unknown[];
}

/**
 * The built-in hooks in the order in which they run: the progress bar, which clears its line before others print → what sets the
 * learning rate → monitors and metrics → stop deciders → checkpoints → logging.
 *
 * One line adds a hook: name, switch, what the switch does, schema. From the name follow the config key `<name>Config`, the class
 * `<Name>Hook` in src/hooks/built-in/, and the key of its saved state. `npm run schemas` writes the types, the reference and
 * the index files that follow from it.
 */
export const BUILT_IN_HOOKS: readonly BuiltInHook[] = [
  hook(
    "progressBar",
    "enableProgressBar",
    'Shows a progress bar on a terminal, plain lines elsewhere; "auto": a bar where the console is a backend of the run and standard output is a terminal, and no lines elsewhere.',
    schemas.ProgressBarConfig,
    { onByDefault: "auto", isOn: showsProgressBar },
  ),
  hook(
    "learningRateSchedule",
    "enableLearningRateSchedule",
    "Sets the learning rate as a function of the step.",
    schemas.LearningRateScheduleConfig,
  ),
  hook("gradientMonitor", "enableGradientMonitor", "Logs gradient norms and statistics.", schemas.GradientMonitorConfig),
  hook("modelGraph", "enableModelGraph", "Logs the model's graph when the run starts."),
  hook(
    "weightHistograms",
    "enableWeightHistograms",
    "Logs the distribution of each parameter as a histogram.",
    schemas.WeightHistogramsConfig,
  ),
  hook("sampleImages", "enableSampleImages", "Logs pictures of the train batches.", schemas.SampleImagesConfig),
  hook("predictionScatter", "enablePredictionScatter", "Plots predictions against targets.", schemas.PredictionScatterConfig),
  hook(
    "confusionMatrix",
    "enableConfusionMatrix",
    "Draws predicted against true classes, and computes their scores.",
    schemas.ConfusionMatrixConfig,
  ),
  hook("learningRateMonitor", "enableLearningRateMonitor", "Logs the learning rate of each optimizer.", null, {
    args: (_config, optimizers) => [{ optimizerNames: optimizers.map(({ name }) => name) }],
  }),
  hook("throughput", "enableThroughput", "Logs samples and tokens per second.", schemas.ThroughputConfig),
  hook("systemMetrics", null, "", null, { isOn: ({ system }) => system.enabled, args: ({ system }) => [system] }),
  hook("metricTracker", "enableMetricTracker", "Tracks history, best value and slope of metrics.", schemas.MetricTrackerConfig),
  hook("plateauWarning", "enablePlateauWarning", "Warns when a metric stops improving.", schemas.PlateauWarningConfig),
  hook("divergenceWarning", "enableDivergenceWarning", "Warns when a metric diverges.", schemas.DivergenceWarningConfig),
  hook("risingLossWarning", "enableRisingLossWarning", "Warns when a loss rises.", schemas.RisingLossWarningConfig),
  hook(
    "reduceLROnPlateau",
    "enableReduceLROnPlateau",
    "Reduces the learning rate when a metric stops improving.",
    schemas.ReduceLROnPlateauConfig,
  ),
  hook(
    "terminateOnNaN",
    "enableTerminateOnNaN",
    "Stops the run when the loss or another train metric is NaN or infinite.",
    schemas.TerminateOnNaNConfig,
  ),
  hook("earlyStopping", "enableEarlyStoppingHook", "Stops the run when a metric stops improving.", schemas.EarlyStoppingConfig, {
    isOn: ({ hooks, validation }) => hooks.enableEarlyStoppingHook && validation.earlyStoppingSource !== "legacy",
  }),
  hook("legacyEarlyStopping", null, "", null, {
    className: "earlyStopping",
    isOn: ({ earlyStoppingPatience, validation }) =>
      earlyStoppingPatience !== undefined && validation.earlyStoppingSource !== "hook",
    args: ({ earlyStoppingPatience: patience, earlyStoppingMetric: monitor, earlyStoppingMode: mode }) => [
      { patience, monitor, mode },
      { key: "legacyEarlyStopping", path: "earlyStoppingMetric" },
    ],
  }),
  hook(
    "modelCheckpoint",
    "enableModelCheckpointHook",
    "Saves checkpoints from which a run can be resumed.",
    schemas.ModelCheckpointConfig,
  ),
  hook("logging", "enableLoggingHook", "Logs the metrics of steps, epochs and validations.", null, { onByDefault: true }),
];

function hook(
  name: string,
  enableKey: string | null,
  description: string,
  schema: z.ZodType | null = null,
  more: Partial<BuiltInHook> = {},
): BuiltInHook {
  const configKey = schema === null ? null : `${name}Config`;
  return {
    name,
    className: name,
    enableKey,
    onByDefault: false,
    description,
    configKey,
    schema,
    isOn: ({ hooks }) => enableKey !== null && valueAt(hooks, enableKey) === true,
    args: ({ hooks }) => (configKey === null ? [] : [valueAt(hooks, configKey)]),
    ...more,
  };
}

function valueAt(section: object, key: string): unknown {
  return (section as Readonly<Record<string, unknown>>)[key];
}
