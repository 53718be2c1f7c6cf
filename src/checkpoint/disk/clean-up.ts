import { join } from "node:path";
import { messageOf } from "../../support/errors.js";
import type { Manifest } from "../format/manifest.js";
import { copyToBackup, deleteBackup } from "./backup.js";
import { checkLock } from "./check-lock.js";
import type { CommitListener, CommitPlan } from "./commit-plan.js";
import type { CheckpointFiles } from "./files.js";
import { deletingName, removeLeftover, retire } from "./leftovers.js";

interface CleanUp {
  manifest: Manifest;
  /** Where errors go, as sentences. */
  warnings: string[];
  listener: CommitListener;
}

/** Runs an action; false when it threw, which is then a warning that begins with `what`. */
type Attempt = (what: string, act: () => Promise<unknown>) => Promise<boolean>;

/**
 * What follows a commit. First the checkpoints that are no longer kept are hidden, and `onCommitted` is called; then they
 * are removed, and the new one is copied to the backup directory. An error is a warning.
 */
export async function cleanUp(
  files: CheckpointFiles,
  plan: CommitPlan,
  { manifest, warnings, listener }: CleanUp,
): Promise<void> {
  const { dir, tag, backupDir } = plan;
  const attempt = attemptWith(warnings);
  const retired: string[] = [];
  const isOurs = plan.remove.length === 0 || (await attempt(`${dir} was not tidied`, () => checkLock(files, plan)));
  for (const { name, sha256 } of isOurs ? plan.remove : []) {
    await attempt(notDeleted(name, dir), async () => {
      if (await retire(files, dir, { name, sha256, tag })) retired.push(name);
    });
    listener.onPoint?.("after-retire", name);
  }
  listener.onCommitted?.(manifest, warnings);
  for (const name of retired) {
    const deleting = join(dir, deletingName(name, tag));
    const onFile = (): void => listener.onPoint?.("mid-delete", name);
    await attempt(`${deleting} could not be removed`, () => removeLeftover(files, deleting, onFile));
  }
  if (backupDir !== null) await updateBackup(files, plan, { manifest, backupDir, attempt });
}

/** In the backup directory too, old checkpoints are deleted only after the new one is there. */
async function updateBackup(
  files: CheckpointFiles,
  plan: CommitPlan,
  { manifest, backupDir, attempt }: { manifest: Manifest; backupDir: string; attempt: Attempt },
): Promise<void> {
  const notCopied = `The checkpoint "${manifest.name}" could not be copied to ${backupDir}`;
  if (!(await attempt(notCopied, () => copyToBackup(files, plan, manifest, backupDir)))) return;
  for (const { name, sha256 } of plan.remove) {
    await attempt(notDeleted(name, backupDir), () => deleteBackup(files, backupDir, { name, sha256, tag: plan.tag }));
  }
}

function attemptWith(warnings: string[]): Attempt {
  return async (what, act) => {
    try {
      await act();
      return true;
    } catch (error) {
      warnings.push(`${what}: ${messageOf(error)}.`);
      return false;
    }
  };
}

function notDeleted(name: string, dir: string): string {
  return `The checkpoint "${name}", no longer kept, could not be deleted from ${dir}`;
}
