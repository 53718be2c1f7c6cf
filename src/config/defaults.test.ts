import { expect, test } from "vitest";
import { parse } from "yaml";
import { configYaml, flattenParams, GenericTrainerConfig, redactConfig, resolveConfig } from "./index.js";
import { treeOf, type ConfigNode } from "./tree.js";

/** Every key of a config that was given nothing but its length, with the value it comes out with. */
const DEFAULTS: readonly [path: string, value: unknown][] = [
  ["minEpochs", 0],
  ["seed", 0],
  ["runsDir", "runs"],
  ["resume", "never"],
  ["yieldEveryMs", 20],
  ["logLevel", "info"],
  ["trainLoaderConfig.samplingStrategy", "sequential"],
  ["trainLoaderConfig.blockSize", 1],
  ["trainLoaderConfig.exhaustion", "stopAtAll"],
  ["metrics.aggregationStrategy", "weightedAverage"],
  ["metrics.perMetric", "{}"],
  ["metrics.directions", "{}"],
  ["logging.loggerType", "console"],
  ["logging.loggers", "[]"],
  ["logging.logEveryNSteps", 50],
  ["logging.logPerLoaderMetrics", true],
  ["logging.logGlobalMetrics", true],
  ["logging.logLoaderProportions", false],
  ["logging.allReduceMetrics", false],
  ["logging.maxPendingScalars", 256],
  ["logging.startTimeoutMs", 5000],
  ["logging.tensorboardLayout", "one"],
  ["hooks.enableLoggingHook", true],
  ["hooks.enableGradientMonitor", false],
  ["hooks.gradientMonitorConfig.logFrequency", 100],
  ["hooks.gradientMonitorConfig.paramFilter", "[]"],
  ["hooks.gradientMonitorConfig.perParameter", true],
  ["hooks.gradientMonitorConfig.histogram", false],
  ["hooks.enableWeightHistograms", false],
  ["hooks.weightHistogramsConfig.histogramFreq", 100],
  ["hooks.weightHistogramsConfig.paramFilter", "[]"],
  ["hooks.enableSampleImages", false],
  ["hooks.sampleImagesConfig.imageFreq", 500],
  ["hooks.sampleImagesConfig.maxImages", 16],
  ["hooks.enablePredictionScatter", false],
  ["hooks.predictionScatterConfig.source", "validation"],
  ["hooks.predictionScatterConfig.scatterFreq", 500],
  ["hooks.predictionScatterConfig.maxPoints", 2000],
  ["hooks.enableConfusionMatrix", false],
  ["hooks.confusionMatrixConfig.normalize", "none"],
  ["hooks.confusionMatrixConfig.scores", "overall"],
  ["hooks.confusionMatrixConfig.everyNValidations", 1],
  ["hooks.confusionMatrixConfig.threshold", 0.5],
  ["hooks.confusionMatrixConfig.maxClasses", 100],
  ["hooks.enableModelGraph", false],
  ["hooks.enableEarlyStoppingHook", false],
  ["hooks.earlyStoppingConfig.monitor", "val/loss"],
  ["hooks.earlyStoppingConfig.patience", 10],
  ["hooks.earlyStoppingConfig.mode", "min"],
  ["hooks.earlyStoppingConfig.minDelta", 0],
  ["hooks.earlyStoppingConfig.checkFinite", true],
  ["hooks.earlyStoppingConfig.startFromEpoch", 0],
  ["hooks.earlyStoppingConfig.restoreBest", false],
  ["hooks.enableModelCheckpointHook", false],
  ["hooks.modelCheckpointConfig.maxCheckpoints", 5],
  ["hooks.modelCheckpointConfig.saveTopK", 3],
  ["hooks.modelCheckpointConfig.saveLast", true],
  ["hooks.modelCheckpointConfig.monitor", "val/loss"],
  ["hooks.modelCheckpointConfig.mode", "min"],
  ["hooks.modelCheckpointConfig.everyNEpochs", 1],
  ["hooks.modelCheckpointConfig.filename", "epoch-{epoch}-step-{step}"],
  ["hooks.modelCheckpointConfig.compress", "none"],
  ["hooks.modelCheckpointConfig.async", true],
  ["hooks.modelCheckpointConfig.onSaveError", "continue"],
  ["hooks.enableReduceLROnPlateau", false],
  ["hooks.reduceLROnPlateauConfig.monitor", "val/loss"],
  ["hooks.reduceLROnPlateauConfig.mode", "min"],
  ["hooks.reduceLROnPlateauConfig.factor", 0.1],
  ["hooks.reduceLROnPlateauConfig.patience", 10],
  ["hooks.reduceLROnPlateauConfig.minDelta", 0.0001],
  ["hooks.reduceLROnPlateauConfig.cooldown", 0],
  ["hooks.reduceLROnPlateauConfig.minLr", 0],
  ["hooks.enableLearningRateSchedule", false],
  ["hooks.learningRateScheduleConfig.kind", "constant"],
  ["hooks.learningRateScheduleConfig.warmupSteps", 0],
  ["hooks.learningRateScheduleConfig.gamma", 0.1],
  ["hooks.learningRateScheduleConfig.power", 1],
  ["hooks.learningRateScheduleConfig.minLr", 0],
  ["hooks.learningRateScheduleConfig.cycleFactor", 1],
  ["hooks.learningRateScheduleConfig.cycleDecay", 1],
  ["hooks.learningRateScheduleConfig.pctStart", 0.3],
  ["hooks.enableLearningRateMonitor", false],
  ["hooks.enableMetricTracker", false],
  ["hooks.metricTrackerConfig.window", 10],
  ["hooks.metricTrackerConfig.maxHistory", 10_000],
  ["hooks.enablePlateauWarning", false],
  ["hooks.plateauWarningConfig.monitor", "val/loss"],
  ["hooks.plateauWarningConfig.mode", "min"],
  ["hooks.plateauWarningConfig.patience", 5],
  ["hooks.plateauWarningConfig.minDelta", 0.0001],
  ["hooks.enableDivergenceWarning", false],
  ["hooks.divergenceWarningConfig.monitor", "val/loss"],
  ["hooks.divergenceWarningConfig.mode", "min"],
  ["hooks.divergenceWarningConfig.factor", 2],
  ["hooks.divergenceWarningConfig.window", 5],
  ["hooks.enableRisingLossWarning", false],
  ["hooks.risingLossWarningConfig.monitor", "train/loss"],
  ["hooks.risingLossWarningConfig.window", 5],
  ["hooks.risingLossWarningConfig.minSlope", 0],
  ["hooks.enableTerminateOnNaN", false],
  ["hooks.terminateOnNaNConfig.check", "boundary"],
  ["hooks.terminateOnNaNConfig.dumpBatch", false],
  ["hooks.enableThroughput", false],
  ["hooks.throughputConfig.windowSize", 100],
  ["hooks.enableProgressBar", "auto"],
  ["hooks.progressBarConfig.refreshMs", 100],
  ["hooks.progressBarConfig.plainEverySeconds", 10],
  ["hooks.hookClasses", "[]"],
  ["hooks.hookConfigs", "{}"],
  ["validation.everyNEpochs", 1],
  ["validation.earlyStoppingSource", "both"],
  ["validation.numSanitySteps", 0],
  ["system.enabled", false],
  ["system.intervalSteps", 10],
  ["system.logCpu", true],
  ["system.logMemory", true],
  ["system.logGpu", true],
  ["system.logDisk", false],
  ["system.logNetwork", false],
  ["ranks.timeoutMs", 60_000],
  ["params", "{}"],
  ["earlyStoppingMetric", "val_loss"],
  ["earlyStoppingMode", "min"],
];

