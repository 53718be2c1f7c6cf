import type { BestValue, Metrics, Mode, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { better, directionOf } from "./direction.js";

/**
 * Keeps the best value, its step and its epoch of every metric whose direction is known (by name or by `directions`).
 * Of equal values the first stays; a value that is not finite is never a best. May be fed values it has seen before.
 */
export class BestTracker {
  readonly #directions: Readonly<Record<string, Mode>>;
  readonly #modes = new Map<string, Mode | null>();
  readonly #best = new Map<string, BestValue>();

  /** `directions`: which direction is better, by bare or monitor name; before what the names themselves say. */
  constructor(directions: Readonly<Record<string, Mode>> = {}) {
    this.#directions = directions;
  }

  /** Compares the values of one step with the best so far. `epoch` is zero-based. */
  update(metrics: Metrics, step: number, epoch: number): void {
    for (const name of Object.keys(metrics)) {
      const value = metrics[name];
      const mode = this.#modeOf(name);
      if (mode === null || value === undefined || !Number.isFinite(value)) continue;
      const best = this.#best.get(name);
      if (best === undefined || better(mode, value, best.value)) this.#best.set(name, { value, step, epoch });
    }
  }

  /** The best value of one metric, or null before the first and for a metric whose direction is not known. */
  get(name: string): BestValue | null {
    return this.#best.get(name) ?? null;
  }

  /** A copy of the best values by metric name. */
  best(): Record<string, BestValue> {
    return Object.fromEntries([...this.#best].map(([name, best]) => [name, { ...best }]));
  }

  /** The best values as a plain value that a checkpoint can hold. */
  state(): StateValue {
    return Object.fromEntries([...this.#best].map(([name, { value, step, epoch }]) => [name, { value, step, epoch }]));
  }

  /** Replaces the best values by a saved state. Throws `ERR_STATE` for anything that `state()` did not return. */
  loadState(state: StateValue): void {
    if (typeof state !== "object" || state === null || Array.isArray(state))
      throw new TrainscopeError("ERR_STATE", "The saved best values are not an object of them by metric name.");
    const loaded = Object.entries(state as Record<string, Partial<BestValue> | null>).map(([name, best]): [string, BestValue] => {
      if (typeof best?.value !== "number" || typeof best.step !== "number" || typeof best.epoch !== "number") {
        throw new TrainscopeError("ERR_STATE", `The saved best of "${name}" is not { value, step, epoch }.`);
      }
      return [name, { value: best.value, step: best.step, epoch: best.epoch }];
    });
    this.#best.clear();
    for (const [name, best] of loaded) this.#best.set(name, best);
  }

  #modeOf(name: string): Mode | null {
    let mode = this.#modes.get(name);
    if (mode === undefined) this.#modes.set(name, (mode = directionOf(name, this.#directions)));
    return mode;
  }
}
