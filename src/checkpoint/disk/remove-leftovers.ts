/** Removes what dead processes left behind in a directory of checkpoints. */
import { join } from "node:path";
import type { CheckpointFiles } from "./files.js";
import { leftoverPid, removeLeftover } from "./leftovers.js";
import { isUnlocked } from "./lock.js";

/**
 * Never rejects: what cannot be removed is no checkpoint, and is tried again with the next lock. Without `locked` it
 * leaves everything alone while someone else who is alive holds the lock: that process may be saving.
 */
export async function removeLeftovers(files: CheckpointFiles, dir: string, locked: boolean): Promise<void> {
  try {
    const leftovers = (await files.list(dir)).filter(({ name, isDirectory }) => isDirectory && leftoverPid(name) !== null);
    if (leftovers.length === 0 || (!locked && !isUnlocked(dir))) return;
    for (const { name } of leftovers) await removeLeftover(files, join(dir, name)).catch(() => undefined);
  } catch {
    // no directory yet, or none that can be read: whoever loads or saves is told
  }
}
