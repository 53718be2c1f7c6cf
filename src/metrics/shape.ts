import type { Metrics } from "../contract/index.js";

/** The column of a metric that has none, since there are too many. */
export const NO_COLUMN = -1;

/** The metrics that a loader's steps report, in order; `loss` is the first. Steps with the same keys share one. */
export class Shape {
  readonly names: readonly string[];
  /** The accumulator's column of each name, or `NO_COLUMN`. */
  readonly columns: readonly number[];
  /** Getters by name that read the last step's values. */
  readonly view: Metrics;

  constructor(names: readonly string[], columns: readonly number[], read: (name: string) => number) {
    this.names = names;
    this.columns = columns;
    const view = Object.create(null) as Metrics; // a metric may be called `constructor`
    for (const name of names) Object.defineProperty(view, name, { get: () => read(name), enumerable: true });
    this.view = view;
  }
}
