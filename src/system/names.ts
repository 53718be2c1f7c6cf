import { parseConfig } from "../config/index.js";
import { DEFAULT_PREFIX, SystemSamplerOptions } from "./options.js";
import type { SampledMetrics } from "./options.js";

const CPU = ["cpu_percent", "process_cpu_percent", "event_loop_lag_ms"];
const MEMORY = ["memory_used_gb", "memory_percent", "process_rss_gb", "process_heap_gb"];
const DEVICE = [
  "memory_allocated_gb",
  "memory_reserved_gb",
  "memory_total_gb",
  "utilization_percent",
  "temperature_celsius",
  "power_watts",
];
const DISK = ["disk_read_mb_s", "disk_write_mb_s"];
const NETWORK = ["network_receive_mb_s", "network_send_mb_s"];

/**
 * The names of the values that a sampler with these options may give, `<prefix>/cpu_percent`: of accelerators those of the first
 * device, whether there is one or not. Other keys of a larger config are ignored.
 */
export function systemMetricNames(options: SampledMetrics = {}, prefix: string = DEFAULT_PREFIX): string[] {
  const { logCpu, logMemory, logGpu, logDisk, logNetwork } = options;
  const sampled = parseConfig(SystemSamplerOptions, { logCpu, logMemory, logGpu, logDisk, logNetwork }, "systemMetricNames");
  const names: string[] = [];
  if (sampled.logCpu) names.push(...CPU);
  if (sampled.logMemory) names.push(...MEMORY);
  if (sampled.logGpu) names.push(...DEVICE.map((name) => `gpu_${name}`), ...DEVICE.map((name) => `hpu_${name}`));
  if (sampled.logDisk) names.push(...DISK);
  if (sampled.logNetwork) names.push(...NETWORK);
  return names.map((name) => `${prefix}/${name}`);
}
