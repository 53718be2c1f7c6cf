import { join } from "node:path";
import { encodeManifest, MANIFEST, type Manifest } from "../format/manifest.js";
import { checkLock } from "./check-lock.js";
import { cleanUp } from "./clean-up.js";
import { CommitError, during, ignoringErrors } from "./commit-error.js";
import type { CommitListener, CommitPlan, CommitResult } from "./commit-plan.js";
import type { CommitPoint } from "./commit-point.js";
import type { CheckpointFiles } from "./files.js";
import { removeLeftover, savingName } from "./leftovers.js";
import { writeNewFile } from "./write-file.js";
import { writeFiles } from "./write-files.js";

/**
 * Puts one checkpoint on the disk, whole or not at all. Never throws.
 * 1. A directory beside, `.saving-<name>-<tag>`: every file is written and synced, the manifest last, then the directory.
 * 2. While the lock is still ours it is renamed to its name, and the parent is synced: from here on it is committed.
 * 3. Only then are those that are no longer kept renamed to `.deleting-<name>-<tag>`, and removed.
 *
 * Guarantees:
 * - A directory without those prefixes was whole when it got its name. Before the rename nothing of it counts.
 * - After an error every other checkpoint is unchanged, and nothing is left under the new name (where even renaming back
 *   fails, a whole checkpoint).
 * - A file's hash is that of the bytes in memory; it is computed while they are written and synced.
 */
export async function commit(files: CheckpointFiles, plan: CommitPlan, listener: CommitListener = {}): Promise<CommitResult> {
  const { dir, head, tag } = plan;
  const point = (name: CommitPoint, detail = head.name): void => listener.onPoint?.(name, detail);
  const saving = join(dir, savingName(head.name, tag));
  const final = join(dir, head.name);
  let renamed = false;
  let manifest: Manifest;
  try {
    point("begin");
    await removeLeftover(files, saving);
    await during("make", saving, () => files.makeDirectory(saving));
    const facts = await writeFiles(files, saving, plan.files, point);
    point("before-manifest");
    const encoded = encodeManifest(head, facts);
    manifest = encoded.manifest;
    const path = join(saving, MANIFEST);
    await during("write", path, () => writeNewFile(files, path, Buffer.from(encoded.text)));
    point("after-manifest");
    await during("sync", saving, () => files.syncDirectory(saving));
    point("before-rename");
    await during("check the lock of", dir, () => checkLock(files, plan));
    await during("rename to its name", saving, () => files.rename(saving, final));
    renamed = true;
    point("after-rename");
    await during("sync", dir, () => files.syncDirectory(dir));
  } catch (error) {
    if (renamed) await ignoringErrors(() => files.rename(final, saving));
    await ignoringErrors(() => removeLeftover(files, saving));
    return { problem: error instanceof CommitError ? error.problem : { operation: "save", path: saving, cause: error } };
  }
  point("committed");
  const warnings: string[] = [];
  await cleanUp(files, plan, { manifest, warnings, listener });
  point("end");
  return { manifest, warnings };
}
