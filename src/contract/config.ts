/**
 * The typed config, as a user writes it. Defaults stand behind each key; the schemas that check it are in `src/config`.
 * Keys of parts that are not built yet are refused by name.
 */
import type { Compression } from "./checkpoint.js";
import type { LoggerBackend } from "./logger.js";
import type { ProcessGroup } from "./ranks.js";
import type { HookClass } from "./hooks.js";

/** `T` with the keys `K` filled in: what a schema returns for what a user wrote. */
export type WithDefaults<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: Exclude<T[P], undefined> };

export type SamplingStrategy = "weighted" | "roundRobin" | "sequential" | "alternating" | "proportional";
export type Exhaustion = "stopAtShortest" | "stopAtLongest" | "stopAtAll";
export type AggregationStrategy = "weightedAverage" | "simpleAverage" | "sum" | "max" | "min";
export type Mode = "min" | "max";
/** Whether a run goes on where it was: refuse what is there, go on where there is something, or insist on it. */
export type Resume = "never" | "auto" | "must";
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
export type EarlyStoppingSource = "both" | "hook" | "legacy";
/** One TensorBoard run; or `train` and `validation` as runs of their own; or these and below them one for each loader. */
export type TensorBoardLayout = "one" | "phases" | "loaders";
export type LoggerType = "console" | "tensorboard" | "none" | "composite";
export type LoggerName = "console" | "tensorboard";

export interface MultiDataLoaderConfig {
  samplingStrategy?: SamplingStrategy | undefined; // "sequential"
  dataloaderWeights?: readonly number[] | Readonly<Record<string, number>> | undefined; // by position or by loader name; equal
  blockSize?: number | undefined; // 1; batches in a row, for "alternating"
  exhaustion?: Exhaustion | undefined; // "stopAtAll"
  batchesPerEpoch?: number | undefined; // truncates or cycles
}
export type ResolvedMultiDataLoaderConfig = WithDefaults<MultiDataLoaderConfig, "samplingStrategy" | "blockSize" | "exhaustion">;

export interface MetricsConfig {
  aggregationStrategy?: AggregationStrategy | undefined; // "weightedAverage"
  perMetric?: Readonly<Record<string, AggregationStrategy>> | undefined; // {}
  directions?: Readonly<Record<string, Mode>> | undefined; // {}; by bare or monitor name
}
export type ResolvedMetricsConfig = WithDefaults<MetricsConfig, "aggregationStrategy" | "perMetric" | "directions">;

export interface LoggingConfig {
  loggerType?: LoggerType | undefined; // "console"
  compositeLoggers?: readonly LoggerName[] | undefined;
  loggers?: readonly LoggerBackend[] | undefined; // []; added after the others, even with none
  logEveryNSteps?: number | undefined; // 50
  logPerLoaderMetrics?: boolean | undefined; // true
  logGlobalMetrics?: boolean | undefined; // true
  logLoaderProportions?: boolean | undefined; // false
  allReduceMetrics?: boolean | undefined; // false
  maxPendingScalars?: number | undefined; // 256
  startTimeoutMs?: number | undefined; // 5000
  tensorboardDir?: string | undefined; // tensorboard/ in the run's directory; given: a directory for each run there
  tensorboardLayout?: TensorBoardLayout | undefined; // "one"
}
export type ResolvedLoggingConfig = WithDefaults<
  LoggingConfig,
  | "loggerType"
  | "loggers"
  | "logEveryNSteps"
  | "logPerLoaderMetrics"
  | "logGlobalMetrics"
  | "logLoaderProportions"
  | "allReduceMetrics"
  | "maxPendingScalars"
  | "startTimeoutMs"
  | "tensorboardLayout"
>;

export interface ValidationConfig {
  everyNEpochs?: number | undefined; // 1
  everyNSteps?: number | undefined; // when given, by steps instead of by epochs
  earlyStoppingSource?: EarlyStoppingSource | undefined; // "both"
  numSanitySteps?: number | undefined; // 0
}
export type ResolvedValidationConfig = WithDefaults<ValidationConfig, "everyNEpochs" | "earlyStoppingSource" | "numSanitySteps">;

export interface SystemMetricsConfig {
  enabled?: boolean | undefined; // false
  intervalSteps?: number | undefined; // 10, unless intervalSeconds is given; giving both is an error
  intervalSeconds?: number | undefined; // 30 where it is the one asked for
  logCpu?: boolean | undefined; // true
  logMemory?: boolean | undefined; // true
  logGpu?: boolean | undefined; // true
  logDisk?: boolean | undefined; // false
  logNetwork?: boolean | undefined; // false
  gpuDevice?: number | undefined; // all
}
export type ResolvedSystemMetricsConfig = WithDefaults<
  SystemMetricsConfig,
  "enabled" | "logCpu" | "logMemory" | "logGpu" | "logDisk" | "logNetwork"
