/** Every fault in a directory of checkpoints. */
import { resolve } from "node:path";
import type { CheckpointProblem } from "../contract/index.js";
import { readCatalog, type Catalog } from "./disk/catalog.js";
import { nodeFiles, type CheckpointFiles } from "./disk/files.js";
import { readCheckpoint } from "./disk/read.js";

/** The faults of all checkpoints in `dir`, oldest first; none where there is no checkpoint. Reads only. */
export async function verifyDirectory(dir: string): Promise<CheckpointProblem[]> {
  const path = resolve(dir);
  return verifyWith(nodeFiles, path, await readCatalog(nodeFiles, path));
}

/** The faults of one checkpoint, or of all. */
export async function verifyWith(
  files: CheckpointFiles,
  dir: string,
  catalog: Catalog,
  name?: string,
): Promise<CheckpointProblem[]> {
  const meant = (checkpoint: string): boolean => name === undefined || checkpoint === name;
  const faults = catalog.faults.filter(({ checkpoint }) => meant(checkpoint));
  for (const manifest of catalog.checkpoints) {
    if (!meant(manifest.name)) continue;
    const read = await readCheckpoint(files, dir, manifest);
    if ("faults" in read) faults.push(...read.faults);
  }
  return faults;
}
