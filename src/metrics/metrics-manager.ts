/**
 * The metrics of a run's steps: per loader and over all loaders, with the samples of each batch as its weight.
 * - Order: values are added in the order of the steps; no bit of a result depends on when deferred values are drained.
 * - Deferred scalars: read at most once, disposed exactly once, also when a read throws or a result is refused.
 * - At most `maxPendingScalars` steps are held; the next one drains them.
 * - A step of plain numbers with nothing pending allocates nothing and is added at once.
 * - Errors: a result that is not one throws `ERR_STEP_RESULT` and leaves the sums as they were.
 */
import type {
  Bounds,
  MaybePromise,
  Metrics,
  MetricsConfig,
  NonFiniteValue,
  ProcessGroup,
  StateValue,
  StepResult,
} from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { Accumulators } from "./accumulators.js";
import { epochMetrics } from "./epoch-metrics.js";
import { reduceAccumulators } from "./reduce.js";
import { loadAccumulators, saveAccumulators } from "./saved-state.js";
import { Shape } from "./shape.js";
import { isDeferred, namesOf, refuseFrame, refuseValue } from "./step-result.js";
import { StepQueue } from "./step-queue.js";
import { disposeResult } from "./step-slot.js";
import type { StepSlot } from "./step-slot.js";
import type { EpochMetrics } from "./types.js";

export interface MetricsManagerOptions {
  /** Loader names by index; `["default"]` in a loop with one. */
  loaders: readonly string[];
  config?: MetricsConfig | undefined;
  /** The share of batches that each loader is meant to have. */
  expectedProportions?: readonly number[] | null | undefined;
  /** Steps with deferred values that are held at most. Default 256. */
  maxPendingScalars?: number | undefined;
}

export class MetricsManager {
  readonly #options: MetricsManagerOptions;
  readonly #loaders: readonly string[];
  readonly #sums: Accumulators;
  readonly #shapeOf: (Shape | null)[];
  readonly #shapes: Map<string, Shape> = new Map();
  readonly #queue: StepQueue;
  #last: StepSlot | null = null;
  #nonFinite: NonFiniteValue | null = null;
  /** The last step's values of the run that is resumed, until there is a step. */
  #restored: Metrics | null = null;

  constructor(options: MetricsManagerOptions) {
    const { loaders, maxPendingScalars = 256 } = options;
    if (loaders.length === 0) {
      throw new TrainscopeError("ERR_LOADER_DATA", 'MetricsManager needs the name of a loader, for example ["default"].');
    }
    if (!Number.isSafeInteger(maxPendingScalars) || maxPendingScalars < 1) {
      throw new TrainscopeError("ERR_CONFIG", `maxPendingScalars is ${maxPendingScalars}: it must be an integer of at least 1.`);
    }
    this.#options = options;
    this.#loaders = [...loaders];
    this.#queue = new StepQueue(maxPendingScalars, (slot) => this.#add(slot));
    this.#sums = new Accumulators(loaders.length, options.config ?? {});
    this.#shapeOf = loaders.map(() => null);
  }

