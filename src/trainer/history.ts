import type { Metrics } from "../contract/index.js";

/** Numbers that a history may hold in all: 40,000 epochs of 50 metrics, 16 MB. */
export const MAX_HISTORY_VALUES = 2_000_000;

/** What a checkpoint stores of it. Arrays of floats: exact, and a tenth of the size of numbers as text. */
export interface SavedEpochHistory {
  readonly epochs: number;
  readonly values: Readonly<Record<string, Float64Array>>;
  readonly pending: Metrics;
}

/**
 * One value an epoch for each metric.
 * - Position: the index of a value is its epoch; NaN where a metric was not measured in an epoch.
 * - Of several values in one epoch the last counts.
 * - Bounded: at `maxValues` nothing more is recorded, so that the positions stay right.
 */
export class EpochHistory {
  readonly #maxValues: number;
  #epochs = 0;
  #pending = new Map<string, number>();
  /** By metric; a column is as long as the metric has had values. */
  readonly #columns = new Map<string, { values: Float64Array; length: number }>();
  #partial: Metrics | null = null;
  #isFull = false;

  constructor(maxValues: number = MAX_HISTORY_VALUES) {
    this.#maxValues = maxValues;
  }

  /** Values of the current epoch. */
  note(values: Metrics): void {
    for (const name in values) this.#pending.set(name, values[name] as number);
  }

  /** The values of an epoch that ended. Returns true where there is no room for them, for the first time: the history ends before it. */
  endEpoch(): boolean {
    const names = new Set([...this.#columns.keys(), ...this.#pending.keys()]);
    const wasFull = this.#isFull;
    this.#isFull ||= names.size * (this.#epochs + 1) > this.#maxValues;
    if (!this.#isFull) {
      for (const [name, value] of this.#pending) this.#put(name, value);
      this.#epochs++;
    }
    this.#pending.clear();
    return this.#isFull && !wasFull;
  }

  /** The run stops in mid-epoch: `values` are that epoch's means so far. They are part of the result, not of a checkpoint. */
  stopInEpoch(values: Metrics): void {
    if (!this.#isFull) this.#partial = { ...Object.fromEntries(this.#pending), ...values };
  }

  /** By metric, all of one length. */
  values(): Record<string, number[]> {
    const partial = new Map(Object.entries(this.#partial ?? {}));
    const more = this.#partial === null ? 0 : 1;
    const names = new Set([...this.#columns.keys(), ...partial.keys()]);
    return Object.fromEntries(
      [...names].map((name) => {
        const { values, length } = this.#columns.get(name) ?? { values: new Float64Array(0), length: 0 };
        const all = Array.from({ length: this.#epochs + more }, (_, epoch) => (epoch < length ? (values[epoch] as number) : NaN));
        if (more === 1) all[this.#epochs] = partial.get(name) ?? NaN;
        return [name, all];
      }),
    );
  }

  save(): SavedEpochHistory {
    const values = Object.fromEntries([...this.#columns].map(([name, { values: all, length }]) => [name, all.slice(0, length)]));
    return { epochs: this.#epochs, values, pending: Object.fromEntries(this.#pending) };
  }

  /** `completed`: the epochs of the run; more than the history has where it was full. */
  restore({ epochs, values, pending }: SavedEpochHistory, completed: number): void {
    this.#epochs = epochs;
    this.#isFull = epochs < completed;
    this.#pending = new Map(Object.entries(pending));
    this.#columns.clear();
    for (const [name, all] of Object.entries(values)) this.#columns.set(name, { values: all.slice(), length: all.length });
  }

  #put(name: string, value: number): void {
    const column = this.#columns.get(name) ?? { values: new Float64Array(4), length: 0 };
    if (column.values.length <= this.#epochs) {
      const longer = new Float64Array(Math.max(2 * column.values.length, this.#epochs + 1));
      longer.set(column.values);
      column.values = longer;
    }
    column.values.fill(NaN, column.length, this.#epochs);
    column.values[this.#epochs] = value;
    column.length = this.#epochs + 1;
    this.#columns.set(name, column);
  }
}
