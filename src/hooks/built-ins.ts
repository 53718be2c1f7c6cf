import type { Optimizer, ResolvedGenericTrainerConfig } from "../contract/index.js";
import type { TrainerHooks } from "./trainer-hooks.js";

/** How one built-in hook is switched on and made; its module is imported only then. */
interface BuiltIn {
  enabled(config: ResolvedGenericTrainerConfig): boolean;
  make(config: ResolvedGenericTrainerConfig, optimizers: readonly Optimizer[]): Promise<TrainerHooks>;
}

/**
 * Every built-in hook in its one order: the progress bar, which clears its line before anything is printed → what changes
 * the learning rate → monitors and metrics → stop deciders → checkpoints → logging.
 */
const BUILT_INS: readonly BuiltIn[] = [
  {
    enabled: ({ hooks }) => hooks.enableProgressBar,
    make: async ({ hooks }) => new (await import("./built-in/progress-bar.js")).ProgressBarHook(hooks.progressBarConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableLearningRateSchedule,
    make: async ({ hooks }) =>
      new (await import("./built-in/learning-rate-schedule.js")).LearningRateScheduleHook(hooks.learningRateScheduleConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableGradientMonitor,
    make: async ({ hooks }) =>
      new (await import("./built-in/gradient-monitor.js")).GradientMonitorHook(hooks.gradientMonitorConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableModelGraph,
    make: async () => new (await import("./built-in/model-graph.js")).ModelGraphHook(),
  },
  {
    enabled: ({ hooks }) => hooks.enableWeightHistograms,
    make: async ({ hooks }) =>
      new (await import("./built-in/weight-histograms.js")).WeightHistogramsHook(hooks.weightHistogramsConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableSampleImages,
    make: async ({ hooks }) => new (await import("./built-in/sample-images.js")).SampleImagesHook(hooks.sampleImagesConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enablePredictionScatter,
    make: async ({ hooks }) =>
      new (await import("./built-in/prediction-scatter.js")).PredictionScatterHook(hooks.predictionScatterConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableLearningRateMonitor,
    make: async (_config, optimizers) =>
      new (await import("./built-in/learning-rate-monitor.js")).LearningRateMonitorHook({
        optimizerNames: optimizers.map(({ name }) => name),
      }),
  },
  {
    enabled: ({ hooks }) => hooks.enableThroughput,
    make: async ({ hooks }) => new (await import("./built-in/throughput.js")).ThroughputHook(hooks.throughputConfig),
  },
  {
    enabled: ({ system }) => system.enabled,
    make: async ({ system }) => new (await import("./built-in/system-metrics.js")).SystemMetricsHook(system),
  },
  {
    enabled: ({ hooks }) => hooks.enableMetricTracker,
    make: async ({ hooks }) => new (await import("./built-in/metric-tracker.js")).MetricTrackerHook(hooks.metricTrackerConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enablePlateauWarning,
    make: async ({ hooks }) => new (await import("./built-in/plateau-warning.js")).PlateauWarningHook(hooks.plateauWarningConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableDivergenceWarning,
    make: async ({ hooks }) =>
      new (await import("./built-in/divergence-warning.js")).DivergenceWarningHook(hooks.divergenceWarningConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableRisingLossWarning,
    make: async ({ hooks }) =>
      new (await import("./built-in/rising-loss-warning.js")).RisingLossWarningHook(hooks.risingLossWarningConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableReduceLROnPlateau,
    make: async ({ hooks }) =>
      new (await import("./built-in/reduce-lr-on-plateau.js")).ReduceLROnPlateauHook(hooks.reduceLROnPlateauConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableTerminateOnNaN,
    make: async ({ hooks }) =>
      new (await import("./built-in/terminate-on-nan.js")).TerminateOnNaNHook(hooks.terminateOnNaNConfig),
  },
  {
    enabled: ({ hooks, validation }) => hooks.enableEarlyStoppingHook && validation.earlyStoppingSource !== "legacy",
    make: async ({ hooks }) => new (await import("./built-in/early-stopping.js")).EarlyStoppingHook(hooks.earlyStoppingConfig),
  },
  {
    enabled: ({ earlyStoppingPatience, validation }) =>
      earlyStoppingPatience !== undefined && validation.earlyStoppingSource !== "hook",
    make: async ({ earlyStoppingPatience: patience, earlyStoppingMetric: monitor, earlyStoppingMode: mode }) =>
      new (await import("./built-in/early-stopping.js")).EarlyStoppingHook(
        { patience, monitor, mode },
        { key: "legacyEarlyStopping", path: "earlyStoppingMetric" },
      ),
  },
  {
    enabled: ({ hooks }) => hooks.enableModelCheckpointHook,
    make: async ({ hooks }) =>
      new (await import("./built-in/model-checkpoint.js")).ModelCheckpointHook(hooks.modelCheckpointConfig),
  },
  {
    enabled: ({ hooks }) => hooks.enableLoggingHook,
    make: async () => new (await import("./built-in/logging.js")).LoggingHook(),
  },
];

/** The built-in hooks that `config` switches on, in their order. */
export function makeBuiltIns(config: ResolvedGenericTrainerConfig, optimizers: readonly Optimizer[]): Promise<TrainerHooks[]> {
  return Promise.all(BUILT_INS.filter((builtIn) => builtIn.enabled(config)).map((builtIn) => builtIn.make(config, optimizers)));
}
