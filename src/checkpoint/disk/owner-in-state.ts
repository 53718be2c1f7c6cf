/** Whose a checkpoint is, where its manifest does not say it. */
import { join } from "node:path";
import type { RunIdentity } from "../../contract/index.js";
import { identityOf } from "../../support/run-identity.js";
import { MANIFEST } from "../format/manifest.js";
import { decodeState } from "../format/state-codec.js";
import { readText, type CheckpointFiles } from "./files.js";

/**
 * The run of a checkpoint whose manifest names none because an earlier version wrote it: the trainer has always written its run's
 * id into `run.json`. Null for one that was saved without a trainer, or cannot be read.
 */
export async function ownerInState(files: CheckpointFiles, path: string): Promise<RunIdentity | null> {
  try {
    return identityOf(decodeState(await readText(files, join(path, "run.json"))));
  } catch {
    return null;
  }
}

/** The run of a damaged checkpoint: by its manifest, where that still is JSON, else by `run.json`. */
export async function ownerInRest(files: CheckpointFiles, path: string): Promise<RunIdentity | null> {
  try {
    const { run } = JSON.parse(await readText(files, join(path, MANIFEST))) as { run?: unknown };
    return identityOf(run) ?? (await ownerInState(files, path));
  } catch {
    return ownerInState(files, path);
  }
}
