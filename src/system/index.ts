/** System metrics without the trainer: what the machine, its accelerators and this process use. */
export { SystemMetricsLogger, type SystemMetricsLoggerOptions, type SystemMetricsStartOptions } from "./metrics-logger.js";
export { SystemSampler, type SystemSamplerOptions } from "./sampler.js";
export { systemMetricNames } from "./names.js";
export type { SystemValues } from "./source.js";
