import { dirname } from "node:path";
import type { LoadedCheckpoint, ParamValue } from "../contract/index.js";
import { DESCRIPTION, flattenParams, NOT_TRAINING } from "../config/params.js";
import { redactConfig } from "../config/redact.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { printable } from "../support/printable.js";
import { newestCheckpoint } from "./newest-checkpoint.js";
import { placesOf } from "./places.js";
import type { Run } from "./run.js";
import { readSavedRun, restoreRun, type SavedRun } from "./saved-run.js";

/** A text of the user's may be long. */
const MAX_SHOWN = 200;

/**
 * Resumes the run from the last good checkpoint in its directory: state, position and identity are restored, and changes of
 * the config are reported. Without a checkpoint, `resume: "auto"` starts from the beginning and "must" throws `ERR_RESUME`.
 */
export async function resume<Batch>(run: Run<Batch>): Promise<void> {
  const { config, warnings } = run;
  const loaded = await findLast(run);
  if (loaded === null) {
    if (config.resume === "must") throw nothingToResumeError(run);
    warnings.warn(
      `${run.info.dir} holds no checkpoint of this run, so the run starts from the beginning there (resume: "auto").`,
    );
    return;
  }
  const saved = readSavedRun(loaded);
  for (const warning of await restored(run, loaded, saved)) warnings.warn(warning);
  run.info = { ...run.info, resumedFromStep: saved.progress.step };
  run.schedule.resumeAt(saved.progress.step, run.progress.validationDue);
  if (run.progress.validationDue) run.requests.attention = true;
  run.resumed = saved.phase;
  run.checkpoints.resumedFrom(loaded.info);
  run.tags["resumed_from_checkpoint"] = loaded.info.name;
  const changes = changedSettings(saved.config, flattenParams(redactConfig(config)));
  reportChanges(run, changes);
  restoreStop(
    run,
    saved.stop,
    changes.some(({ name }) => !DESCRIPTION.test(name)),
  );
}

/** Restores the state. One that does not fit this run (other loaders, another model) is `ERR_RESUME` with the checkpoint's path. */
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

/** The run's last good checkpoint, from whichever of its places has the newest. */
async function findLast<Batch>(run: Run<Batch>): Promise<LoadedCheckpoint | null> {
  const { paths, info, warnings } = run;
  const manager = await run.checkpoints.manager();
  try {
    const { runId, runName } = info;
    const places = await placesOf(paths, info);
    const found = await newestCheckpoint(manager, places, { runId, runName }, (message) => warnings.warn(message));
    if (found !== null && dirname(found.info.path) !== manager.dir)
      warnings.warn(`The run is resumed from ${found.info.path}. It saves in ${manager.dir} from now on.`);
    return found;
  } catch (cause) {
    throw new TrainscopeError("ERR_RESUME", `No checkpoint of this run can be loaded: ${messageOf(cause)}`, {
      path: "resume",
      cause,
    });
  }
}

function nothingToResumeError<Batch>({ info }: Run<Batch>): TrainscopeError {
  return new TrainscopeError(
    "ERR_RESUME",
    `resume is "must", but ${info.dir} holds no checkpoint to resume from.\nCheck runName and runsDir, or set resume: "auto" to start from the beginning where there is none.`,
    { path: "resume" },
  );
}

/** The new config is used. What differs becomes a warning, and tags. */
function reportChanges<Batch>(run: Run<Batch>, changes: readonly ChangedSetting[]): void {
  if (changes.length === 0) return;
  const lines = changes.map(({ name, before, now }) => `${name}: ${before} before, ${now} now`);
  run.warnings.warn(`The config differs from the one in the checkpoint; the new one is used.\n${lines.join("\n")}`);
  for (const { name, before, now } of changes) run.tags[`resume.changed.${name}`] = `${before} -> ${now}`;
}

/**
 * A run that had stopped trains no further, unless the new config allows it. A hook that would still stop it decides first; where
 * none would, a changed config means that the run is to continue.
 */
function restoreStop<Batch>(run: Run<Batch>, saved: SavedRun["stop"], isChanged: boolean): void {
  if (saved === null) return;
  const reason = run.hooks.wouldStop();
  if (reason === null && isChanged) return;
  const request = { ...saved.request, reason: reason ?? saved.request.reason };
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
function changedSettings(
  before: Readonly<Record<string, ParamValue>>,
  now: Readonly<Record<string, ParamValue>>,
): ChangedSetting[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => !NOT_TRAINING.test(name) && !isEmpty(name, before[name] ?? now[name]),
  );
  const text = (value: ParamValue | undefined): string => (value === undefined ? "not set" : shortened(printable(String(value))));
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => ({ name, before: text(before[name]), now: text(now[name]) }));
}

/** Params and tags without one have no entry of their own where there are some. */
function isEmpty(name: string, value: ParamValue | undefined): boolean {
  return (name === "params" || name === "tags") && (value === "{}" || value === "[]");
}

function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
