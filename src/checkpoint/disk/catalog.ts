/** What lies in a directory of checkpoints. Reads only; needs no lock. */
import { join, resolve } from "node:path";
import type { CheckpointProblem, CheckpointInfo, KeptCheckpoint, Mode } from "../../contract/index.js";
import { bestOf, resolveMonitor } from "../../decisions/index.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { errorCode, readText, type CheckpointFiles } from "./files.js";
import { isOurs } from "./leftovers.js";
import { MANIFEST, parseManifest, type Manifest } from "../format/manifest.js";

export interface Catalog {
  /** Oldest first. */
  checkpoints: Manifest[];
  /** Checkpoints whose manifest is missing or damaged. */
  faults: CheckpointProblem[];
  /** Every name in the directory, also what is not ours. */
  names: Set<string>;
}

/** An empty catalog where there is no directory. Checkpoints that are `known` are not read. */
export async function readCatalog(
  files: CheckpointFiles,
  dir: string,
  known: ReadonlyMap<string, Manifest> = new Map(),
): Promise<Catalog> {
  const catalog: Catalog = { checkpoints: [], faults: [], names: new Set() };
  let entries: Awaited<ReturnType<CheckpointFiles["list"]>>;
  try {
    entries = await files.list(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return catalog;
    const message = `The checkpoints in ${dir} cannot be read: ${messageOf(error)}.`;
    throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", message, { path: dir, cause: error });
  }
  for (const { name, isDirectory } of entries) {
    catalog.names.add(name);
    if (!isDirectory || name.startsWith(".") || name === "lost+found") continue; // the last is the file system's own
    const found = known.get(name) ?? (await readOne(files, join(dir, name), name));
    if (found !== null && "problem" in found) catalog.faults.push(found);
    else if (found !== null) catalog.checkpoints.push(found);
  }
  catalog.checkpoints.sort((a, b) => a.sequence - b.sequence || a.savedAt.localeCompare(b.savedAt) || (a.name < b.name ? -1 : 1));
  return catalog;
}

/** One directory: a checkpoint, a damaged one, or null for what is not ours. A renamed one goes by its new name. */
async function readOne(files: CheckpointFiles, path: string, name: string): Promise<Manifest | CheckpointProblem | null> {
  const fault = (problem: string): CheckpointProblem => ({ checkpoint: name, file: MANIFEST, problem });
  try {
    const parsed = parseManifest(await readText(files, join(path, MANIFEST)));
    if (parsed.kind === "manifest") return { ...parsed.manifest, name };
    if (parsed.kind === "fault") return fault(parsed.problem);
    return (await holdsOnlyOurs(files, path)) ? fault("it is not a manifest of ours") : null;
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOENT") return fault(`it cannot be read: ${messageOf(error)}`);
    return (await holdsOnlyOurs(files, path)) ? fault("it is missing") : null;
  }
}

/** True for a directory that is a checkpoint in all but its manifest; false for one that another process has deleted meanwhile. */
async function holdsOnlyOurs(files: CheckpointFiles, path: string): Promise<boolean> {
  let names: string[];
  try {
    names = (await files.list(path)).map(({ name }) => name);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
  return names.some((name) => name.startsWith("model.safetensors")) && names.every(isOurs);
}

/** The monitored value, or null: not measured, or not finite. */
export function scoreOf(metrics: Manifest["metrics"], monitor: string): number | null {
  const name = resolveMonitor(monitor, metrics);
  const value = name === null ? undefined : metrics[name];
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** What keep rules see: scores of the metric that is monitored now, also for checkpoints saved under another one. */
export function keptOf(checkpoints: readonly Manifest[], monitor: string): KeptCheckpoint[] {
  return checkpoints.map(({ name, epoch, step, metrics, savedAt }) => ({
    name,
    epoch,
    step,
    score: scoreOf(metrics, monitor),
    savedAtMs: Date.parse(savedAt),
  }));
}

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
  }));
}
