/** What the TensorBoard benchmark's processes share: counts, what they print, and the values and pixels for both writers. */
import type { ImageData } from "trainscope";
import { makeRandom } from "./lib/random.js";
import type { StepTime } from "./lib/stopwatch.js";

/** Steps of five scalars. */
export const STEPS = 100_000;
export const TRAINER_STEPS = 300_000;
/** Histograms or images. */
export const ITEMS = 200;
export type PeerTask = "scalars" | "histogram" | "image";
/** Steps of five scalars, histograms and images. */
export const PEER_COUNTS: Readonly<Record<PeerTask, number>> = { scalars: 10_000, histogram: 50, image: 50 };

/** Microseconds an item: until the calls returned, and from the first call until the writer was closed. */
export interface CallTimes {
  caller: number;
  whole: number;
}

/** Beside it the same bytes written raw, and both followed by an fsync. */
export interface ScalarTimes extends CallTimes {
  raw: number;
  wholeSynced: number;
  rawSynced: number;
}

/** So many histograms or images at once: the weights of a model. */
export const AT_ONCE = 50;

/** The same items at two paces. */
export interface MadeTimes {
  /** Milliseconds until the very first one was made: the thread starts. */
  firstMs: number;
  /** Each when the one before is written. */
  answered: CallTimes;
  /** `AT_ONCE` in one turn of the event loop, when those before are written. */
  atOnce: CallTimes;
}

/** Megabytes after a garbage collection, when so many scalars were written. */
export interface MemoryMarks {
  scalars: number[];
  resident: number[];
  /** The most that was resident at any time before. */
  peak: number[];
  heap: number[];
}

/** All that was measured in one round. */
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

/** Where the peer finds them, in the folder that it is given. */
export const VALUES = "values.f32";
export const PIXELS = "pixels.u8";

const VALUE_COUNT = 100_000;
const SIDE = 256;
const NOISE_SIDE = 64;

/** Values as weights have them: normal, by Box and Muller. */
export function makeValues(): Float32Array {
  const random = makeRandom(7);
  return Float32Array.from(
    { length: VALUE_COUNT },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** A gradient with a patch of noise in its middle. */
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
