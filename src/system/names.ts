import type { SystemSamplerOptions } from "./sampler.js";

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

/** The names a sampler with these options may give; of accelerators those of the first device, whether it is there or not. */
export function systemMetricNames(options: SystemSamplerOptions = {}, prefix = "system"): string[] {
  const names: string[] = [];
  if (options.logCpu !== false) names.push(...CPU);
  if (options.logMemory !== false) names.push(...MEMORY);
  if (options.logGpu !== false) names.push(...DEVICE.map((name) => `gpu_${name}`), ...DEVICE.map((name) => `hpu_${name}`));
  if (options.logDisk === true) names.push(...DISK);
  if (options.logNetwork === true) names.push(...NETWORK);
  return names.map((name) => `${prefix}/${name}`);
}