/** Keys that stay unset. */
const UNSET: readonly string[] = [
  "maxEpochs",
  "maxSteps",
  "minSteps",
  "runName",
  "project",
  "tags",
  "notes",
  "trainLoaderConfig.dataloaderWeights",
  "trainLoaderConfig.batchesPerEpoch",
  "logging.compositeLoggers",
  "logging.tensorboardDir",
  "hooks.predictionScatterConfig.output",
  "hooks.confusionMatrixConfig.labels",
  "hooks.earlyStoppingConfig.baseline",
  "hooks.earlyStoppingConfig.stoppingThreshold",
  "hooks.earlyStoppingConfig.divergenceThreshold",
  "hooks.learningRateScheduleConfig.totalSteps",
  "hooks.learningRateScheduleConfig.stepSize",
  "hooks.learningRateScheduleConfig.milestones",
  "hooks.learningRateScheduleConfig.cycles",
  "hooks.learningRateScheduleConfig.cycleSteps",
  "hooks.learningRateScheduleConfig.maxLr",
  "hooks.learningRateScheduleConfig.rate",
  "hooks.metricTrackerConfig.metrics",
  ...["dir", "rootDir", "everyNSteps", "everyMinutes", "backupDir"].map((key) => `hooks.modelCheckpointConfig.${key}`),
  "validation.everyNSteps",
  "system.intervalSeconds",
  "system.gpuDevice",
  "ranks.group",
  "ranks.syncEveryNSteps",
  "earlyStoppingPatience",
];

const resolved = flattenParams(redactConfig(resolveConfig({ maxEpochs: 1 }, { env: {} })));

test.each(DEFAULTS)("%s is %j by default", (path, value) => {
  expect(resolved[path]).toEqual(value);
});

test("the two tables name every key there is, and the resolved config has no other", () => {
  const known = [...DEFAULTS.map(([path]) => path), ...UNSET];
  expect(leaves(treeOf(GenericTrainerConfig)).toSorted()).toEqual(known.toSorted());
  const { maxEpochs: _given, ...rest } = resolved;
  expect(Object.keys(rest).toSorted()).toEqual(DEFAULTS.map(([path]) => path).toSorted());
});

test("a key given as undefined counts as left out, also a whole section", () => {
  const config = { maxEpochs: 1, seed: undefined, hooks: undefined, logging: { logEveryNSteps: undefined } };
  expect(flattenParams(redactConfig(resolveConfig(config, { env: {} })))).toEqual(resolved);
});

test("a resolved config resolves to itself, also through config.yaml", async () => {
  const once = resolveConfig(
    { maxEpochs: 1, system: { intervalSeconds: 5 }, hooks: { hookClasses: ["./a#b.js#Own"] } },
    { env: {} },
  );
  expect(resolveConfig(once, { env: {} })).toEqual(once);
  expect(resolveConfig(parse(await configYaml(once)) as GenericTrainerConfig, { env: {} })).toEqual(once);
});

test("the interval of system metrics is steps unless seconds are asked for", () => {
  const { system } = resolveConfig({ maxEpochs: 1, system: { intervalSeconds: 30 } }, { env: {} });
  expect(system.intervalSeconds).toBe(30);
  expect(system.intervalSteps).toBeUndefined();
});

function leaves(node: ConfigNode, path = ""): string[] {
  if (node.properties === undefined) return [path];
  return Object.entries(node.properties).flatMap(([key, child]) => leaves(child, path === "" ? key : `${path}.${key}`));
}
