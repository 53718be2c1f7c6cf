/**
 * How a checkpoint gets onto the disk, whole or not at all:
 * 1. a directory beside, `.saving-<name>-<pid>`; every file written and synced; the manifest last; the directory synced;
 * 2. renamed to its name, and the parent synced: from here on it is committed;
 * 3. only then those that are no longer kept go: renamed to `.deleting-<name>-<pid>`, then removed.
 * Guarantees:
 * - A directory without those prefixes was whole when it got its name. Before the rename nothing of it counts.
 * - After a fault no other checkpoint was touched, and nothing is left under the new name (where even renaming back fails,
 *   a whole checkpoint).
 * - A file's hash is that of the bytes in memory; writing and syncing go on while it is computed.
 */
import { join } from "node:path";
import { messageOf } from "../../support/errors.js";
import { doing, Fault, quietly, type CommitFault } from "./fault.js";
import type { CheckpointFiles } from "./files.js";
import { deletingName, retire, savingName, removeLeftover } from "./leftovers.js";
import { encodeManifest, MANIFEST, type Manifest, type ManifestHead } from "../format/manifest.js";
import { writeAll, writeNewFile } from "./write-file.js";
import { writeFiles, type FilePlan } from "./write-files.js";

/** A backup is copied in pieces of this size. */
const COPY_BYTES = 4 * 1024 * 1024;

export interface CommitPlan {
  dir: string;
  head: ManifestHead;
  files: readonly FilePlan[];
  /** Checkpoints that are no longer kept: name and identity. */
  remove: readonly { name: string; sha256: string }[];
  backupDir: string | null;
  pid: number;
}

export type CommitResult = { manifest: Manifest; warnings: string[] } | { fault: CommitFault };

/** Where a crash may be tried, in the order in which they are first passed. */
export const COMMIT_POINTS = [
  "begin",
  "before-file",
  "mid-file",
  "before-file-sync",
  "after-file",
  "before-manifest",
  "after-manifest",
  "before-rename",
  "after-rename",
  "committed",
  "after-retire",
  "mid-delete",
  "end",
] as const;
export type CommitPoint = (typeof COMMIT_POINTS)[number];

export interface CommitListener {
  onPoint?: ((point: CommitPoint, name: string) => void) | undefined;
  /** Durable, and what is no longer kept is out of sight. Its removal and the backup follow. */
  onCommitted?: ((manifest: Manifest, warnings: readonly string[]) => void) | undefined;
}

/** Commits one checkpoint. Never throws. */
export async function commit(files: CheckpointFiles, plan: CommitPlan, listener: CommitListener = {}): Promise<CommitResult> {
  const { dir, head, pid } = plan;
  const point = (name: CommitPoint, detail = head.name): void => listener.onPoint?.(name, detail);
  const saving = join(dir, savingName(head.name, pid));
  const final = join(dir, head.name);
  let renamed = false;
  let manifest: Manifest;
  try {
    point("begin");
    await removeLeftover(files, saving);
    await doing("make", saving, () => files.makeDirectory(saving));
    const facts = await writeFiles(files, saving, plan.files, point);
    point("before-manifest");
    const encoded = encodeManifest(head, facts);
    manifest = encoded.manifest;
    const path = join(saving, MANIFEST);
    await doing("write", path, () => writeNewFile(files, path, Buffer.from(encoded.text)));
    point("after-manifest");
    await doing("sync", saving, () => files.syncDirectory(saving));
    point("before-rename");
    await doing("rename to its name", saving, () => files.rename(saving, final));
    renamed = true;
    point("after-rename");
    await doing("sync", dir, () => files.syncDirectory(dir));
  } catch (error) {
    if (renamed) await quietly(() => files.rename(final, saving));
    await quietly(() => removeLeftover(files, saving));
    return { fault: error instanceof Fault ? error.fault : { operation: "save", path: saving, cause: error } };
  }
  const warnings: string[] = [];
  point("committed");
  await cleanUp(files, plan, { manifest, warnings, listener });
  point("end");
  return { manifest, warnings };
}

/** What follows a commit; a fault in it is a warning. */
async function cleanUp(
  files: CheckpointFiles,
  plan: CommitPlan,
  { manifest, warnings, listener }: { manifest: Manifest; warnings: string[]; listener: CommitListener },
): Promise<void> {
  const { dir, pid, backupDir } = plan;
  const warned = async (what: string, act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      warnings.push(`${what}: ${messageOf(error instanceof Fault ? error.fault.cause : error)}.`);
      return false;
    }
  };
  const retired: string[] = [];
  for (const { name, sha256 } of plan.remove) {
    await warned(`The checkpoint "${name}", no longer kept, could not be deleted from ${dir}`, async () => {
      if (await retire(files, dir, { name, sha256, pid })) retired.push(name);
    });
    listener.onPoint?.("after-retire", name);
  }
  listener.onCommitted?.(manifest, warnings);
  for (const name of retired) {
    const deleting = join(dir, deletingName(name, pid));
    await warned(`${deleting} could not be removed`, () =>
      removeLeftover(files, deleting, () => listener.onPoint?.("mid-delete", name)),
    );
  }
  if (backupDir === null) return;
  const copied = await warned(`The checkpoint "${manifest.name}" could not be copied to ${backupDir}`, () =>
    backUp(files, plan, manifest, backupDir),
  );
  if (!copied) return;
  for (const { name, sha256 } of plan.remove) {
    await warned(`The checkpoint "${name}", no longer kept, could not be deleted from ${backupDir}`, async () => {
      if (await retire(files, backupDir, { name, sha256, pid }))
        await removeLeftover(files, join(backupDir, deletingName(name, pid)));
    });
  }
}

/** The same protocol, with files copied from the committed checkpoint. */
async function backUp(files: CheckpointFiles, plan: CommitPlan, manifest: Manifest, backupDir: string): Promise<void> {
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
    await quietly(() => removeLeftover(files, saving));
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