>;

export interface RanksConfig {
  group?: ProcessGroup | undefined; // one process
  syncEveryNSteps?: number | undefined; // logEveryNSteps
  timeoutMs?: number | undefined; // 60000
}
export type ResolvedRanksConfig = WithDefaults<RanksConfig, "timeoutMs">;

export interface GradientMonitorConfig {
  logFrequency?: number | undefined; // 100; steps
  paramFilter?: readonly string[] | undefined; // []; substrings, empty: every parameter
  perParameter?: boolean | undefined; // true
  histogram?: boolean | undefined; // false
}
export type ResolvedGradientMonitorConfig = WithDefaults<
  GradientMonitorConfig,
  "logFrequency" | "paramFilter" | "perParameter" | "histogram"
>;

export interface WeightHistogramsConfig {
  histogramFreq?: number | undefined; // 100; steps
  paramFilter?: readonly string[] | undefined; // []; substrings, empty: every parameter
}
export type ResolvedWeightHistogramsConfig = WithDefaults<WeightHistogramsConfig, "histogramFreq" | "paramFilter">;

export interface SampleImagesConfig {
  imageFreq?: number | undefined; // 500; steps
  maxImages?: number | undefined; // 16; in one picture
}
export type ResolvedSampleImagesConfig = WithDefaults<SampleImagesConfig, "imageFreq" | "maxImages">;

export interface PredictionScatterConfig {
  source?: "validation" | "train" | undefined; // "validation"
  scatterFreq?: number | undefined; // 500; steps, for "train"
  maxPoints?: number | undefined; // 2000; of a validation, drawn by chance
  output?: number | undefined; // of several values a sample, the one to show; all
}
export type ResolvedPredictionScatterConfig = WithDefaults<PredictionScatterConfig, "source" | "scatterFreq" | "maxPoints">;

export interface EarlyStoppingConfig {
  monitor?: string | undefined; // "val/loss"
  patience?: number | undefined; // 10; checks, at least 1
  mode?: Mode | undefined; // "min"; must be given for a metric named like accuracy
  minDelta?: number | undefined; // 0; at least 0
  stoppingThreshold?: number | undefined; // inclusive
  divergenceThreshold?: number | undefined; // inclusive
  checkFinite?: boolean | undefined; // true
  startFromEpoch?: number | undefined; // 0
  restoreBest?: boolean | undefined; // false
}
export type ResolvedEarlyStoppingConfig = WithDefaults<
  EarlyStoppingConfig,
  "monitor" | "patience" | "mode" | "minDelta" | "checkFinite" | "startFromEpoch" | "restoreBest"
>;

export interface ReduceLROnPlateauConfig {
  monitor?: string | undefined; // "val/loss"
  mode?: Mode | undefined; // "min"
  factor?: number | undefined; // 0.1; 0 < factor < 1
  patience?: number | undefined; // 10; reduces when bad checks >= patience
  minDelta?: number | undefined; // 0.0001; absolute
  cooldown?: number | undefined; // 0; checks
  minLr?: number | undefined; // 0
}
export type ResolvedReduceLROnPlateauConfig = WithDefaults<
  ReduceLROnPlateauConfig,
  "monitor" | "mode" | "factor" | "patience" | "minDelta" | "cooldown" | "minLr"
>;

/** A learning rate as a function of the step; `warmupSteps` rises linearly from 0 before any of them. */
export interface LearningRateScheduleConfig {
  kind?: "constant" | "step" | "cosine" | "oneCycle" | undefined; // "constant"
  warmupSteps?: number | undefined; // 0
  totalSteps?: number | undefined; // cosine and oneCycle; else taken from maxSteps or maxEpochs × batches where known
  stepSize?: number | undefined; // step: steps between cuts; required there
  gamma?: number | undefined; // 0.1; step: factor of a cut
  minLr?: number | undefined; // 0; cosine, oneCycle
  maxLr?: number | undefined; // oneCycle: the peak; required there
  pctStart?: number | undefined; // 0.3; oneCycle: share of steps that rise
}
export type ResolvedLearningRateScheduleConfig = WithDefaults<
  LearningRateScheduleConfig,
  "kind" | "warmupSteps" | "gamma" | "minLr" | "pctStart"
>;

export interface MetricTrackerConfig {
  metrics?: readonly string[] | undefined; // every monitor name
  window?: number | undefined; // 10; checks the robust slope is taken over
}
export type ResolvedMetricTrackerConfig = WithDefaults<MetricTrackerConfig, "window">;

