import type { StateValue } from "../../contract/index.js";
import { Random } from "../../support/random.js";
import type { Strategy } from "./strategy.js";

/** Keeps these draws apart from the shuffles of loaders, which have stream 2. */
const STREAM = 1;

/**
 * A loader drawn at random by weight, seeded by (seed, rank); the weights of loaders that are not open do not count. A saved position
 * is one in the stream of its seed: with another seed, the draws are those of the new one.
 */
export class WeightedStrategy implements Strategy {
  readonly #weights: readonly number[];
  readonly #random: Random;
  readonly #seed: number;

  constructor(weights: readonly number[], seed: number, rank: number) {
    this.#weights = weights;
    this.#seed = seed;
    this.#random = new Random(STREAM, seed, rank);
  }

  startEpoch(): void {
    // The stream continues: every epoch draws differently.
  }

  next(open: Uint8Array): number {
    const weights = this.#weights;
    let total = 0;
    for (let i = 0; i < weights.length; i++) if (open[i] === 1) total += weights[i] as number;
    let rest = this.#random.float() * total;
    let chosen = 0;
    for (let i = 0; i < weights.length; i++) {
      if (open[i] !== 1) continue;
      chosen = i; // rounding may leave a rest behind the last one
      rest -= weights[i] as number;
      if (rest < 0) break;
    }
    return chosen;
  }

  state(): StateValue {
    return { seed: this.#seed, random: this.#random.state() };
  }

  loadState(state: StateValue): void {
    const { seed, random } = (state ?? {}) as { seed?: StateValue; random?: StateValue };
    if (seed === undefined || seed === this.#seed) this.#random.loadState(random ?? null);
  }
}
