import { parseConfig } from "../config/index.js";
import type { LoaderSetup, MaybePromise, ResolvedMultiDataLoaderConfig, StateValue } from "../contract/index.js";
import { messageOf } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import { eachInOrder } from "../support/in-order.js";
import { isPromise } from "../support/promises.js";
import { checkLoaders } from "./checks.js";
import { EpochEnd } from "./epoch-end.js";
import { leaveAll } from "./leave-all.js";
import { LoaderCursor } from "./loader-cursor.js";
import { setupOfLoader } from "./loader-setup.js";
import { MultiDataLoaderOptions } from "./options.js";
import type { ResolvedMultiDataLoaderOptions } from "./options.js";
import { expectedShares, plannedBatches } from "./plan.js";
import { readSavedState } from "./saved-state.js";
import type { SavedLoaders } from "./saved-state.js";
import { entriesOf } from "./source.js";
import { createStrategy } from "./strategies/index.js";
import type { Strategy } from "./strategies/index.js";

/** How validation reads its loaders, whatever the config of training says. */
const EVERY_BATCH: ResolvedMultiDataLoaderConfig = { samplingStrategy: "sequential", blockSize: 1, exhaustion: "stopAtAll" };

/**
 * Several loaders as one stream of batches.
 * - Order: the strategy alone chooses; the same seed, rank and sources give the same batches in the same order.
 * - Never ahead: a batch is pulled when `next` is called, and no constructor pulls one.
 * - Sync where the sources are: `next` returns a promise only for a source that does; it allocates nothing of its own.
 * - Resume: after `loadState`, the batches that follow are those that would have come.
 * - Ends: `stopAtShortest` when a loader is first found exhausted; `stopAtLongest` when each has given all of its
 *   batches at least once (by its length, else when it is found exhausted), exhausted ones starting again meanwhile;
 *   `stopAtAll` when none is left. The end of an infinite loader is not waited for, except by `sequential`.
 * - With `batchesPerEpoch`, epochs are cut from one endless stream: each has exactly that many batches, the next one continues where it
 *   ended, with the same iterators and in the same round of the strategy, and a loader starts again only when it is exhausted.
 * - Not trained on: a value that an iterator returns when it ends is warned about, and goes to `discard` like a batch that is skipped.
 * - Errors: what a loader throws comes out as `ERR_LOADER` with the loader's name and the original as `cause`; a loader without
 *   batches is `ERR_LOADER_DATA`.
 */
export class MultiDataLoader<Batch> {
  /** The names of the loaders, in their order. */
  readonly names: readonly string[];
  /** What each loader says of its batches and samples, by its index. */
  readonly setup: readonly LoaderSetup[];
  /** Batches in an epoch, or null where the lengths that decide it are not known beforehand. */
  readonly batchesPerEpoch: number | null;
  /**
   * The share of the batches that each loader is meant to have, by its index, 0 to 1: by weight ("weighted"), by length
   * ("proportional", "sequential"), or equal. Null where it depends on lengths that are not known.
   */
  readonly expectedProportions: readonly number[] | null;
  /** Names of the loaders that a resume reads again from the start of their pass: those without a state of their own, and such as say so. */
  readonly replayed: readonly string[];
  /** The last batch, valid after `next` returned true. Dispose its tensors when the step is done. */
  batch: Batch = undefined as Batch;
  /** The index in `names` of the loader that `batch` came from. */
  loaderIdx = 0;
  readonly #cursors: readonly LoaderCursor<Batch>[];
  readonly #strategy: Strategy;
  readonly #config: ResolvedMultiDataLoaderConfig;
  readonly #seed: number;
  readonly #end: EpochEnd;
  readonly #limit: number;
  readonly #byLength: boolean;
  #given = 0;
  /** The loader whose promise is awaited. */
  #awaited = 0;
  #over = true;
  #inEpoch = false;
  #resumed = false;
  #seeded = false;
  #closed = false;

