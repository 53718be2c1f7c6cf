/** Every built-in hook, to be made by hand, and what a hook of one's own needs. The subpath `trainscope/hooks`. */
export { DivergenceWarningHook } from "./divergence-warning.js";
export { EarlyStoppingHook } from "./early-stopping.js";
export { every, once, after, before } from "./filters.js";
export { GradientMonitorHook } from "./gradient-monitor.js";
export { HookManager, type HookDescription } from "./hook-manager.js";
export { LearningRateMonitorHook } from "./learning-rate-monitor.js";
export { LearningRateScheduleHook } from "./learning-rate-schedule.js";
export { LoggingHook } from "./logging.js";
export { MetricTrackerHook } from "./metric-tracker.js";
export { MonitoringHook, type MonitoringOptions } from "./monitoring-hook.js";
export { PlateauWarningHook } from "./plateau-warning.js";
export { ProgressBarHook } from "./progress-bar.js";
export { ReduceLROnPlateauHook } from "./reduce-lr-on-plateau.js";
export { RisingLossWarningHook } from "./rising-loss-warning.js";
export { SystemMetricsHook } from "./system-metrics.js";
export { TerminateOnNaNHook } from "./terminate-on-nan.js";
export { ThroughputHook } from "./throughput.js";
export { TrainerHooks, defineHook, type HookArgs, type HookDefinition } from "./trainer-hooks.js";
