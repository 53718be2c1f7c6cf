/** Which checkpoints of a directory a manager may see, and which it may delete. */
import { join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import { identityOf, isSameRun } from "../../support/run-identity.js";
import type { Manifest } from "../format/manifest.js";
import { decodeState } from "../format/state-codec.js";
import type { Catalog } from "./catalog.js";
import { readText, type CheckpointFiles } from "./files.js";

/** The catalog as a manager of `run` sees it: its own checkpoints; without a run all. Damaged ones may be anyone's, and stay. */
export function visibleTo(catalog: Catalog, run: RunIdentity | null): Catalog {
  return run === null ? catalog : { ...catalog, checkpoints: ofRun(catalog.checkpoints, run) };
}

/** The checkpoints that keep rules of a manager of `run` judge and delete: its own; without a run those of no run. */
export function ofRun(checkpoints: readonly Manifest[], run: RunIdentity | null): Manifest[] {
  return checkpoints.filter((manifest) => isSameRun(manifest.run, run));
}

/**
 * The run of a checkpoint whose manifest names none because an earlier version wrote it: the trainer has always written its run's
 * id into `run.json`. Null for one that was saved without a trainer, or cannot be read.
 */
export async function ownerInState(files: CheckpointFiles, path: string, manifest: Manifest): Promise<RunIdentity | null> {
  if (!Object.hasOwn(manifest.files, "run.json")) return null;
  try {
    return identityOf(decodeState(await readText(files, join(path, "run.json"))));
  } catch {
    return null;
  }
}