  /**
   * Checks everything that can be checked before a batch is pulled. Throws `ERR_CONFIG` for options that are unknown or out of
   * range, `ERR_LOADER_DATA` where loaders and config do not fit each other, `ERR_METRIC_NAME` for a loader name that backends
   * refuse.
   */
  constructor(options: MultiDataLoaderOptions<Batch>) {
    const { loaders, role, seed, rank, onWarning, discard, ...given } = resolve(options);
    const entries = entriesOf(loaders, role);
    const config = role === "validation" ? EVERY_BATCH : given.config;
    checkLoaders(entries, config, role);
    const warn = guardedListener(onWarning);
    const events = { warn, discard: guardedListener(discard, (error) => warn(`discard threw: ${messageOf(error)}`)) };
    this.#config = config;
    this.#seed = seed;
    this.#strategy = createStrategy(config, entries, seed, rank);
    this.#cursors = entries.map((entry) => new LoaderCursor(entry, role, events));
    this.#end = new EpochEnd(config, entries);
    this.#limit = config.batchesPerEpoch ?? Infinity;
    this.#byLength = config.batchesPerEpoch === undefined && config.exhaustion === "stopAtLongest";
    this.names = entries.map((entry) => entry.name);
    this.setup = entries.map((entry) => setupOfLoader(entry, warn));
    this.batchesPerEpoch = plannedBatches(config, entries);
    this.expectedProportions = expectedShares(config, entries);
    this.replayed = this.#cursors.filter((cursor) => cursor.replays).map((cursor) => cursor.name);
  }

