/**
 * One measurement in a separate process: `tensorboard-child.ts <what> <dir> [first]`. The second of two runs is measured;
 * histograms and images use a warmed-up writer. Times are in microseconds.
 * `first` ("ours" or "raw") is the write that runs first. The task `data` writes the values and pixels that the peer reads.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { SummaryWriter, TensorBoardBackend } from "trainscope/tensorboard";
import { median } from "./lib/statistics.js";
import type { CallTimes, MadeTimes, MemoryMarks, ScalarTimes } from "./tensorboard-work.js";
import { AT_ONCE, ITEMS, makePixels, makeValues, PIXELS, STEPS, VALUES } from "./tensorboard-work.js";

const [what = "", dir = "", first = "ours"] = process.argv.slice(2);
const TAGS = ["train/loss", "train/accuracy", "train/rate", "val/loss", "val/accuracy"] as const;
const RAW_CHUNK_BYTES = 256 * 1024;
const WARM_UP_ITEMS = 50;
const MEMORY_MARKS: readonly number[] = [1_000_000, 5_000_000, 10_000_000];
const BYTES_A_SCALAR = 60;

type Log = (step: number) => void;

function callsOf(writer: SummaryWriter): Log {
  return (step) => {
    for (let index = 0; index < TAGS.length; index++) writer.addScalar(TAGS[index] as string, step * 0.001 + index, step);
  };
}

/** An object as a user would write it. */
function fiveOf(step: number): Record<string, number> {
  const value = step * 0.001;
  return {
    "train/loss": value,
    "train/accuracy": value + 1,
    "train/rate": value + 2,
    "val/loss": value + 3,
    "val/accuracy": value + 4,
  };
}

interface Opened {
  log: Log;
  close(): Promise<unknown>;
}

const OPEN: Readonly<Record<string, (folder: string) => Opened>> = {
  addScalar(folder) {
    const writer = new SummaryWriter(folder);
    return { log: callsOf(writer), close: () => writer.close() };
  },
  addScalars(folder) {
    const writer = new SummaryWriter(folder);
    return { log: (step) => writer.addScalars(fiveOf(step), step), close: () => writer.close() };
  },
  logMetrics(folder) {
    const backend = new TensorBoardBackend({ dir: folder });
    return { log: (step) => backend.logMetrics(fiveOf(step), step, { epoch: 0 }), close: () => backend.close("completed") };
  },
};

/** The time per item from a new writer to its close, with `perStep` items per step. `sync` adds an fsync of the file. */
async function run(open: (folder: string) => Opened, perStep: number, sync = false): Promise<CallTimes> {
  const folder = join(dir, "ours");
  rmSync(folder, { recursive: true, force: true });
  globalThis.gc?.();
  const startMs = performance.now();
  const { log, close } = open(folder);
  for (let step = 0; step < STEPS; step++) log(step);
  const callerMs = performance.now() - startMs;
  await close();
  if (sync) syncFile(eventFileIn(folder));
  const wholeMs = performance.now() - startMs;
  const scale = 1000 / (STEPS * perStep);
  return { caller: callerMs * scale, whole: wholeMs * scale };
}

function eventFileIn(folder: string): string {
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error(`${folder} has ${others.length + 1} files instead of one.`);
  return join(folder, name);
}

function syncFile(path: string): void {
  const fd = openSync(path, "r+");
  fsyncSync(fd);
  closeSync(fd);
}

/** Microseconds per scalar to write these bytes to a new file. */
function rawWrite(bytes: Uint8Array, sync = false): number {
  const path = join(dir, "raw");
  globalThis.gc?.();
  const startMs = performance.now();
  const fd = openSync(path, "wx");
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, Math.min(RAW_CHUNK_BYTES, bytes.length - at));
  if (sync) fsyncSync(fd);
  closeSync(fd);
  const ms = performance.now() - startMs;
  rmSync(path);
  return (ms * 1000) / (STEPS * TAGS.length);
}

