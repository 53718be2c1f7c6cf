/**
 * Writes, syncs and hashes the files of a checkpoint, all at once: while one file is hashed its bytes are on their way to
 * the disk, and while one is synced the next is written. Hashing all bytes or writing and syncing them, the longer counts.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Compression } from "../../contract/index.js";
import type { CommitPoint } from "./commit.js";
import { compressor } from "../format/compression.js";
import { doing, quietly } from "./fault.js";
import type { CheckpointFiles, OpenFile } from "./files.js";
import type { FileFacts } from "../format/manifest.js";
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

type Point = (name: CommitPoint, detail: string) => void;

interface Target {
  plan: FilePlan;
  path: string;
  file: OpenFile;
}

/** What was written; it may still be on its way to the disk, and be hashed. */
interface Stored {
  bytes: number;
  sha256: Promise<string>;
}

/** Throws a `Fault`; then nothing goes on any more, and every file is closed. */
export async function writeFiles(
  files: CheckpointFiles,
  dir: string,
  plans: readonly FilePlan[],
  point: Point,
): Promise<Record<string, FileFacts>> {
  const going: Promise<unknown>[] = [];
  const started = <T>(work: Promise<T>): Promise<T> => {
    work.catch(() => undefined); // awaited later: no rejection goes unhandled until then
    going.push(work);
    return work;
  };
  try {
    const finished: Promise<[string, FileFacts]>[] = [];
    for (const plan of plans) {
      const path = join(dir, plan.file);
      point("before-file", plan.file);
      const file = await doing("open", path, () => files.create(path));
      try {
        const stored = await store({ plan, path, file }, point, started);
        finished.push(started(finish({ plan, path, file }, stored, point)));
      } catch (error) {
        await quietly(() => file.close());
        throw error;
      }
    }
    return Object.fromEntries(await Promise.all(finished));
  } finally {
    await Promise.allSettled(going);
  }
}

/** Gives the event loop a turn after each piece: the next write or sync is started there. */
async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (const piece of pieces(bytes, HASH_BYTES)) {
    hash.update(piece);
    await nextTurn();
  }
  return hash.digest("hex");
}

async function store(target: Target, point: Point, started: <T>(work: Promise<T>) => Promise<T>): Promise<Stored> {
  const { plan, path, file } = target;
  if (plan.compress !== "none") return storeCompressed(target, compressor(plan.compress, plan.bytes));
  const sha256 = started(hashOf(plan.bytes));
  let position = 0;
  for (const piece of pieces(plan.bytes, WRITE_BYTES)) {
    await doing("write", path, () => writeAll(file, piece, position));
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
    await doing("write", path, () => writeAll(file, piece, position));
    hash.update(piece);
    position += piece.byteLength;
  }
  return { bytes: position, sha256: Promise.resolve(hash.digest("hex")) };
}

async function finish({ plan, path, file }: Target, { bytes, sha256 }: Stored, point: Point): Promise<[string, FileFacts]> {
  point("before-file-sync", plan.file);
  try {
    await doing("sync", path, () => file.sync());
  } catch (error) {
    await quietly(() => file.close());
    throw error;
  }
  await doing("close", path, () => file.close());
  point("after-file", plan.file);
  return [plan.file, { bytes, sha256: await sha256 }];
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}
