/**
 * trainscope: observability for training in Node.
 *
 * @module
 */
export type * from "./contract/index.js";
export {
  DivergenceWarningConfig,
  EarlyStoppingConfig,
  GenericTrainerConfig,
  GradientMonitorConfig,
  HooksConfig,
  LearningRateScheduleConfig,
  LoggingConfig,
  MetricTrackerConfig,
  MetricsConfig,
  MultiDataLoaderConfig,
  PlateauWarningConfig,
  ProgressBarConfig,
  RanksConfig,
  ReduceLROnPlateauConfig,
  RisingLossWarningConfig,
  SystemMetricsConfig,
  TerminateOnNaNConfig,
  ThroughputConfig,
  ValidationConfig,
  applyOverrides,
  configYaml,
  flattenParams,
  loadConfig,
  redactConfig,
  redactText,
  resolveConfig,
} from "./config/index.js";
export { MultiDataLoader, arrayLoader, stepSeed } from "./data/index.js";
export * from "./decisions/index.js";
export { ERROR_CODES, TrainscopeError, isTrainscopeError } from "./errors.js";
export { after, before, every, once } from "./hooks/filters.js";
export { HookManager, type HookDescription } from "./hooks/hook-manager.js";
export { TrainerHooks, defineHook, type HookArgs, type HookDefinition } from "./hooks/trainer-hooks.js";
export { CompositeLogger, type CompositeLoggerOptions } from "./loggers/composite.js";
export type { RefusedPoint } from "./loggers/points.js";
export type { BackendFailure } from "./loggers/quarantine.js";
export { MetricsManager } from "./metrics/index.js";
export { singleProcess } from "./ranks/index.js";
export { GenericTrainer } from "./trainer/generic-trainer.js";
export type { TrainerEvents } from "./trainer/events.js";
