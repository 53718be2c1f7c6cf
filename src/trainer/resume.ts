import type { LoadedCheckpoint, ParamValue } from "../contract/index.js";
import { flattenParams } from "../config/params.js";
import { redactConfig } from "../config/redact.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import type { RunServices, Run } from "./run.js";
import { readSavedRun, restoreRun, type SavedRun } from "./saved-run.js";

/** Settings that say where a run lies and how it is started, not how it trains. */
const NOT_TRAINING = /^(resume|runName|runsDir)$/;

/**
 * Goes on from the last good checkpoint of the run's directory: state, position and identity are put back, and what
 * changed in the config is told. Without a checkpoint, `resume: "auto"` starts afresh and "must" throws `ERR_RESUME`.
 */
export async function resume<Batch>(parts: RunServices<Batch>, run: Run<Batch>): Promise<void> {
  const { config, warnings: notices } = run;
  const loaded = await findLast(run);
  if (loaded === null) {
    if (config.resume === "must") throw nothingToResume(parts);
    notices.warn(`${parts.info.dir} holds no checkpoint, so the run starts afresh there (resume: "auto").`);
    return;
  }
  const saved = readSavedRun(loaded);
  const warnings = await restored(run, loaded, saved);
  parts.info = { ...parts.info, runId: saved.runId, resumedFromStep: saved.progress.step };
  run.schedule.resumeAt(saved.progress.step);
  run.resumed = saved.phase;
  run.checkpoints.resumedFrom(loaded.info);
  run.tags["resumed_from_checkpoint"] = loaded.info.name;
  for (const warning of warnings) notices.warn(warning);
  const changes = changedSettings(saved.config, flattenParams(redactConfig(config)));
  tellChanges(run, changes);
  takeUpStop(run, saved.stop, changes.length > 0);
}

/** A saved state that does not fit this run (other loaders, another model) is told with the checkpoint it came from. */
async function restored<Batch>(run: Run<Batch>, loaded: LoadedCheckpoint, saved: SavedRun): Promise<string[]> {
  try {
    return await restoreRun(run, loaded, saved);
  } catch (cause) {
    throw new TrainscopeError("ERR_RESUME", `The checkpoint ${loaded.info.name} does not fit this run: ${messageOf(cause)}`, {
      path: loaded.info.path,
      cause,
    });
  }
}

async function findLast<Batch>(run: Run<Batch>): Promise<LoadedCheckpoint | null> {
  try {
    return await (await run.checkpoints.manager(run)).loadLast();
  } catch (cause) {
    throw new TrainscopeError("ERR_RESUME", `No checkpoint of this run can be loaded: ${messageOf(cause)}`, {
      path: "resume",
      cause,
    });
  }
}

function nothingToResume<Batch>({ info }: RunServices<Batch>): TrainscopeError {
  return new TrainscopeError(
    "ERR_RESUME",
    `resume is "must", but ${info.dir} holds no checkpoint to go on from.\nCheck runName and runsDir, or set resume: "auto" to start afresh where there is nothing.`,
    { path: "resume" },
  );
}

/** The new config is used; what differs is told, and sent as tags. */
function tellChanges<Batch>(run: Run<Batch>, changes: readonly ChangedSetting[]): void {
  if (changes.length === 0) return;
  const told = changes.map(({ name, before, now }) => `${name}: ${before} before, ${now} now`);
  run.warnings.warn(`The config is not the one of the checkpoint; the new one is used.\n${told.join("\n")}`);
  for (const { name, before, now } of changes) run.tags[`resume.changed.${name}`] = `${before} -> ${now}`;
}

/**
 * A run that had stopped does not train on, unless the new config allows it: a hook that would still stop it has the say;
 * where none would, a changed config is taken as the request to go on.
 */
function takeUpStop<Batch>(run: Run<Batch>, saved: SavedRun["stop"], isChanged: boolean): void {
  if (saved === null) return;
  const still = run.hooks.wouldStop();
  if (still === null && isChanged) return;
  const request = { ...saved.request, reason: still ?? saved.request.reason };
  if (saved.isAgreed) run.stop.agreed = request;
  else run.stop.request(request);
  run.requests.attention = true;
}

interface ChangedSetting {
  name: string;
  before: string;
  now: string;
}

/** What differs between two flattened configs. */
export function changedSettings(
  before: Readonly<Record<string, ParamValue>>,
  now: Readonly<Record<string, ParamValue>>,
): ChangedSetting[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => !NOT_TRAINING.test(name));
  const text = (value: ParamValue | undefined): string => (value === undefined ? "not set" : String(value));
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => ({ name, before: text(before[name]), now: text(now[name]) }));
}
