import { join } from "node:path";
import { MANIFEST, type Manifest } from "../format/manifest.js";
import { ignoringErrors } from "./commit-error.js";
import type { CommitPlan } from "./commit-plan.js";
import type { CheckpointFiles } from "./files.js";
import { removeLeftover, savingName } from "./leftovers.js";
import { writeAll } from "./write-file.js";

/** Files are copied in pieces of this size. */
const COPY_BYTES = 4 * 1024 * 1024;

/** Copies a committed checkpoint to `backupDir`, by the same protocol as `commit`: it appears there whole or not at all. */
export async function copyToBackup(
  files: CheckpointFiles,
  plan: CommitPlan,
  manifest: Manifest,
  backupDir: string,
): Promise<void> {
  const saving = join(backupDir, savingName(manifest.name, plan.pid));
  const from = join(plan.dir, manifest.name);
  try {
    await files.makeDirectories(backupDir);
    await removeLeftover(files, saving);
    await files.makeDirectory(saving);
    for (const file of [...Object.keys(manifest.files), MANIFEST]) await copyFile(files, join(from, file), join(saving, file));
    await files.syncDirectory(saving);
    await files.rename(saving, join(backupDir, manifest.name));
    await files.syncDirectory(backupDir);
  } catch (error) {
    await ignoringErrors(() => removeLeftover(files, saving));
    throw error;
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