export interface PlateauWarningConfig {
  monitor?: string | undefined; // "val/loss"
  mode?: Mode | undefined; // "min"
  patience?: number | undefined; // 5; checks without gain
  minDelta?: number | undefined; // 0.0001
}
export type ResolvedPlateauWarningConfig = WithDefaults<PlateauWarningConfig, "monitor" | "mode" | "patience" | "minDelta">;

export interface DivergenceWarningConfig {
  monitor?: string | undefined; // "val/loss"
  mode?: Mode | undefined; // "min"
  factor?: number | undefined; // 2; times as far from the best as the robust spread of the window allows, see docs
  window?: number | undefined; // 5
}
export type ResolvedDivergenceWarningConfig = WithDefaults<DivergenceWarningConfig, "monitor" | "mode" | "factor" | "window">;

export interface RisingLossWarningConfig {
  monitor?: string | undefined; // "train/loss"
  window?: number | undefined; // 5; checks the robust slope is taken over
  minSlope?: number | undefined; // 0; per check
}
export type ResolvedRisingLossWarningConfig = WithDefaults<RisingLossWarningConfig, "monitor" | "window" | "minSlope">;

export interface TerminateOnNaNConfig {
  check?: "boundary" | "everyStep" | undefined; // "boundary"
  dumpBatch?: boolean | undefined; // false; everyStep: writes the batch to the run directory
}
export type ResolvedTerminateOnNaNConfig = WithDefaults<TerminateOnNaNConfig, "check" | "dumpBatch">;

export interface ThroughputConfig {
  windowSize?: number | undefined; // 100; batches the rate is taken over
}
export type ResolvedThroughputConfig = WithDefaults<ThroughputConfig, "windowSize">;

export interface ProgressBarConfig {
  refreshMs?: number | undefined; // 100 on a terminal
  plainEverySeconds?: number | undefined; // 10; a plain line this often where there is no terminal
}
export type ResolvedProgressBarConfig = WithDefaults<ProgressBarConfig, "refreshMs" | "plainEverySeconds">;

export interface ModelCheckpointConfig {
  dir?: string | undefined; // checkpoints/ in the run's directory; TRAINSCOPE_CHECKPOINT_DIR: a directory for each run there
  maxCheckpoints?: number | undefined; // 5; the newest that are kept
  saveTopK?: number | undefined; // 3; the best that are kept
  saveLast?: boolean | undefined; // true; also one when the run ends
  monitor?: string | undefined; // "val/loss"
  mode?: Mode | undefined; // "min"; must be given for a metric named like accuracy
  everyNEpochs?: number | undefined; // 1, unless everyNSteps or everyMinutes is given
  everyNSteps?: number | undefined;
  everyMinutes?: number | undefined;
  filename?: string | undefined; // "epoch-{epoch}-step-{step}"
  compress?: Compression | undefined; // "none"
  backupDir?: string | undefined;
  async?: boolean | undefined; // true
  onSaveError?: "continue" | "stop" | undefined; // "continue"
}
export type ResolvedModelCheckpointConfig = WithDefaults<
  ModelCheckpointConfig,
  "maxCheckpoints" | "saveTopK" | "saveLast" | "monitor" | "mode" | "filename" | "compress" | "async" | "onSaveError"
>;

/** A hook class, `"./file.js#Name"`, `"package/hooks#Name"`, or one of them with its key and config. */
export type HookSpecifier = HookClass | string | { hook: HookClass | string; key?: string | undefined; config?: unknown };

