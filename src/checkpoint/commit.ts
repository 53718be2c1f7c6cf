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
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Compression } from "../contract/index.js";
import { messageOf } from "../errors.js";
import { compressor } from "./compression.js";
import type { CheckpointFiles, OpenFile } from "./files.js";
import { deletingName, retire, savingName, sweep } from "./leftovers.js";
import { encodeManifest, MANIFEST, type FileFacts, type Manifest, type ManifestHead } from "./manifest.js";
import { writeAll } from "./write-file.js";

/** One write: large, so that the disk works on while this thread hashes. */
const WRITE_BYTES = 64 * 1024 * 1024;
/** Hashed between two looks at whether a write has ended. */
const HASH_BYTES = 2 * 1024 * 1024;

/** One file of a checkpoint, as it is before compression. */
export interface FilePlan {
  file: string;
  bytes: Uint8Array;
  compress: Compression;
}

export interface CommitPlan {
  dir: string;
  head: ManifestHead;
  files: readonly FilePlan[];
  /** Checkpoints that are no longer kept: name and identity. */
  remove: readonly { name: string; sha256: string }[];
  backupDir: string | null;
  pid: number;
}

/** What failed, in words that a message can be made of. */
export interface CommitFault {
  operation: string;
  path: string;
  cause: unknown;
}

export type CommitResult = { manifest: Manifest; warnings: string[] } | { fault: CommitFault };

/** Where a crash may be tried, in the order of the protocol. */
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
    await sweep(files, saving);
    await doing("make", saving, () => files.makeDirectory(saving));
    const facts: Record<string, FileFacts> = {};
    for (const file of plan.files) facts[file.file] = await writeFile(files, join(saving, file.file), file, point);
    point("before-manifest");
    const encoded = encodeManifest(head, facts);
    manifest = encoded.manifest;
    const text = { file: MANIFEST, bytes: Buffer.from(encoded.text), compress: "none" as const };
    await writeFile(files, join(saving, MANIFEST), text, () => undefined);
    point("after-manifest");
    await doing("sync", saving, () => files.syncDirectory(saving));
    point("before-rename");
    await doing("rename to its name", saving, () => files.rename(saving, final));
    renamed = true;
    point("after-rename");
    await doing("sync", dir, () => files.syncDirectory(dir));
  } catch (error) {
    if (renamed) await quietly(() => files.rename(final, saving));
    await quietly(() => sweep(files, saving));
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
    await warned(`${deleting} could not be removed`, () => sweep(files, deleting, () => listener.onPoint?.("mid-delete", name)));
  }
  if (backupDir === null) return;
  const copied = await warned(`The checkpoint "${manifest.name}" could not be copied to ${backupDir}`, () =>
    backUp(files, plan, manifest, backupDir),
  );
  if (!copied) return;
  for (const { name, sha256 } of plan.remove) {
    await warned(`The checkpoint "${name}", no longer kept, could not be deleted from ${backupDir}`, async () => {
      if (await retire(files, backupDir, { name, sha256, pid })) await sweep(files, join(backupDir, deletingName(name, pid)));
    });
  }
}

/** The same protocol, with files copied from the committed checkpoint. */
async function backUp(files: CheckpointFiles, plan: CommitPlan, manifest: Manifest, backupDir: string): Promise<void> {
  const saving = join(backupDir, savingName(manifest.name, plan.pid));
  const from = join(plan.dir, manifest.name);
  try {
    await files.makeDirectories(backupDir);
    await sweep(files, saving);
    await files.makeDirectory(saving);
    for (const file of [...Object.keys(manifest.files), MANIFEST]) await copyFile(files, join(from, file), join(saving, file));
    await files.syncDirectory(saving);
    await files.rename(saving, join(backupDir, manifest.name));
    await files.syncDirectory(backupDir);
  } catch (error) {
    await quietly(() => sweep(files, saving));
    throw error;
  }
}

async function copyFile(files: CheckpointFiles, from: string, to: string): Promise<void> {
  const source = await files.openToRead(from);
  try {
    const target = await files.create(to);
    try {
      const chunk = Buffer.allocUnsafeSlow(2 * HASH_BYTES);
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

/** Writes and syncs one file while it is hashed: the two overlap, and the longer one counts. */
async function writeFile(
  files: CheckpointFiles,
  path: string,
  plan: FilePlan,
  point: (name: CommitPoint, detail: string) => void,
): Promise<FileFacts> {
  point("before-file", plan.file);
  const file = await doing("open", path, () => files.create(path));
  const hash = createHash("sha256");
  let bytes = 0;
  let closed = false;
  try {
    if (plan.compress === "none") {
      const written = writePieces(path, file, plan, point);
      written.catch(() => undefined); // awaited below; hashing must not leave it unwatched
      for (const piece of pieces(plan.bytes, HASH_BYTES)) {
        hash.update(piece);
        await nextTurn(); // the next write is started from here
      }
      bytes = await written;
    } else {
      for await (const piece of compressor(plan.compress, plan.bytes)) {
        const written = doing("write", path, () => writeAll(file, piece, bytes));
        written.catch(() => undefined);
        hash.update(piece);
        await written;
        bytes += piece.byteLength;
      }
      point("before-file-sync", plan.file);
      await doing("sync", path, () => file.sync());
    }
    closed = true;
    await doing("close", path, () => file.close());
  } finally {
    if (!closed) await quietly(() => file.close());
  }
  point("after-file", plan.file);
  return { bytes, sha256: hash.digest("hex") };
}

async function writePieces(
  path: string,
  file: OpenFile,
  { file: name, bytes }: FilePlan,
  point: (name: CommitPoint, detail: string) => void,
): Promise<number> {
  let position = 0;
  for (const piece of pieces(bytes, WRITE_BYTES)) {
    await doing("write", path, () => writeAll(file, piece, position));
    if (position === 0) point("mid-file", name);
    position += piece.byteLength;
  }
  point("before-file-sync", name);
  await doing("sync", path, () => file.sync());
  return position;
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

/** Carries what was being done to the one place that tells it. */
class Fault extends Error {
  readonly fault: CommitFault;

  constructor(fault: CommitFault) {
    super(fault.operation, { cause: fault.cause });
    this.fault = fault;
  }
}

async function doing<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Fault({ operation, path, cause });
  }
}

/** For cleaning after a fault: that fault is told, not this one; what stays is cleaned with the next lock. */
async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch {
    // see above
  }
}
