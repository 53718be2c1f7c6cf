import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Compression } from "../../contract/index.js";
import { compressor } from "../format/compression.js";
import type { FileFacts } from "../format/manifest.js";
import { during, ignoringErrors } from "./commit-error.js";
import type { CommitPoint } from "./commit-point.js";
import type { CheckpointFiles, OpenFile } from "./files.js";
import { writeAll } from "./write-file.js";

/** Size of one write: large, so that the disk is busy while this thread hashes. */
const WRITE_BYTES = 64 * 1024 * 1024;
/** Bytes hashed before the event loop may start the next write. */
const HASH_BYTES = 2 * 1024 * 1024;

/** One file of a checkpoint, as it is before compression. */
export interface FilePlan {
  file: string;
  bytes: Uint8Array;
  compress: Compression;
}

type Point = (name: CommitPoint, detail: string) => void;

interface Target {
  plan: FilePlan;
  path: string;
  file: OpenFile;
}

/** A file whose bytes are written. They may not be durable yet, and the hash may not be finished. */
interface Stored {
  bytes: number;
  sha256: Promise<string>;
}

/**
 * Writes, syncs and hashes the files of a checkpoint concurrently: while one file is hashed its bytes are written, and while one
 * is synced the next is written. The whole takes as long as hashing all bytes or writing and syncing them, whichever is longer.
 * Throws a `CommitError`; then no work is pending any more, and every file is closed.
 */
export async function writeFiles(
  files: CheckpointFiles,
  dir: string,
  plans: readonly FilePlan[],
  point: Point,
): Promise<Record<string, FileFacts>> {
  const pending: Promise<unknown>[] = [];
  const started = <T>(work: Promise<T>): Promise<T> => {
    work.catch(() => undefined); // awaited later: no rejection goes unhandled until then
    pending.push(work);
    return work;
  };
  try {
    const finished: Promise<[string, FileFacts]>[] = [];
    for (const plan of plans) {
      const path = join(dir, plan.file);
      point("before-file", plan.file);
      const file = await during("open", path, () => files.create(path));
      try {
        const stored = await store({ plan, path, file }, point, started);
        finished.push(started(finish({ plan, path, file }, stored, point)));
      } catch (error) {
        await ignoringErrors(() => file.close());
        throw error;
      }
    }
    return Object.fromEntries(await Promise.all(finished));
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Yields to the event loop after each piece, so that it can start the next write or sync. */
async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (const piece of pieces(bytes, HASH_BYTES)) {
    hash.update(piece);
    await yieldToEventLoop();
  }
  return hash.digest("hex");
}

async function store(target: Target, point: Point, started: <T>(work: Promise<T>) => Promise<T>): Promise<Stored> {
  const { plan, path, file } = target;
  if (plan.compress !== "none") return storeCompressed(target, compressor(plan.compress, plan.bytes));
  const sha256 = started(hashOf(plan.bytes));
  let position = 0;
  for (const piece of pieces(plan.bytes, WRITE_BYTES)) {
    await during("write", path, () => writeAll(file, piece, position));
    if (position === 0) point("mid-file", plan.file);
    position += piece.byteLength;
  }
  return { bytes: position, sha256 };
}

/** The hash is that of the compressed bytes. */
async function storeCompressed({ path, file }: Target, compressed: AsyncIterable<Uint8Array>): Promise<Stored> {
  const hash = createHash("sha256");
  let position = 0;
  for await (const piece of compressed) {
    await during("write", path, () => writeAll(file, piece, position));
    hash.update(piece);
    position += piece.byteLength;
  }
  return { bytes: position, sha256: Promise.resolve(hash.digest("hex")) };
}

async function finish({ plan, path, file }: Target, { bytes, sha256 }: Stored, point: Point): Promise<[string, FileFacts]> {
  point("before-file-sync", plan.file);
  try {
    await during("sync", path, () => file.sync());
  } catch (error) {
    await ignoringErrors(() => file.close());
    throw error;
  }
  await during("close", path, () => file.close());
  point("after-file", plan.file);
  return [plan.file, { bytes, sha256: await sha256 }];
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}
