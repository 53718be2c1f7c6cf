import type { StateValue } from "../../contract/index.js";
import { Random } from "../../support/random.js";
import type { Strategy } from "./strategy.js";

const STREAM = 1; // apart from the shuffles, which are seeded by (seed, pass)

/** A loader drawn at random by weight, seeded by (seed, rank); the weights of closed loaders do not count. */
export class WeightedStrategy implements Strategy {
  readonly #weights: readonly number[];
  readonly #random: Random;

  constructor(weights: readonly number[], seed: number, rank: number) {
    this.#weights = weights;
    this.#random = new Random(STREAM, seed, rank);
  }

  startEpoch(): void {
    // The stream goes on: every epoch draws differently.
  }

  next(open: Uint8Array): number {
    const weights = this.#weights;
    let total = 0;
    for (let i = 0; i < weights.length; i++) if (open[i] === 1) total += weights[i] as number;
    let rest = this.#random.float() * total;
    let chosen = 0;
    for (let i = 0; i < weights.length; i++) {
      if (open[i] !== 1) continue;
      chosen = i; // rounding may leave a rest after the last one
      rest -= weights[i] as number;
      if (rest < 0) break;
    }
    return chosen;
  }

  state(): StateValue {
    return this.#random.state();
  }

  loadState(state: StateValue): void {
    this.#random.loadState(state);
  }
}