export interface HooksConfig {
  enableLoggingHook?: boolean | undefined; // true
  enableGradientMonitor?: boolean | undefined; // false, as all below
  gradientMonitorConfig?: GradientMonitorConfig | undefined;
  enableWeightHistograms?: boolean | undefined;
  weightHistogramsConfig?: WeightHistogramsConfig | undefined;
  enableSampleImages?: boolean | undefined;
  sampleImagesConfig?: SampleImagesConfig | undefined;
  enablePredictionScatter?: boolean | undefined;
  predictionScatterConfig?: PredictionScatterConfig | undefined;
  enableModelGraph?: boolean | undefined;
  enableEarlyStoppingHook?: boolean | undefined;
  earlyStoppingConfig?: EarlyStoppingConfig | undefined;
  enableModelCheckpointHook?: boolean | undefined;
  modelCheckpointConfig?: ModelCheckpointConfig | undefined;
  enableReduceLROnPlateau?: boolean | undefined;
  reduceLROnPlateauConfig?: ReduceLROnPlateauConfig | undefined;
  enableLearningRateSchedule?: boolean | undefined;
  learningRateScheduleConfig?: LearningRateScheduleConfig | undefined;
  enableLearningRateMonitor?: boolean | undefined;
  enableMetricTracker?: boolean | undefined;
  metricTrackerConfig?: MetricTrackerConfig | undefined;
  enablePlateauWarning?: boolean | undefined;
  plateauWarningConfig?: PlateauWarningConfig | undefined;
  enableDivergenceWarning?: boolean | undefined;
  divergenceWarningConfig?: DivergenceWarningConfig | undefined;
  enableRisingLossWarning?: boolean | undefined;
  risingLossWarningConfig?: RisingLossWarningConfig | undefined;
  enableTerminateOnNaN?: boolean | undefined;
  terminateOnNaNConfig?: TerminateOnNaNConfig | undefined;
  enableThroughput?: boolean | undefined;
  throughputConfig?: ThroughputConfig | undefined;
  enableProgressBar?: boolean | undefined;
  progressBarConfig?: ProgressBarConfig | undefined;
  hookClasses?: readonly HookSpecifier[] | undefined; // []
  hookConfigs?: Readonly<Record<string, unknown>> | undefined; // {}; by specifier or class name
}
/** Every `enableX` and every `xConfig` is there, filled with its defaults. */
export interface ResolvedHooksConfig {
  enableLoggingHook: boolean;
  enableGradientMonitor: boolean;
  gradientMonitorConfig: ResolvedGradientMonitorConfig;
  enableWeightHistograms: boolean;
  weightHistogramsConfig: ResolvedWeightHistogramsConfig;
  enableSampleImages: boolean;
  sampleImagesConfig: ResolvedSampleImagesConfig;
  enablePredictionScatter: boolean;
  predictionScatterConfig: ResolvedPredictionScatterConfig;
  enableModelGraph: boolean;
  enableEarlyStoppingHook: boolean;
  earlyStoppingConfig: ResolvedEarlyStoppingConfig;
  enableModelCheckpointHook: boolean;
  modelCheckpointConfig: ResolvedModelCheckpointConfig;
  enableReduceLROnPlateau: boolean;
  reduceLROnPlateauConfig: ResolvedReduceLROnPlateauConfig;
  enableLearningRateSchedule: boolean;
  learningRateScheduleConfig: ResolvedLearningRateScheduleConfig;
  enableLearningRateMonitor: boolean;
  enableMetricTracker: boolean;
  metricTrackerConfig: ResolvedMetricTrackerConfig;
  enablePlateauWarning: boolean;
  plateauWarningConfig: ResolvedPlateauWarningConfig;
  enableDivergenceWarning: boolean;
  divergenceWarningConfig: ResolvedDivergenceWarningConfig;
  enableRisingLossWarning: boolean;
  risingLossWarningConfig: ResolvedRisingLossWarningConfig;
  enableTerminateOnNaN: boolean;
  terminateOnNaNConfig: ResolvedTerminateOnNaNConfig;
  enableThroughput: boolean;
  throughputConfig: ResolvedThroughputConfig;
  enableProgressBar: boolean;
  progressBarConfig: ResolvedProgressBarConfig;
  hookClasses: readonly HookSpecifier[];
  hookConfigs: Readonly<Record<string, unknown>>;
}

export interface GenericTrainerConfig {
  maxEpochs?: number | undefined; // needed unless maxSteps is given
  maxSteps?: number | undefined;
  minEpochs?: number | undefined; // 0
  minSteps?: number | undefined;
  seed?: number | undefined; // 0
  runName?: string | undefined; // a timestamp
  runsDir?: string | undefined; // "runs"
  resume?: Resume | undefined; // "never"
  yieldEveryMs?: number | undefined; // 20
  logLevel?: LogLevel | undefined; // "info"
  trainLoaderConfig?: MultiDataLoaderConfig | undefined;
  metrics?: MetricsConfig | undefined;
  logging?: LoggingConfig | undefined;
  hooks?: HooksConfig | undefined;
  validation?: ValidationConfig | undefined;
  system?: SystemMetricsConfig | undefined;
  ranks?: RanksConfig | undefined;
  earlyStoppingPatience?: number | undefined; // legacy early stopping is on when given
  earlyStoppingMetric?: string | undefined; // "val_loss"
  earlyStoppingMode?: Mode | undefined; // "min"
}
export type ResolvedGenericTrainerConfig = WithDefaults<
  Omit<GenericTrainerConfig, "trainLoaderConfig" | "metrics" | "logging" | "hooks" | "validation" | "system" | "ranks">,
  "minEpochs" | "seed" | "runsDir" | "resume" | "yieldEveryMs" | "logLevel" | "earlyStoppingMetric" | "earlyStoppingMode"
> & {
  trainLoaderConfig: ResolvedMultiDataLoaderConfig;
  metrics: ResolvedMetricsConfig;
  logging: ResolvedLoggingConfig;
  hooks: ResolvedHooksConfig;
  validation: ResolvedValidationConfig;
  system: ResolvedSystemMetricsConfig;
  ranks: ResolvedRanksConfig;
};
