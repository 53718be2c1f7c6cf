import type { StateValue } from "../../contract/index.js";
import { integersOf, openFrom } from "./strategy.js";
import type { Strategy } from "./strategy.js";

/** One batch of each loader in turn. */
export class RoundRobinStrategy implements Strategy {
  #position = 0;

  startEpoch(): void {
    this.#position = 0;
  }

  next(open: Uint8Array): number {
    const index = open[this.#position] === 1 ? this.#position : openFrom(open, this.#position);
    this.#position = index + 1 === open.length ? 0 : index + 1;
    return index;
  }

  state(): StateValue {
    return [this.#position];
  }

  loadState(state: StateValue): void {
    this.#position = integersOf(state, 1, "roundRobin")[0] as number;
  }
}
