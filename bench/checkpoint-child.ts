/**
 * `checkpoint-child.ts times <MB> <dir> <first>` prints the time of one checkpoint and of the bare operations, in
 * milliseconds. `first` ("ours" or "raw") is the write that runs first.
 * `checkpoint-child.ts memory <MB> <dir>` prints how much the process grew while saving, as a share of the state.
 */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { StateTree, Tensor } from "trainscope";
import { CheckpointManager } from "trainscope/checkpoint";

const [what = "", megabytes = "", dir = "", first = "raw"] = process.argv.slice(2);
const TENSORS = 20;
/** Only the last save is measured. */
const SAVES = 4;

/** The measurements of one round, in milliseconds. */
export interface CheckpointTimes {
  /** A copy of the state to new memory, and the first save until its state is captured. */
  memcpyNew: number;
  firstStall: number;
  /** A copy to existing memory, and a later save: until its state is captured, and the main thread's work for it afterwards. */
  memcpy: number;
  stall: number;
  later: number;
  raw: number;
  durable: number;
  readAndHash: number;
  load: number;
}

/** Half of the state is weights, half is the state of one optimizer. */
function stateOf(half: number): StateTree {
  const floats = (Number(megabytes) * 1e6) / 4 / TENSORS;
  const tensors: Record<string, Tensor> = {};
  for (let i = 0; i < TENSORS / 2; i++) {
    const data = new Float32Array(floats);
    for (let k = 0; k < floats; k++) data[k] = Math.fround((k * 0.001 + i) % 1) - half;
    tensors[`layers.${i}.weight`] = { shape: [floats], dtype: "F32", data };
  }
  return tensors;
}

const model = stateOf(0);
const momentum = stateOf(0.5);
const arrays = [...Object.values(model), ...Object.values(momentum)].map(({ data }) => data as Float32Array);

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function copyToNew(): { copies: Float32Array[]; ms: number } {
  globalThis.gc?.();
  let copies: Float32Array[] = [];
  const ms = timed(() => (copies = arrays.map((array) => array.slice())));
  return { copies, ms };
}

function copyTo(copies: readonly Float32Array[]): number {
  return timed(() => copies.forEach((copy, i) => copy.set(arrays[i] ?? [])));
}

function rawWrite(): number {
  const file = join(dir, "raw");
  const ms = timed(() => {
    const fd = openSync(file, "w");
    for (const array of arrays) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    }
    fsyncSync(fd);
    closeSync(fd);
  });
  rmSync(file);
  return ms;
}

function readAndHash(checkpoint: string): number {
  globalThis.gc?.();
  return timed(() => {
    for (const name of readdirSync(checkpoint))
      createHash("sha256")
        .update(readFileSync(join(checkpoint, name)))
        .digest();
  });
}

interface Saved {
  stall: number;
  later: number;
  durable: number;
}

async function save(manager: CheckpointManager, step: number): Promise<Saved> {
  globalThis.gc?.();
  const start = performance.now();
  const ticket = manager.save({ model, optimizers: { adam: momentum }, run: { step } }, { epoch: 0, step });
  await ticket.captured;
  const stall = performance.now() - start;
  const before = performance.eventLoopUtilization();
  const info = await ticket.committed;
  const durable = performance.now() - start;
  await manager.flush();
  const later = performance.eventLoopUtilization(before).active;
  if (info === "superseded") throw new Error("The checkpoint was not written.");
  return { stall, later, durable };
}

async function times(): Promise<CheckpointTimes> {
  const manager = new CheckpointManager({ dir: join(dir, "ours"), maxCheckpoints: 1, saveTopK: 0 });
  const { copies, ms: memcpyNew } = copyToNew();
  const { stall: firstStall } = await save(manager, 1);
  for (let step = 2; step < SAVES; step++) await save(manager, step);
  const memcpy = copyTo(copies);
  const before = first === "raw" ? rawWrite() : null;
  const saved = await save(manager, SAVES);
  const raw = before ?? rawWrite();
  const { path, bytes } = (await manager.list()).at(-1) ?? { path: "", bytes: 0 };
  if (bytes < Number(megabytes) * 1e6) throw new Error(`${path} has ${bytes} bytes.`);
  await manager.loadLast(); // warms up
  const hashed = readAndHash(path);
  globalThis.gc?.();
  const start = performance.now();
  const loaded = await manager.loadLast();
  const load = performance.now() - start;
  if (loaded?.info.step !== SAVES) throw new Error(`${path} was not loaded.`);
  await manager.close();
  return { memcpyNew, firstStall, memcpy, raw, ...saved, readAndHash: hashed, load };
}

async function memory(): Promise<{ extra: number }> {
  globalThis.gc?.();
  const manager = new CheckpointManager({ dir: join(dir, "ours") });
  const before = process.memoryUsage.rss();
  await save(manager, 1);
  const peak = process.resourceUsage().maxRSS * 1024;
  await manager.close();
  return { extra: (peak - before) / (Number(megabytes) * 1e6) };
}

mkdirSync(dir, { recursive: true });
if (!statSync(dir).isDirectory()) throw new Error(`${dir} is not a directory.`);
process.stdout.write(`${JSON.stringify(what === "memory" ? await memory() : await times())}\n`);
