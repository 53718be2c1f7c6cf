/** `trainscope/metrics`: metrics and throughput, usable in one's own loop. */
export { MetricsManager } from "./metrics-manager.js";
export type { MetricsManagerOptions } from "./options.js";
export { ThroughputMeter } from "./throughput.js";
export type { BatchTimings, Throughput, ThroughputInterval, ThroughputMeterOptions } from "./throughput.js";
export type { EpochMetrics, LoaderProportion } from "./types.js";
