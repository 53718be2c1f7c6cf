import { join } from "node:path";
import type { CheckpointFiles } from "./files.js";
import { isLeftover, removeLeftover } from "./leftovers.js";
import { isUnlocked } from "./lock.js";

/**
 * Removes what dead processes left half-written or half-deleted in a directory of checkpoints. `locked` says that the caller holds
 * the lock; without it nothing is removed while another living process holds it, which may be saving. Never rejects: what
 * cannot be removed is no checkpoint, and is tried again with the next lock.
 */
export async function removeLeftovers(files: CheckpointFiles, dir: string, locked: boolean): Promise<void> {
  try {
    const leftovers = (await files.list(dir)).filter(({ name, isDirectory }) => isDirectory && isLeftover(name));
    if (leftovers.length === 0 || (!locked && !isUnlocked(dir))) return;
    for (const { name } of leftovers) await removeLeftover(files, join(dir, name)).catch(() => undefined);
  } catch {
    // no directory yet, or one that cannot be read: loading and saving report that
  }
}
