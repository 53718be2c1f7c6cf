import type { MetricsManager } from "../metrics/index.js";
import type { Run } from "./run.js";

/** Metrics over all ranks where the config asks for it, else those of this rank. */
export async function reduced<Batch>({ config, group }: Run<Batch>, metrics: MetricsManager): Promise<MetricsManager> {
  if (group.worldSize === 1 || !config.logging.allReduceMetrics) return metrics;
  return metrics.reduce(group, { timeoutMs: config.ranks.timeoutMs });
}
