/** System metrics without the trainer: what the machine, its accelerators and this process use. The subpath `trainscope/system`. */
import "../support/needs-node.js"; // first
export { SystemMetricsLogger } from "./metrics-logger.js";
export { systemMetricNames } from "./names.js";
export type {
  MetricsSink,
  SampledMetrics,
  SystemMetricsLoggerOptions,
  SystemMetricsStartOptions,
  SystemSamplerOptions,
} from "./options.js";
export { SystemSampler } from "./sampler.js";
export type { SystemValues } from "./source.js";
