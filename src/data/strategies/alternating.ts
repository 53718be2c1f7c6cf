import type { StateValue } from "../../contract/index.js";
import { integersOf, openFrom } from "./strategy.js";
import type { Strategy } from "./strategy.js";

/** `blockSize` batches in a row of each loader in turn. A loader that comes to its end ends its block. */
export class AlternatingStrategy implements Strategy {
  readonly #blockSize: number;
  #position = 0;
  #taken = 0;

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  startEpoch(): void {
    this.#position = 0;
    this.#taken = 0;
  }

  next(open: Uint8Array): number {
    if (this.#taken === this.#blockSize || open[this.#position] !== 1) {
      this.#position = openFrom(open, this.#position + 1);
      this.#taken = 0;
    }
    this.#taken++;
    return this.#position;
  }

  state(): StateValue {
    return [this.#position, this.#taken];
  }

  loadState(state: StateValue): void {
    const [position, taken] = integersOf(state, 2, "alternating") as [number, number];
    this.#position = position;
    this.#taken = Math.min(taken, this.#blockSize); // the block may be smaller in a resumed run
  }
}
