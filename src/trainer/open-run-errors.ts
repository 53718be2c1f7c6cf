import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import type { RunInfo } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { partsText, type EarlierPart } from "./earlier-parts.js";
import type { Place } from "./places.js";

/** For `resume: "must"` where nothing of the run is found, in the directory of the runs and in `searched`. */
export function noSuchRunError({ dir, runName }: RunInfo, searched: readonly Place[]): TrainscopeError {
  const runsDir = dirname(dir);
  const runs = readdirSync(runsDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = suggest(
    runName,
    runs.map(({ name }) => name),
  );
  const elsewhere = searched.map((place) => `, and no checkpoint of that name in ${place.dir}`).join("");
  const message = `resume is "must", but there is no run "${runName}" in ${runsDir}${elsewhere}. ${names}`;
  return new TrainscopeError("ERR_RESUME", message, { path: "resume" });
}

/** For `resume: "never"` where the run's directory exists (no parts), or `parts` of it without its directory. */
export function runExistsError({ runName, dir }: RunInfo, parts: readonly EarlierPart[]): TrainscopeError {
  const found =
    parts.length === 0
      ? `The run "${runName}" already has a directory: ${dir}`
      : `The run "${runName}" has no directory ${dir}, but checkpoints of it exist:\n${partsText(parts)}`;
  const message = `${found}\nResume it with resume: "auto" or "must", or choose another runName (without one, a run is named by its start time).`;
  return new TrainscopeError("ERR_RUN_EXISTS", message, { path: "runName" });
}

/** For a run without a directory whose name two runs have. */
export function ambiguousError({ runName, dir }: RunInfo, parts: readonly EarlierPart[]): TrainscopeError {
  const message = `Two runs are called "${runName}", and ${dir}, which would say which of them is to be resumed, is gone:\n${partsText(parts)}\nMove the checkpoints of one of them to another directory.`;
  return new TrainscopeError("ERR_RESUME", message, { path: "runName" });
}
