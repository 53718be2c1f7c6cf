import { join } from "node:path";
import type { CheckpointFiles } from "./files.js";
import { isLeftover, isOfSameRun, removeLeftover } from "./leftovers.js";

/**
 * Removes what dead processes left half-written or half-deleted in a directory of checkpoints. The caller holds the lock, so that no
 * living process writes there; of a backup directory, which has no lock, `tag` says that only those of the same run are removed.
 * Never rejects: what cannot be removed is no checkpoint, and is tried again with the next lock.
 */
export async function removeLeftovers(files: CheckpointFiles, dir: string, tag?: string): Promise<void> {
  try {
    for (const { name, isDirectory } of await files.list(dir)) {
      const isDead = tag === undefined ? isLeftover(name) : isOfSameRun(name, tag);
      if (isDirectory && isDead) await removeLeftover(files, join(dir, name)).catch(() => undefined);
    }
  } catch {
    // no directory yet, or one that cannot be read: loading and saving report that
  }
}
