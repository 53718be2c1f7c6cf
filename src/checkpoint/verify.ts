import type { CheckpointProblem } from "../contract/index.js";
import { readCatalog, type Catalog } from "./disk/catalog.js";
import { nodeFiles, type CheckpointFiles } from "./disk/files.js";
import { readCheckpoint } from "./disk/read.js";
import { userPath } from "../support/user-path.js";

/**
 * Reads every checkpoint in `dir` and lists its problems, oldest checkpoint first: sizes and SHA-256 that differ from the manifest,
 * missing files, contents that cannot be decoded. Empty when all are good, and where there is none. Reads only and needs no
 * lock, so that a run may save there meanwhile; a checkpoint that the run deletes during the call is then listed too.
 * Rejects with `ERR_CHECKPOINT_DAMAGED` when the directory itself cannot be read.
 */
export async function verifyDirectory(dir: string): Promise<CheckpointProblem[]> {
  const path = userPath(dir);
  return problemsIn(nodeFiles, path, await readCatalog(nodeFiles, path));
}

/** The problems of the checkpoint `name`, or of all. */
export async function problemsIn(
  files: CheckpointFiles,
  dir: string,
  catalog: Catalog,
  name?: string,
): Promise<CheckpointProblem[]> {
  const isSelected = (checkpoint: string): boolean => name === undefined || checkpoint === name;
  const problems = catalog.problems.filter(({ checkpoint }) => isSelected(checkpoint));
  for (const manifest of catalog.checkpoints) {
    if (!isSelected(manifest.name)) continue;
    const read = await readCheckpoint(files, dir, manifest);
    if ("problems" in read) problems.push(...read.problems);
  }
  return problems;
}