async function addScalar(): Promise<ScalarTimes> {
  const ours = (sync = false): Promise<CallTimes> => run(OPEN.addScalar as (folder: string) => Opened, TAGS.length, sync);
  await ours();
  const bytes = readFileSync(eventFileIn(join(dir, "ours")));
  if (bytes.length < STEPS * TAGS.length * 40) throw new Error(`${bytes.length} bytes hold not all scalars.`);
  rawWrite(bytes);
  const before = first === "raw" ? [rawWrite(bytes), rawWrite(bytes, true)] : null;
  const times = await ours();
  const { whole: wholeSynced } = await ours(true);
  const [raw = 0, rawSynced = 0] = before ?? [rawWrite(bytes), rawWrite(bytes, true)];
  return { ...times, raw, wholeSynced, rawSynced };
}

async function scalars(perStep: number): Promise<CallTimes> {
  const open = OPEN[what] as (folder: string) => Opened;
  await run(open, perStep);
  return run(open, perStep);
}

/** The time per call, and per item from the first call to the end of `close`; each `together` calls wait for the ones before. */
async function paced(add: (writer: SummaryWriter, step: number) => void, together: number): Promise<CallTimes> {
  const writer = new SummaryWriter(join(dir, `paced-${together}`));
  for (let step = 0; step < WARM_UP_ITEMS; step++) {
    add(writer, step);
    if ((step + 1) % together === 0) await writer.flush();
  }
  globalThis.gc?.();
  const calls = new Float64Array(ITEMS);
  const startMs = performance.now();
  for (let step = 0; step < ITEMS; step++) {
    const callMs = performance.now();
    add(writer, step);
    calls[step] = performance.now() - callMs;
    if ((step + 1) % together === 0) await writer.flush();
  }
  await writer.close();
  const wholeMs = performance.now() - startMs;
  const { delivered, dropped, refused } = writer.report();
  if (delivered !== WARM_UP_ITEMS + ITEMS) throw new Error(`${delivered} written, ${dropped} dropped, ${refused} refused.`);
  return { caller: median([...calls]) * 1000, whole: (wholeMs * 1000) / ITEMS };
}

async function made(add: (writer: SummaryWriter, step: number) => void): Promise<MadeTimes> {
  const startMs = performance.now();
  await using writer = new SummaryWriter(join(dir, "first"));
  add(writer, 0);
  await writer.flush();
  const firstMs = performance.now() - startMs;
  const answered = await paced(add, 1);
  const atOnce = await paced(add, AT_ONCE);
  return { firstMs, answered, atOnce };
}

function histogram(): Promise<MadeTimes> {
  const values = makeValues();
  return made((writer, step) => writer.addHistogram("weights", values, step));
}

function image(): Promise<MadeTimes> {
  const pixels = makePixels();
  return made((writer, step) => writer.addImage("sample", pixels, step));
}

/** One writer, up to the last mark or as far as disk space allows. */
async function memory(): Promise<MemoryMarks> {
  const { bavail, bsize } = statfsSync(dir);
  const room = (bavail * bsize) / 2 / BYTES_A_SCALAR;
  const most = MEMORY_MARKS.at(-1) ?? 0;
  const share = Math.min(1, Math.floor((10 * room) / most) / 10);
  const marks: MemoryMarks = { scalars: MEMORY_MARKS.map((mark) => mark * share), resident: [], peak: [], heap: [] };
  const writer = new SummaryWriter(join(dir, "memory"));
  const log = callsOf(writer);
  let step = 0;
  for (const mark of marks.scalars) {
    while (step * TAGS.length < mark) log(step++);
    await setImmediate();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    marks.resident.push(rss / 1e6);
    marks.peak.push((process.resourceUsage().maxRSS * 1024) / 1e6);
    marks.heap.push((heapUsed + external) / 1e6);
  }
  await writer.close();
  if (writer.report().delivered !== step * TAGS.length) throw new Error("Not all scalars were written.");
  return marks;
}

function data(): object {
  writeFileSync(join(dir, VALUES), makeValues());
  writeFileSync(join(dir, PIXELS), makePixels().data);
  return {};
}

const MEASURES: Readonly<Record<string, () => Promise<object> | object>> = {
  addScalar,
  addScalars: () => scalars(TAGS.length),
  logMetrics: () => scalars(1),
  histogram,
  image,
  memory,
  data,
};

const measure = MEASURES[what];
if (measure === undefined) throw new Error(`Nothing called "${what}". There are: ${Object.keys(MEASURES).join(", ")}.`);
process.stdout.write(`${JSON.stringify(await measure())}\n`);
