import type { StateValue } from "../contract/index.js";
import { TrainscopeError } from "./errors.js";

const GOLDEN = 0x9e3779b9;
const TWO_32 = 4294967296;

/** The 32-bit finalizer of MurmurHash3 (Austin Appleby, public domain). */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** `hash` with one more seed part mixed in. */
function absorb(hash: number, part: number): number {
  const low = part | 0;
  const folded = part === low ? low : low ^ mix(Math.floor(part / TWO_32) + GOLDEN); // past 32 bits the rest counts too
  return mix((hash + GOLDEN) ^ folded);
}

/**
 * The seed of one batch, as `StepContext.stepSeed` has it: an unsigned 32-bit integer that depends on the run's seed, the rank and the
 * index of the batch only. All three are safe integers.
 */
export function stepSeed(seed: number, rank: number, batch: number): number {
  return absorb(absorb(absorb(0, seed), rank), batch) >>> 0;
}

/**
 * One stream of random numbers, whose position can be saved: xoshiro128** 1.1 (Blackman and Vigna, public domain,
 * https://prng.di.unimi.it/xoshiro128starstar.c), its state filled from a hash of the seed parts. The same parts give the same numbers
 * on every machine and version of Node. Not for secrets.
 */
export class Random {
  readonly #s: Uint32Array = new Uint32Array(4);

  /** The parts are safe integers: a seed, and what keeps this stream apart from others of the same seed. */
  constructor(...seedParts: readonly number[]) {
    let hash = 0;
    for (const part of seedParts) hash = absorb(hash, part);
    for (let i = 0; i < 4; i++) this.#s[i] = mix((hash + Math.imul(i + 1, GOLDEN)) | 0);
    if (this.#s.every((word) => word === 0)) this.#s[0] = 1; // the one state the generator cannot leave
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    const s = this.#s;
    const s0 = s[0] as number;
    const s1 = s[1] as number;
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const s2 = (s[2] as number) ^ s0;
    const s3 = (s[3] as number) ^ s1;
    s[1] = s1 ^ s2;
    s[0] = s0 ^ s3;
    s[2] = s2 ^ (s1 << 9);
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  float(): number {
    return this.uint32() / TWO_32;
  }

  /** An integer in [0, bound), each equally likely; `bound` is an integer from 1 to 2^32. */
  below(bound: number): number {
    const limit = TWO_32 - (TWO_32 % bound);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < limit) return drawn % bound;
    }
  }

  /** The position of the stream: four 32-bit words. */
  state(): StateValue {
    return this.#s.slice();
  }

  /** Continues the stream at a position that `state` returned. Throws `ERR_STATE` for anything else. */
  loadState(state: StateValue): void {
    if (!(state instanceof Uint32Array) || state.length !== 4) {
      throw new TrainscopeError("ERR_STATE", "The saved random generator is not four 32-bit words.");
    }
    this.#s.set(state);
  }
}

/** The integers 0 to `count - 1` in random order, each order equally likely (Fisher and Yates' shuffle, in Durstenfeld's form). */
export function permutation(count: number, random: Random): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const moved = order[i] as number;
    order[i] = order[j] as number;
    order[j] = moved;
  }
  return order;
}

/** Keeps shuffles apart from the draws of the weighted sampling strategy, which has stream 1. */
const SHUFFLE_STREAM = 2;

/**
 * The order of the samples in pass `pass` (from 0) of a shuffled loader: the integers 0 to `count - 1`, the same for the same count, seed and
 * pass. Every shuffling loader of this package uses it, so that they shuffle alike.
 */
export function passOrder(count: number, seed: number, pass: number): Uint32Array {
  return permutation(count, new Random(SHUFFLE_STREAM, seed, pass));
}
