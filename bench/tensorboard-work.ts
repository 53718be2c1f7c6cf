/** Shared by the processes of the TensorBoard benchmark: counts, result types, and the values and pixels for both writers. */
import type { ImageData } from "trainscope";
import { makeRandom } from "./lib/random.js";
import type { StepTime } from "./lib/stopwatch.js";

/** Steps of five scalars. */
export const STEPS = 100_000;
export const TRAINER_STEPS = 300_000;
/** Number of histograms or images. */
export const ITEMS = 200;
export type PeerTask = "scalars" | "histogram" | "image";
/** For tensorboardX: steps of five scalars, histograms, images. */
export const PEER_COUNTS: Readonly<Record<PeerTask, number>> = { scalars: 10_000, histogram: 50, image: 50 };

/** Microseconds per item: until the calls returned, and from the first call until the writer was closed. */
export interface CallTimes {
  caller: number;
  whole: number;
}

/** Also the same bytes written raw, and both with an fsync. */
export interface ScalarTimes extends CallTimes {
  raw: number;
  wholeSynced: number;
  rawSynced: number;
}

/** Number of histograms or images at once, as for the weights of a model. */
export const AT_ONCE = 50;

/** The same items, logged one by one and many at once. */
export interface MadeTimes {
  /** Milliseconds until the first one was encoded, including the start of the thread. */
  firstMs: number;
  /** Each is logged when the previous one is written. */
  answered: CallTimes;
  /** `AT_ONCE` are logged in one turn of the event loop, when the previous ones are written. */
  atOnce: CallTimes;
}

/** Megabytes after a garbage collection, by the number of scalars written. */
export interface MemoryMarks {
  scalars: number[];
  resident: number[];
  /** The highest resident size so far. */
  peak: number[];
  heap: number[];
}

/** All measurements of one round. */
export interface Round {
  addScalar: ScalarTimes;
  addScalars: CallTimes;
  logMetrics: CallTimes;
  bare: StepTime;
  trainer: StepTime;
  histogram: MadeTimes;
  image: MadeTimes;
  memory: MemoryMarks;
  /** tensorboardX's; NaN where it could not be installed. */
  peer: Readonly<Record<PeerTask, CallTimes>>;
}

/** Their file names in the folder that the peer is given. */
export const VALUES = "values.f32";
export const PIXELS = "pixels.u8";

const VALUE_COUNT = 100_000;
const SIDE = 256;
const NOISE_SIDE = 64;

/** Normally distributed values, like weights (Box-Muller). */
export function makeValues(): Float32Array {
  const random = makeRandom(7);
  return Float32Array.from(
    { length: VALUE_COUNT },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** A gradient with a patch of noise in the middle. */
export function makePixels(): ImageData & { data: Uint8Array } {
  const random = makeRandom(11);
  const data = new Uint8Array(SIDE * SIDE * 3);
  const isNoise = (at: number): boolean => Math.abs(at - SIDE / 2 + 0.5) < NOISE_SIDE / 2;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = (y * SIDE + x) * 3;
      const noise = isNoise(x) && isNoise(y);
      data[at] = noise ? random() * 256 : x;
      data[at + 1] = noise ? random() * 256 : y;
      data[at + 2] = noise ? random() * 256 : (x + y) / 2;
    }
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}
