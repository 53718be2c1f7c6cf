import type { StateValue } from "../../contract/index.js";
import { integersOf } from "./strategy.js";
import type { Strategy } from "./strategy.js";

/**
 * Batches in proportion to the loaders' lengths, spread evenly, so that all of them end together: smooth weighted
 * round-robin (as nginx balances its upstreams), exact after every round of Σ length choices.
 */
export class ProportionalStrategy implements Strategy {
  readonly #lengths: readonly number[];
  readonly #credit: number[];

  constructor(lengths: readonly number[]) {
    this.#lengths = lengths;
    this.#credit = lengths.map(() => 0);
  }

  startEpoch(): void {
    this.#credit.fill(0);
  }

  next(open: Uint8Array): number {
    const credit = this.#credit;
    let total = 0;
    let chosen = -1;
    for (let i = 0; i < credit.length; i++) {
      if (open[i] !== 1) continue;
      const length = this.#lengths[i] as number;
      total += length;
      credit[i] = (credit[i] as number) + length;
      if (chosen < 0 || (credit[i] as number) > (credit[chosen] as number)) chosen = i;
    }
    credit[chosen] = (credit[chosen] as number) - total;
    return chosen;
  }

  state(): StateValue {
    return [...this.#credit];
  }

  loadState(state: StateValue): void {
    const saved = integersOf(state, this.#credit.length, "proportional");
    for (let i = 0; i < saved.length; i++) this.#credit[i] = saved[i] as number;
  }
}
