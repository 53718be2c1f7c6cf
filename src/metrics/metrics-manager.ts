import { parseConfig } from "../config/index.js";
import { valueText } from "../support/value-text.js";
import type { Bounds, MaybePromise, Metrics, NonFiniteValue, ProcessGroup, StateValue, StepResult } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import { Accumulators } from "./accumulators.js";
import { epochMetrics } from "./epoch-metrics.js";
import { MetricsManagerOptions } from "./options.js";
import type { ResolvedMetricsManagerOptions } from "./options.js";
import { reduceAccumulators } from "./reduce.js";
import { loadAccumulators, saveAccumulators } from "./saved-state.js";
import { NO_COLUMN, type Shape } from "./shape.js";
import { StepQueue } from "./step-queue.js";
import { StepReader } from "./step-reader.js";
import { disposeResult } from "./step-slot.js";
import type { StepSlot } from "./step-slot.js";
import type { EpochMetrics } from "./types.js";

/** Without a prototype, as every view: a metric may be called `constructor`. */
const NO_VALUES: Metrics = Object.freeze(Object.create(null) as Metrics);
/** Metric names that are kept: each has a column of sums, and a series in every backend. */
const MAX_NAMES = 10_000;

/**
 * The metrics of a run's steps: per loader and over all loaders, with the samples of each batch as its weight.
 * - Order: values are added in the order of the steps; no bit of a result depends on when deferred values are drained.
 * - Deferred scalars: read at most once, disposed exactly once, also when a read throws or a result is refused.
 * - Memory: at most `maxPendingScalars` steps are held; the next one drains them. The first 10,000 metric names are kept; the values of
 *   further ones are left out of the sums, counted in `leftOut`, and reported once (`onWarning`).
 * - Cost: a step of plain numbers with nothing pending allocates nothing and is added at once.
 * - Errors: a result that is not one throws `ERR_STEP_RESULT` and leaves the sums as they were.
 */
export class MetricsManager {
  readonly #options: ResolvedMetricsManagerOptions;
  readonly #loaders: readonly string[];
  readonly #sums: Accumulators;
  readonly #reader: StepReader;
  readonly #queue: StepQueue;
  #last: StepSlot | null = null;
  #nonFinite: NonFiniteValue | null = null;
  /** The last step's values of the run that is resumed, until there is a step. */
  #restored: Metrics | null = null;
  #leftOut = 0;
  #isFull = false;
  readonly #warn: (message: string) => void;

