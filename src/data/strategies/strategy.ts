import type { StateValue } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

/** Which loader gives the next batch. Deterministic: the same state and the same calls, the same choices. */
export interface Strategy {
  startEpoch(): void;
  /** The index of the loader that gives the next batch. `open[i]` is 1 while loader i may be chosen; at least one may. */
  next(open: Uint8Array): number;
  /** Loader `index` came to its end. A strategy with this method then chooses another; without it the loader starts again in its place. */
  exhausted?(index: number): void;
  state(): StateValue;
  loadState(state: StateValue): void;
}

/** The first open loader at or after `start`, continuing from 0 behind the last one. */
export function openFrom(open: Uint8Array, start: number): number {
  for (let offset = 0; offset < open.length; offset++) {
    const index = (start + offset) % open.length;
    if (open[index] === 1) return index;
  }
  throw new TrainscopeError("ERR_LOADER_DATA", "No loader is left to choose from.");
}

/** `state` as a list of `count` safe integers, or `ERR_STATE`. */
export function integersOf(state: StateValue, count: number, what: string): readonly number[] {
  if (Array.isArray(state) && state.length === count && state.every(Number.isSafeInteger)) return state as number[];
  throw new TrainscopeError("ERR_STATE", `The saved position of the "${what}" sampling strategy does not fit ${count} numbers.`);
}