  /**
   * Begins an epoch: a new pass of each loader, except of infinite ones, which continue; with `batchesPerEpoch` all continue. After
   * `loadState` it resumes the saved epoch where that was not over. An unfinished epoch is ended first.
   */
  startEpoch(): MaybePromise<void> {
    this.#seedLoaders();
    if (this.#resumed) {
      this.#resumed = false;
      if (this.#inEpoch && !this.#over) return;
    }
    const ending = this.endEpoch();
    if (isPromise(ending)) return ending.then(() => this.#begin());
    this.#begin();
  }

  /** True between the end of an epoch's batches and the next `startEpoch`, also after `loadState`. */
  get isEpochOver(): boolean {
    return this.#over;
  }

  #begin(): void {
    this.#end.begin();
    this.#given = 0;
    this.#over = false;
    this.#inEpoch = true;
    if (!this.#runsOn) this.#strategy.startEpoch();
  }

  /** True where epochs are cut from one stream. */
  get #runsOn(): boolean {
    return this.#limit !== Infinity;
  }

  /**
   * Pulls the next batch. True: `batch` and `loaderIdx` are the next ones. False: the epoch is over. A promise only where the
   * source makes one; the next call must wait for it. Throws `ERR_LOADER` and `ERR_LOADER_DATA`.
   */
  next(): MaybePromise<boolean> {
    if (this.#closed) return false;
    if (this.#over || this.#given >= this.#limit || (this.#byLength && this.#end.allFinished)) {
      this.#over = true;
      return false;
    }
    return this.#pull(this.#strategy.next(this.#end.open));
  }

  #pull(first: number): MaybePromise<boolean> {
    for (let index = first; index >= 0; index = this.#afterEnd(index)) {
      const got = (this.#cursors[index] as LoaderCursor<Batch>).pull();
      if (got === true) return this.#took(index);
      if (got !== false) {
        this.#awaited = index;
        return got.then(this.#onPulled);
      }
    }
    return false;
  }

  readonly #onPulled = (got: boolean): MaybePromise<boolean> => {
    if (got) return this.#took(this.#awaited);
    if (this.#over || this.#closed) return false; // it was left while the batch was being made
    return this.#pull(this.#afterEnd(this.#awaited));
  };

  #took(index: number): true {
    const cursor = this.#cursors[index] as LoaderCursor<Batch>;
    this.batch = cursor.batch as Batch;
    cursor.batch = undefined;
    this.loaderIdx = index;
    this.#given++;
    if (this.#byLength && cursor.isAtLength) this.#end.finish(index);
    return true;
  }

  /** The loader to read after `index` came to its end, or -1 where the epoch is over. */
  #afterEnd(index: number): number {
    this.#end.finish(index);
    if (!this.#runsOn && this.#end.endsWith(index)) {
      this.#over = true;
      return -1;
    }
    const strategy = this.#strategy;
    const { open } = this.#end;
    if (strategy.exhausted === undefined && open[index] === 1) return index; // restarts in its place
    strategy.exhausted?.(index);
    return strategy.next(open);
  }

  /**
   * Ends the epoch, also in mid-epoch: unfinished iterators are closed (`return()`), those of infinite loaders kept, with
   * `batchesPerEpoch` all of them. `startEpoch` does it by itself.
   */
  endEpoch(): MaybePromise<void> {
    this.#over = true;
    this.#inEpoch = false;
    if (!this.#runsOn) return this.#leave(false);
    this.batch = undefined as Batch;
  }

  /** Closes every iterator for good, also of infinite loaders; `next` returns false from then on. `state()` stays as it was. */
  close(): MaybePromise<void> {
    this.#closed = true;
    return this.#leave(true);
  }

  #leave(all: boolean): MaybePromise<void> {
    this.batch = undefined as Batch;
    return leaveAll(this.#cursors, all);
  }

  /**
   * The positions of all loaders and of the strategy after the last batch, for a checkpoint. Holds the own state of a loader that has
   * one.
   */
  state(): StateValue {
    const saved: SavedLoaders = {
      names: this.names,
      strategy: this.#config.samplingStrategy,
      strategyState: this.#strategy.state(),
      inEpoch: this.#inEpoch,
      over: this.#over,
      given: this.#given,
      finished: this.#end.state(),
      loaders: this.#cursors.map((cursor) => cursor.state()),
    };
    return saved;
  }

  /**
   * Goes to a saved position; call it before `startEpoch`. Loaders in `replayed` are read up to their position at the first
   * `next`, and each skipped batch goes to `discard`. Where the sampling strategy is another than the saved one, it begins anew; with
   * another seed, the draws of "weighted" do. Throws `ERR_STATE` where the loaders are not the saved ones, or have other batches.
   */
  loadState(state: StateValue): MaybePromise<void> {
    const saved = readSavedState(state, this.names);
    this.#seedLoaders();
    if (saved.strategy === this.#config.samplingStrategy) this.#strategy.loadState(saved.strategyState);
    else this.#strategy.startEpoch();
    this.#resumed = true;
    this.#inEpoch = saved.inEpoch;
    this.#over = saved.over;
    this.#given = saved.given;
    this.#end.begin();
    const mayEnd = !this.#runsOn && !this.#byLength; // what ends by length is found by `next`
    saved.finished.forEach((finished, index) => {
      if (finished !== 1) return;
      this.#end.finish(index);
      if (mayEnd && this.#end.endsWith(index)) this.#over = true;
    });
    const loading = eachInOrder(this.#cursors, (cursor, index) =>
      cursor.loadState(saved.loaders[index] as SavedLoaders["loaders"][number]),
    );
    if (isPromise(loading)) return loading.then(() => this.#reopen());
    this.#reopen();
  }

  /** Opens the passes that continue: what does not fit the saved position shows here, not in the loop. */
  #reopen(): void {
    if (this.#runsOn || (this.#inEpoch && !this.#over)) for (const cursor of this.#cursors) cursor.reopen();
  }

  #seedLoaders(): void {
    if (this.#seeded) return;
    this.#seeded = true;
    for (const cursor of this.#cursors) cursor.seed(this.#seed);
  }
}

function resolve<Batch>(options: MultiDataLoaderOptions<Batch>): ResolvedMultiDataLoaderOptions<Batch> {
  const resolved = parseConfig(MultiDataLoaderOptions, options as MultiDataLoaderOptions<unknown>, "MultiDataLoader");
  return resolved as ResolvedMultiDataLoaderOptions<Batch>;
}