  /** Throws `ERR_CONFIG` for options that are unknown or out of range. */
  constructor(options: MetricsManagerOptions) {
    this.#options = parseConfig(MetricsManagerOptions, options, "MetricsManager");
    const { loaders, config, maxPendingScalars, onWarning } = this.#options;
    this.#warn = guardedListener(onWarning);
    this.#loaders = [...loaders];
    this.#queue = new StepQueue(maxPendingScalars, (slot) => this.#add(slot));
    this.#sums = new Accumulators(loaders.length, config);
    this.#reader = new StepReader(
      this.#loaders,
      (name) => this.#columnOf(name),
      (name) => this.#readLast(name),
    );
  }

  /**
   * Adds one step's result. `step` and `batch` name it in errors and in `consumeNonFinite`. Its deferred values are handed over,
   * also when it is refused. A promise is returned only when `maxPendingScalars` steps were pending and one of their reads is
   * asynchronous. Throws `ERR_STEP_RESULT` for what is not a step result, `ERR_METRIC_NAME` for a name that backends refuse,
   * `ERR_LOADER_DATA` for a `loaderIdx` that is not one, and what `drain` throws.
   */
  update(loaderIdx: number, result: StepResult, step: number, batch: number): void | Promise<void> {
    if (this.#queue.full) {
      const draining = this.#drainFor(result);
      if (draining !== undefined) return draining.then(() => this.#put(loaderIdx, result, step, batch));
    }
    this.#put(loaderIdx, result, step, batch);
  }

  #drainFor(result: StepResult): void | Promise<void> {
    try {
      const draining = this.drain();
      if (draining === undefined) return;
      return draining.catch((error: unknown) => {
        disposeResult(result);
        throw error;
      });
    } catch (error) {
      disposeResult(result);
      throw error;
    }
  }

  #put(loaderIdx: number, result: StepResult, step: number, batch: number): void {
    const slot = this.#queue.free();
    try {
      this.#reader.fill(slot, loaderIdx, result, step, batch);
    } catch (error) {
      slot.reuse(0, "", 0, 0, 0);
      if (typeof result === "object" && result !== null) disposeResult(result);
      throw error;
    }
    this.#last = slot;
    this.#queue.push(slot);
  }

  /** Adds a step whose values are all there. */
  #add(slot: StepSlot): void {
    const { columns } = slot.shape as Shape;
    const { values, loaderIdx, batchSize } = slot;
    const sums = this.#sums;
    sums.batch(loaderIdx, batchSize);
    for (let position = 0; position < columns.length; position++) {
      const value = values[position] as number;
      if (value - value !== 0) this.#noteNonFinite(slot, position, value);
      const column = columns[position] as number;
      if (column === NO_COLUMN) this.#leftOut++;
      else sums.add(column, loaderIdx, value, batchSize);
    }
  }

  #columnOf(name: string): number {
    const sums = this.#sums;
    if (sums.has(name) || sums.columns.length < MAX_NAMES) return sums.column(name);
    if (!this.#isFull) {
      this.#warn(
        `The steps have reported more than ${MAX_NAMES} metric names; "${name}" and further ones are not averaged over the epoch. ` +
          "Leave what changes from step to step, such as a sample's number, out of the names, or log such values with the logger.",
      );
    }
    this.#isFull = true;
    return NO_COLUMN;
  }

  /** Values that are in no sum, since there were too many metric names before them. */
  get leftOut(): number {
    return this.#leftOut;
  }

  #noteNonFinite(slot: StepSlot, position: number, value: number): void {
    const metric = (slot.shape as Shape).names[position] as string;
    this.#nonFinite ??= { metric, value, step: slot.step, batch: slot.batch, loaderName: slot.loaderName };
  }

  /**
   * The last step's values by bare name (`loss`, `accuracy`): one reused object with enumerable getters. Reading a
   * deferred value waits for the device, once; it throws `ERR_SCALAR_ASYNC` where its `read()` returns a promise. Empty before any
   * step.
   */
  view(): Metrics {
    return this.#last?.shape?.view ?? NO_VALUES;
  }

  #readLast(name: string): number {
    const slot = this.#last;
    const position = slot?.shape?.names.indexOf(name) ?? -1;
    if (slot === null || position < 0) return NaN; // a view of another step that was kept
    const value = slot.read(position);
    if (typeof value === "number") return value;
    throw new TrainscopeError(
      "ERR_SCALAR_ASYNC",
      `The metric "${name}" of step ${slot.step} is read asynchronously, and its value has not arrived.\n` +
        `A hook that reads it declares reads = ["${name}"]. In a loop of your own: await metrics.awaitReads(["${name}"]).`,
    );
  }

  /**
   * Reads the named deferred values of the last step, so that `view` has them; names that the step lacks are skipped. A promise
   * only where a read is asynchronous.
   */
  awaitReads(names: readonly string[]): void | Promise<void> {
    const slot = this.#last;
    if (slot === null || slot.shape === null) return;
    for (let i = 0; i < names.length; i++) {
      const position = slot.shape.names.indexOf(names[i] as string);
      const value = position < 0 ? 0 : slot.read(position);
      if (typeof value !== "number") return value.then(() => this.awaitReads(names));
    }
  }

  /**
   * Reads every deferred value in step order and adds it. A promise only where a read is asynchronous. When a read throws, or gives
   * no number, everything that is pending is disposed and the error comes out: `ERR_STEP`, `ERR_STEP_RESULT`.
   */
  drain(): void | Promise<void> {
    return this.#queue.drain();
  }

  /** The last drained step's values by bare name, in a new object; after `loadState` the saved ones; empty before any step. */
  lastValues(): Metrics {
    const { drained } = this.#queue;
    if (drained === null && this.#restored !== null) return { ...this.#restored };
    const values: Record<string, number> = {};
    drained?.shape?.names.forEach((name, position) => {
      values[name] = drained.values[position] as number;
    });
    return values;
  }

  /** The first value among drained steps that was NaN or infinite since the last call, or null. */
  consumeNonFinite(): NonFiniteValue | null {
    const found = this.#nonFinite;
    this.#nonFinite = null;
    return found;
  }

  /**
   * The values since the last `reset`, by bare metric name. A metric that no batch reported is absent. Call `drain` before: throws
   * `ERR_METRIC_VALUE` while steps are pending.
   */
  compute(): EpochMetrics {
    this.#refusePending("compute");
    return epochMetrics(this.#sums, this.#loaders, this.#options.expectedProportions);
  }

  /**
   * Adds the sums of `other`, whose steps are later ones with the same loaders. `other` stays as it is. Throws `ERR_LOADER_DATA` where
   * the loaders differ, `ERR_METRIC_VALUE` while steps of either are pending.
   */
  merge(other: MetricsManager): void {
    if (!(typeof other === "object" && other !== null && #queue in other))
      throw new TrainscopeError("ERR_METRIC_VALUE", `${valueText(other)} is no MetricsManager that could be merged.`);
    this.#refusePending("merge");
    other.#refusePending("merge");
    if (other.#loaders.join("\n") !== this.#loaders.join("\n")) {
      const [theirs, ours] = [other.#loaders.join(", "), this.#loaders.join(", ")];
      throw new TrainscopeError("ERR_LOADER_DATA", `Metrics of the loaders ${theirs} cannot be merged into those of ${ours}.`);
    }
    this.#sums.join(other.#sums);
    this.#nonFinite ??= other.#nonFinite;
  }

  /**
   * The metrics over all ranks, as a new manager with the same sums on each; this one stays as it is. Every rank must call it.
   * Pending values are drained first. Where loaders or metric names differ between ranks, or a rank fails, every rank throws
   * `ERR_RANKS` with the rank and the names.
   */
  reduce(group: ProcessGroup, bounds?: Bounds): MaybePromise<MetricsManager> {
    const reduced = new MetricsManager(this.#options);
    const reducing = reduceAccumulators(group, bounds, this.#loaders, this.#sums, reduced.#sums, () => this.drain());
    return reducing === undefined ? reduced : reducing.then(() => reduced);
  }

  /** Clears all sums, for the next epoch. Pending deferred values are disposed unread. */
  reset(): void {
    this.dispose();
    this.#sums.reset();
  }

  /** Disposes every pending deferred value, unread. Never throws. */
  dispose(): void {
    this.#queue.dispose();
  }

  /** The sums since the last `reset`, for a checkpoint. Call `drain` before: throws `ERR_METRIC_VALUE` while steps are pending. */
  state(): StateValue {
    this.#refusePending("state");
    const nonFinite = this.#nonFinite === null ? null : { ...this.#nonFinite };
    return { sums: saveAccumulators(this.#sums, this.#loaders), last: this.lastValues(), nonFinite };
  }

  /**
   * Continues from saved sums, which replace those that are there. The aggregation of each metric is the saved one until the next
   * `reset`. Throws `ERR_STATE` where the loaders differ, or for what is not a state of metrics.
   */
  loadState(state: StateValue): void {
    this.dispose();
    const saved = state as { sums?: StateValue; last?: Metrics; nonFinite?: NonFiniteValue | null } | null;
    loadAccumulators(saved?.sums ?? null, this.#sums, this.#loaders);
    this.#restored = saved?.last ?? null;
    this.#nonFinite = saved?.nonFinite ?? null;
  }

  #refusePending(what: string): void {
    if (this.#queue.pending === 0) return;
    const message = `${this.#queue.pending} steps have deferred values that are not read: call drain() before ${what}().`;
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  }
}
