/**
 * `checkpoint-child.ts times <MB> <dir>` prints what one checkpoint takes beside the bare operations, in milliseconds;
 * `checkpoint-child.ts memory <MB> <dir>` prints how far the process grew while saving, as a share of the state.
 */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { StateTree, Tensor } from "trainscope";
import { CheckpointManager } from "trainscope/checkpoint";

const [what = "", megabytes = "", dir = ""] = process.argv.slice(2);
const TENSORS = 20;

/** What one round measured, in milliseconds. */
export interface CheckpointTimes {
  memcpy: number;
  raw: number;
  captured: number;
  /** By how much ticks of 1 ms were late after the capture, in all and at most. */
  late: number;
  longestPause: number;
  durable: number;
  readAndHash: number;
  load: number;
}

/** Half of the state are weights, half is one optimizer's. */
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
const arrays = [...Object.values(model), ...Object.values(momentum)].map(({ data }) => data);

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function memcpy(): number {
  globalThis.gc?.();
  let copies: unknown[] = [];
  const ms = timed(() => (copies = arrays.map((array) => array.slice())));
  if (copies.length !== TENSORS) throw new Error("Nothing was copied.");
  return ms;
}

function rawWrite(file: string): number {
  return timed(() => {
    const fd = openSync(file, "w");
    for (const array of arrays) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    }
    fsyncSync(fd);
    closeSync(fd);
  });
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

/** Ticks every millisecond until stopped: how late the ticks were, in all and at most. */
function watchLateness(): () => { late: number; longestPause: number } {
  let last = performance.now();
  let late = 0;
  let longestPause = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const gap = now - last;
    last = now;
    if (gap > 3) late += gap - 1;
    longestPause = Math.max(longestPause, gap);
  }, 1);
  return () => {
    clearInterval(timer);
    return { late, longestPause };
  };
}

async function save(
  manager: CheckpointManager,
  step: number,
): Promise<Omit<CheckpointTimes, "memcpy" | "raw" | "readAndHash" | "load">> {
  globalThis.gc?.();
  const start = performance.now();
  const ticket = manager.save({ model, optimizers: { adam: momentum }, run: { step } }, { epoch: 0, step });
  await ticket.captured;
  const captured = performance.now() - start;
  const stop = watchLateness();
  const info = await ticket.committed;
  const durable = performance.now() - start;
  if (info === "superseded") throw new Error("The checkpoint was not written.");
  return { captured, durable, ...stop() };
}

async function times(): Promise<CheckpointTimes> {
  const manager = new CheckpointManager({ dir: join(dir, "ours"), maxCheckpoints: 1, saveTopK: 0 });
  const raw = join(dir, "raw");
  let round: CheckpointTimes | null = null;
  for (let step = 1; step <= 2; step++) {
    // The first one warms up.
    const copy = memcpy();
    const written = rawWrite(raw);
    rmSync(raw);
    const saved = await save(manager, step);
    const { path, bytes } = (await manager.list()).at(-1) ?? { path: "", bytes: 0 };
    if (bytes < Number(megabytes) * 1e6) throw new Error(`${path} has ${bytes} bytes.`);
    const hashed = readAndHash(path);
    globalThis.gc?.();
    const start = performance.now();
    const loaded = await manager.loadLast();
    const load = performance.now() - start;
    if (loaded?.info.step !== step) throw new Error(`${path} was not loaded.`);
    round = { memcpy: copy, raw: written, ...saved, readAndHash: hashed, load };
  }
  await manager.close();
  if (round === null) throw new Error("Nothing was measured.");
  return round;
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