  /**
   * Takes one step's result. A promise is returned only when too many steps were pending and one of their reads is
   * asynchronous. Throws `ERR_STEP_RESULT` or `ERR_METRIC_NAME`.
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
      this.#fill(slot, loaderIdx, result, step, batch);
    } catch (error) {
      slot.take(0, "", 0, 0, 0);
      if (typeof result === "object" && result !== null) disposeResult(result);
      throw error;
    }
    this.#last = slot;
    this.#queue.push(slot);
  }

  #fill(slot: StepSlot, loaderIdx: number, result: StepResult, step: number, batch: number): void {
    const loaderName = this.#loaders[loaderIdx];
    if (loaderName === undefined) {
      throw new TrainscopeError("ERR_LOADER_DATA", `There is no loader ${loaderIdx}: ${this.#loaders.join(", ")}.`);
    }
    if (typeof result !== "object" || result === null) return refuseFrame(result, where(loaderName, step));
    const { loss, batchSize, metrics } = result;
    if (loss === undefined || typeof batchSize !== "number" || !(batchSize > 0 && batchSize < Infinity)) {
      return refuseFrame(result, where(loaderName, step));
    }
    slot.take(loaderIdx, loaderName, step, batch, batchSize);
    const known = this.#shapeOf[loaderIdx];
    if (known && this.#fillAs(known, slot, result)) return;
    const shape = this.#shapeFor(result, loaderName, step);
    this.#shapeOf[loaderIdx] = shape;
    slot.take(loaderIdx, loaderName, step, batch, batchSize);
    if (!this.#fillAs(shape, slot, result)) refuseValue("metrics", metrics, where(loaderName, step));
  }

  /** Fills the slot when the result has exactly the keys of `shape`; says whether it had. */
  #fillAs(shape: Shape, slot: StepSlot, result: StepResult): boolean {
    const names = shape.names;
    slot.shape = shape;
    slot.fit(names.length);
    const loss = result.loss;
    if (typeof loss === "number") slot.values[0] = loss;
    else this.#defer(slot, 0, "loss", loss);
    const metrics = result.metrics;
    let position = 1;
    for (const name in metrics) {
      if (name !== names[position]) return false;
      const value = metrics[name];
      if (typeof value === "number") slot.values[position] = value;
      else this.#defer(slot, position, name, value);
      position++;
    }
    return position === names.length && (position > 1 || metrics === undefined || !(metrics === null || metrics instanceof Map));
  }

  #defer(slot: StepSlot, position: number, name: string, value: unknown): void {
    if (!isDeferred(value)) refuseValue(name, value, where(slot.loaderName, slot.step));
    slot.defer(position, value);
  }

  #shapeFor(result: StepResult, loaderName: string, step: number): Shape {
    const names = namesOf(result, where(loaderName, step));
    const key = names.join("\n");
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const columns = names.map((name) => this.#sums.column(name));
      shape = new Shape(names, columns, (name) => this.#readLast(name));
      this.#shapes.set(key, shape);
    }
    return shape;
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
      sums.add(columns[position] as number, loaderIdx, value, batchSize);
    }
  }

  #noteNonFinite(slot: StepSlot, position: number, value: number): void {
    const metric = (slot.shape as Shape).names[position] as string;
    this.#nonFinite ??= { metric, value, step: slot.step, batch: slot.batch, loaderName: slot.loaderName };
  }

  /**
   * The last step's values by bare name (`loss`, `accuracy`): one reused object with enumerable getters. Reading a
   * deferred value waits for the device, once; `ERR_SCALAR_ASYNC` where its `read()` returns a promise.
   */
  view(): Metrics {
    return this.#last?.shape?.view ?? {};
  }

  #readLast(name: string): number {
    const slot = this.#last;
    const position = slot?.shape?.names.indexOf(name) ?? -1;
    if (slot === null || position < 0) return NaN; // a view of another step that was kept
    const value = slot.read(position);
    if (typeof value === "number") return value;
    throw new TrainscopeError(
      "ERR_SCALAR_ASYNC",
      `The metric "${name}" of step ${slot.step} is read asynchronously, so it is not there yet.\n` +
        `A hook that reads it says so: reads = ["${name}"]. In a loop of one's own: await metrics.awaitReads(["${name}"]).`,
    );
  }

  /** Reads the named deferred values of the last step, so that the view has them. Names it lacks are passed over. */
  awaitReads(names: readonly string[]): void | Promise<void> {
    const slot = this.#last;
    if (slot === null || slot.shape === null) return;
    for (let i = 0; i < names.length; i++) {
      const position = slot.shape.names.indexOf(names[i] as string);
      const value = position < 0 ? 0 : slot.read(position);
      if (typeof value !== "number") return value.then(() => this.awaitReads(names));
    }
  }

  /** Reads every deferred value in step order and adds it. When a read throws, all that is pending is disposed. */
  drain(): void | Promise<void> {
    return this.#queue.drain();
  }

  /** The last drained step's values, in a fresh object; empty before any. */
  lastValues(): Metrics {
    const { drained } = this.#queue;
    if (drained === null && this.#restored !== null) return { ...this.#restored };
    const values: Record<string, number> = {};
    drained?.shape?.names.forEach((name, position) => {
      values[name] = drained.values[position] as number;
    });
    return values;
  }

  /** The first value that was not finite since this was last asked, among drained steps. */
  takeNonFinite(): NonFiniteValue | null {
    const found = this.#nonFinite;
    this.#nonFinite = null;
    return found;
  }

  /** The values since the last `reset`. Call `drain` before. */
  compute(): EpochMetrics {
    this.#refusePending("compute");
    return epochMetrics(this.#sums, this.#loaders, this.#options.expectedProportions ?? null);
  }

  /** Adds the later steps that `other` holds, for the same loaders. */
  merge(other: MetricsManager): void {
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
   * The metrics over all ranks, as a new manager with the same sums on each. Ranks whose loaders or metric names differ
   * are told on every rank: `ERR_RANKS` with the rank and the names. Pending values are drained first.
   */
  reduce(group: ProcessGroup, bounds?: Bounds): MaybePromise<MetricsManager> {
    const reduced = new MetricsManager(this.#options);
    const reducing = reduceAccumulators(group, bounds, this.#loaders, this.#sums, reduced.#sums, () => this.drain());
    return reducing === undefined ? reduced : reducing.then(() => reduced);
  }

  /** Begins again from nothing. Pending deferred values are disposed unread. */
  reset(): void {
    this.dispose();
    this.#sums.reset();
  }

  /** Disposes every pending deferred value. Never throws. */
  dispose(): void {
    this.#queue.dispose();
  }

  /** The sums since the last `reset`. Call `drain` before. */
  state(): StateValue {
    this.#refusePending("state");
    const nonFinite = this.#nonFinite === null ? null : { ...this.#nonFinite };
    return { sums: saveAccumulators(this.#sums, this.#loaders), last: this.lastValues(), nonFinite };
  }

  /** Goes on from saved sums. Throws `ERR_STATE` where the loaders differ, or where it is no state of metrics. */
  loadState(state: StateValue): void {
    this.dispose();
    const saved = state as { sums?: StateValue; last?: Metrics; nonFinite?: NonFiniteValue | null } | null;
    loadAccumulators(saved?.sums ?? null, this.#sums, this.#loaders);
    this.#restored = saved?.last ?? null;
    this.#nonFinite = saved?.nonFinite ?? null;
  }

  #refusePending(what: string): void {
    if (this.#queue.pending === 0) return;
    const message = `${this.#queue.pending} steps have values that are not read yet: call drain() before ${what}().`;
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  }
}

function where(loaderName: string, step: number): string {
  return `step ${step}, loader ${loaderName}`;
}
