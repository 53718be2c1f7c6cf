/**
 * The config room: what a run may be configured by, and what is wrong with a config.
 * - A config that passes `resolveConfig` is whole: every key has a value of its type, and keys agree with each other.
 * - One error lists every problem: path, what was found, what is allowed, the nearest name.
 * - Instances (hook classes, backends, a process group) come out as the same objects.
 * - Nothing is generated and no YAML is loaded before it is needed.
 */
export { MultiDataLoaderConfig } from "./data-loader.js";
export { GenericTrainerConfig } from "./generic-trainer.js";
export { EarlyStoppingConfig } from "./hooks/early-stopping.js";
export { GradientMonitorConfig } from "./hooks/gradient-monitor.js";
export { ModelCheckpointConfig } from "./hooks/model-checkpoint.js";
export { HooksConfig } from "./hooks/index.js";
export { LearningRateScheduleConfig, ReduceLROnPlateauConfig } from "./hooks/learning-rate.js";
export { PredictionScatterConfig, SampleImagesConfig, WeightHistogramsConfig } from "./hooks/model-views.js";
export { ProgressBarConfig, TerminateOnNaNConfig, ThroughputConfig } from "./hooks/run-guards.js";
export { DivergenceWarningConfig, MetricTrackerConfig, PlateauWarningConfig, RisingLossWarningConfig } from "./hooks/trends.js";
export { loadConfig, type LoadOptions } from "./load.js";
export { activeLoggers, LoggingConfig } from "./logging.js";
export { MetricsConfig } from "./metrics.js";
export { applyOverrides } from "./overrides.js";
export { configYaml, flattenParams } from "./params.js";
export { parseConfig } from "./problems.js";
export { RanksConfig } from "./ranks.js";
export { redactConfig, redactText, type PlainTree } from "./redact.js";
export { resolveConfig, type Environment, type ResolveOptions } from "./resolve.js";
export { SystemMetricsConfig } from "./system.js";
export { ValidationConfig } from "./validation.js";
