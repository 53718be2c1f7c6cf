/** How checkpoints are ranked, from their manifests. */
import { resolve } from "node:path";
import type { CheckpointInfo, KeptCheckpoint, Mode } from "../contract/index.js";
import { bestOf, resolveMonitor } from "../decisions/index.js";
import type { Manifest } from "./format/manifest.js";

/** The monitored value, or null when it was not measured or is not finite. */
export function scoreOf(metrics: Manifest["metrics"], monitor: string): number | null {
  const name = resolveMonitor(monitor, metrics);
  const value = name === null ? undefined : metrics[name];
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** What keep rules see. Scores are those of the metric that is monitored now, also for checkpoints saved under another one. */
export function keptOf(checkpoints: readonly Manifest[], monitor: string): KeptCheckpoint[] {
  return checkpoints.map(({ name, epoch, step, metrics, savedAt }) => ({
    name,
    epoch,
    step,
    score: scoreOf(metrics, monitor),
    savedAtMs: Date.parse(savedAt),
  }));
}

/** What users see of the checkpoints in `dir`: `isBest` is by the metric that is monitored now. */
export function infosOf(dir: string, checkpoints: readonly Manifest[], rule: { monitor: string; mode: Mode }): CheckpointInfo[] {
  const best = bestOf(keptOf(checkpoints, rule.monitor), rule.mode);
  return checkpoints.map((manifest) => ({
    name: manifest.name,
    path: resolve(dir, manifest.name),
    epoch: manifest.epoch,
    step: manifest.step,
    metrics: manifest.metrics,
    isBest: manifest.name === best,
    bytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0),
    savedAt: manifest.savedAt,
    run: manifest.run,
  }));
}

/** As `infosOf`, of one of the checkpoints. */
export function infoOf(
  dir: string,
  checkpoints: readonly Manifest[],
  { name, ...rule }: { name: string; monitor: string; mode: Mode },
): CheckpointInfo {
  return infosOf(dir, checkpoints, rule).find((info) => info.name === name) as CheckpointInfo;
}
