import { join } from "node:path";
import { errorCode } from "../../support/error-code.js";
import { freeName } from "../../support/unique-names.js";
import { MANIFEST, type Manifest } from "../format/manifest.js";
import { readCatalog } from "./catalog.js";
import { ignoringErrors } from "./commit-error.js";
import type { CommitPlan } from "./commit-plan.js";
import type { CheckpointFiles } from "./files.js";
import { deletingName, removeLeftover, retire, savingName } from "./leftovers.js";
import { removeLeftovers } from "./remove-leftovers.js";
import { writeAll } from "./write-file.js";

/** Files are copied in pieces of this size. */
const COPY_BYTES = 4 * 1024 * 1024;
const MAX_TRIES = 10;

/**
 * Copies a committed checkpoint to `backupDir`, by the same protocol as `commit`: it appears there whole or not at all. Where another
 * checkpoint has its name, of another run perhaps, it gets the next free one: nothing is replaced.
 */
export async function copyToBackup(
  files: CheckpointFiles,
  plan: CommitPlan,
  manifest: Manifest,
  backupDir: string,
): Promise<void> {
  const saving = join(backupDir, savingName(manifest.name, plan.tag));
  const from = join(plan.dir, manifest.name);
  try {
    await files.makeDirectories(backupDir);
    await removeLeftovers(files, backupDir, plan.tag);
    await removeLeftover(files, saving);
    await files.makeDirectory(saving);
    for (const file of [...Object.keys(manifest.files), MANIFEST]) await copyFile(files, join(from, file), join(saving, file));
    await files.syncDirectory(saving);
    await renameToFree(files, saving, { backupDir, name: manifest.name });
    await files.syncDirectory(backupDir);
  } catch (error) {
    await ignoringErrors(() => removeLeftover(files, saving));
    throw error;
  }
}

/** Deletes the copy of a checkpoint, under whatever name it has there. That of another checkpoint is not touched. */
export async function deleteBackup(
  files: CheckpointFiles,
  backupDir: string,
  { name, sha256, tag }: { name: string; sha256: string; tag: string },
): Promise<void> {
  let found = name;
  if (!(await retire(files, backupDir, { name, sha256, tag }))) {
    const { checkpoints } = await readCatalog(files, backupDir);
    const copy = checkpoints.find((manifest) => manifest.sha256 === sha256);
    if (copy === undefined || !(await retire(files, backupDir, { name: copy.name, sha256, tag }))) return;
    found = copy.name;
  }
  await removeLeftover(files, join(backupDir, deletingName(found, tag)));
}

/** Several runs may copy into one directory at once: a name that was taken meanwhile is left to the other. */
async function renameToFree(
  files: CheckpointFiles,
  saving: string,
  { backupDir, name }: { backupDir: string; name: string },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const taken = new Set((await files.list(backupDir)).map((entry) => entry.name));
    try {
      return await files.rename(saving, join(backupDir, freeName(name, taken, "-")));
    } catch (error) {
      const isTaken = ["ENOTEMPTY", "EEXIST"].includes(errorCode(error) ?? "");
      if (!isTaken || tries === MAX_TRIES) throw error;
    }
  }
}

async function copyFile(files: CheckpointFiles, from: string, to: string): Promise<void> {
  const source = await files.openToRead(from);
  try {
    const target = await files.create(to);
    try {
      const chunk = Buffer.allocUnsafeSlow(COPY_BYTES);
      for (let position = 0; ;) {
        const count = await source.read(chunk, position);
        if (count === 0) break;
        await writeAll(target, chunk.subarray(0, count), position);
        position += count;
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
