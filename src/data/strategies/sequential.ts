import type { StateValue } from "../../contract/index.js";
import { integersOf, openFrom } from "./strategy.js";
import type { Strategy } from "./strategy.js";

/** Every batch of the first loader, then of the second, and so on; from the first again where the epoch is longer. */
export class SequentialStrategy implements Strategy {
  #position = 0;

  startEpoch(): void {
    this.#position = 0;
  }

  next(open: Uint8Array): number {
    if (open[this.#position] !== 1) this.#position = openFrom(open, this.#position % open.length);
    return this.#position;
  }

  exhausted(index: number): void {
    this.#position = index + 1; // wraps in next()
  }

  state(): StateValue {
    return [this.#position];
  }

  loadState(state: StateValue): void {
    this.#position = integersOf(state, 1, "sequential")[0] as number;
  }
}
