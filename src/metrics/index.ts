/** `trainscope/metrics`: metrics and throughput, usable in one's own loop. */
import "../support/needs-node.js"; // first
export { MetricsManager } from "./metrics-manager.js";
export type { MetricsManagerOptions } from "./options.js";
export { ThroughputMeter } from "./throughput.js";
export type { BatchTimings, Throughput, ThroughputInterval, ThroughputMeterOptions } from "./throughput.js";
export type { EpochMetrics, LoaderProportion } from "./types.js";
