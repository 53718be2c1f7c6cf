import type { ResolvedGenericTrainerConfig, RunInfo } from "../contract/index.js";
import { resolve } from "node:path";

/** The identity of a run before its directory is made. */
export function newRunInfo(config: ResolvedGenericTrainerConfig, rank: number, worldSize: number): RunInfo {
  const runName = config.runName ?? timestampName(new Date());
  const dir = resolve(config.runsDir, runName);
  return { runId: crypto.randomUUID(), runName, dir, attempt: 1, resumedFromStep: null, rank, worldSize, config };
}

function timestampName(now: Date): string {
  return now.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");
}
