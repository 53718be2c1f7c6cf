import type { GenericTrainerConfig } from "../../src/contract/index.js";

/**
 * Every config snippet of the observability guide that this package is built from, in our names. Snippets of one section stand in
 * a whole config, and keys the guide leaves out because its defaults differ (`maxEpochs`) are added.
 */
export type SeedSnippet =
  | {
      name: string;
      built: true;
      config: GenericTrainerConfig;
      /** The package that must be installed to run it. */ needsPackage?: string;
    }
  | { name: string; /** The key that is refused by name. */ built: string; config: Readonly<Record<string, unknown>> };

const RUN = { maxEpochs: 1, logging: { loggerType: "none" } } as const satisfies GenericTrainerConfig;

export const SEED_SNIPPETS: readonly SeedSnippet[] = [
  {
    name: "logging: one logger",
    built: "logging.wandbProject",
    config: {
      maxEpochs: 1,
      logging: {
        loggerType: "wandb",
        wandbProject: "my-project",
        wandbEntity: "my-team",
        wandbName: "run-name",
        wandbMode: "online",
        wandbId: "abc123",
        wandbResume: "allow",
      },
    },
  },
  {
    name: "logging: composite with a list",
    built: "logging.wandbProject",
    config: {
      maxEpochs: 1,
      logging: {
        loggerType: "composite",
        compositeLoggers: ["console", "tensorboard", "wandb"],
        wandbProject: "my-project",
        tensorboardDir: "./tb_logs",
      },
    },
  },
  {
    name: "composite: the console and one backend",
    built: "logging.wandbProject",
    config: { maxEpochs: 1, logging: { loggerType: "composite", wandbProject: "my-project" } },
  },
  {
    name: "composite: console and tensorboard",
    built: true,
    config: {
      maxEpochs: 1,
      logging: { loggerType: "composite", compositeLoggers: ["console", "tensorboard"], tensorboardDir: "./logs" },
    },
  },
  {
    name: "metrics: per loader, global, proportions",
    built: true,
    config: { maxEpochs: 1, logging: { logPerLoaderMetrics: true, logGlobalMetrics: true, logLoaderProportions: true } },
  },
  { name: "metrics: over all ranks", built: true, config: { maxEpochs: 1, logging: { allReduceMetrics: true } } },
  ...(["weightedAverage", "simpleAverage", "sum", "max", "min"] as const).map((aggregationStrategy): SeedSnippet => ({
    name: `metrics: aggregation ${aggregationStrategy}`,
    built: true,
    config: { ...RUN, metrics: { aggregationStrategy } },
  })),
  { name: "hooks: logging", built: true, config: { ...RUN, hooks: { enableLoggingHook: true } } },
  {
    name: "hooks: gradient monitor",
    built: true,
    config: {
      ...RUN,
      hooks: { enableGradientMonitor: true, gradientMonitorConfig: { logFrequency: 100, paramFilter: ["encoder", "decoder"] } },
    },
  },
  {
    name: "TensorBoard: graph, weight and gradient histograms, images",
    built: true,
    config: {
      ...RUN,
      logging: { loggerType: "tensorboard", tensorboardDir: "tensorboard_logs" },
      hooks: {
        enableModelGraph: true,
        enableWeightHistograms: true,
        weightHistogramsConfig: { histogramFreq: 100 },
        enableGradientMonitor: true,
        gradientMonitorConfig: { logFrequency: 100, histogram: true },
        enableSampleImages: true,
        sampleImagesConfig: { imageFreq: 500 },
        enablePredictionScatter: true,
      },
    },
  },
  {
    name: "hooks: model checkpoint",
    built: true,
    config: { ...RUN, hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { saveTopK: 3, monitor: "val/loss" } } },
  },
  {
    name: "hooks: early stopping",
    built: true,
    config: {
      ...RUN,
      hooks: {
        enableEarlyStoppingHook: true,
        earlyStoppingConfig: { monitor: "val/loss", patience: 10, mode: "min", minDelta: 0.0001 },
      },
    },
  },
  {
    name: "custom hooks: by specifier",
    built: true,
    needsPackage: "mypackage",
    config: {
      ...RUN,
      hooks: { hookClasses: ["mypackage/hooks#MyCustomHook"], hookConfigs: { "mypackage/hooks#MyCustomHook": {} } },
    },
  },
  {
    name: "early stopping: legacy",
    built: true,
    config: { ...RUN, earlyStoppingPatience: 10, earlyStoppingMetric: "val_loss", earlyStoppingMode: "min" },
  },
  {
    name: "early stopping: hook",
    built: true,
    config: { ...RUN, hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "val/loss", patience: 10 } } },
  },
  ...(["both", "hook", "legacy"] as const).map((earlyStoppingSource): SeedSnippet => ({
    name: `early stopping: source ${earlyStoppingSource}`,
    built: true,
    config: { ...RUN, validation: { earlyStoppingSource }, earlyStoppingPatience: 10, hooks: { enableEarlyStoppingHook: true } },
  })),
  {
    name: "practices: key layers only",
    built: true,
    config: {
      ...RUN,
      hooks: { enableGradientMonitor: true, gradientMonitorConfig: { logFrequency: 100, paramFilter: ["attention", "mlp"] } },
    },
  },
  {
    name: "practices: reduction over ranks",
    built: true,
    config: { ...RUN, logging: { loggerType: "none", allReduceMetrics: true } },
  },
  {
    name: "practices: several backends",
    built: "logging.compositeLoggers",
    config: { maxEpochs: 1, logging: { loggerType: "composite", compositeLoggers: ["console", "wandb", "tensorboard"] } },
  },
  {
    name: "practices: early stopping by the hook",
    built: true,
    config: { ...RUN, validation: { earlyStoppingSource: "hook" }, hooks: { enableEarlyStoppingHook: true } },
  },
  {
    name: "practices: order of hooks",
    built: true,
    needsPackage: "mypackage",
    config: { ...RUN, hooks: { hookClasses: ["mypackage/hooks#CriticalHook", "mypackage/hooks#OptionalHook"] } },
  },
  {
    name: "example: complete configuration",
    built: "logging.wandbProject",
    config: {
      maxEpochs: 1,
      logging: {
        loggerType: "composite",
        compositeLoggers: ["console", "wandb"],
        wandbProject: "my-experiment",
        allReduceMetrics: true,
        logPerLoaderMetrics: true,
        logLoaderProportions: true,
      },
      hooks: {
        enableGradientMonitor: true,
        gradientMonitorConfig: { logFrequency: 50, paramFilter: ["transformer"] },
        enableEarlyStoppingHook: true,
        earlyStoppingConfig: { monitor: "val/loss", patience: 5 },
      },
      validation: { earlyStoppingSource: "hook" },
    },
  },
  {
    name: "example: complete configuration, on the console alone",
    built: true,
    config: {
      maxEpochs: 1,
      logging: {
        loggerType: "composite",
        compositeLoggers: ["console"],
        allReduceMetrics: true,
        logPerLoaderMetrics: true,
        logLoaderProportions: true,
      },
      hooks: {
        enableGradientMonitor: true,
        gradientMonitorConfig: { logFrequency: 50, paramFilter: ["transformer"] },
        enableEarlyStoppingHook: true,
        earlyStoppingConfig: { monitor: "val/loss", patience: 5 },
      },
      validation: { earlyStoppingSource: "hook" },
    },
  },
  {
    name: "example: two loaders with proportions",
    built: true,
    config: {
      maxEpochs: 1,
      trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] },
      logging: { logLoaderProportions: true, allReduceMetrics: true },
    },
  },
];
