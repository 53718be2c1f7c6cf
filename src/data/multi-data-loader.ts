/**
 * Several loaders as one stream of batches.
 * - Order: the strategy alone chooses; the same seed, rank and sources give the same batches in the same order.
 * - Never ahead: a batch is pulled when it is asked for, and no constructor pulls one.
 * - Sync where the sources are: `next` returns a promise only for a source that does; it allocates nothing of its own.
 * - Resume: after `loadState`, the batches that follow are those that would have come.
 * - Ends: `stopAtShortest` when a loader is first found exhausted; `stopAtLongest` when each has given all of its
 *   batches at least once (by its length, else when it is found exhausted), exhausted ones starting again meanwhile;
 *   `stopAtAll` when none is left. Infinite loaders are not waited for, except by `sequential`. With `batchesPerEpoch`
 *   every loader starts again when it is exhausted, and the epoch has exactly that many.
 */
import type { LoaderSource, MaybePromise, ResolvedMultiDataLoaderConfig, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkLoaders } from "./checks.js";
import { LoaderCursor } from "./loader-cursor.js";
import { expectedShares, plannedBatches } from "./plan.js";
import { isPromise } from "../support/promises.js";
import { eachInOrder } from "../support/in-order.js";
import { entriesOf } from "./source.js";
import { readSavedState } from "./saved-state.js";
import type { SavedLoaders } from "./saved-state.js";
import { createStrategy } from "./strategies/index.js";
import type { Strategy } from "./strategies/index.js";
import { drawn } from "./weights.js";

export interface MultiDataLoaderOptions<Batch> {
  loaders: LoaderSource<Batch>;
  /** Default: sequential, stopAtAll. Not used for validation, which goes through every batch of every loader. */
  config?: ResolvedMultiDataLoaderConfig | undefined;
  seed: number;
  rank?: number | undefined; // 0; other ranks draw differently
  role: "train" | "validation";
  onWarning?: ((message: string) => void) | undefined;
  /** Called for each batch that a resume reads only to get past it: dispose its tensors here. */
  discard?: ((batch: Batch) => void) | undefined;
}

const EVERY_BATCH: ResolvedMultiDataLoaderConfig = { samplingStrategy: "sequential", blockSize: 1, exhaustion: "stopAtAll" };

export class MultiDataLoader<Batch> {
  readonly names: readonly string[];
  /** Batches of an epoch, where the lengths that decide it are known. */
  readonly batchesPerEpoch: number | null;
  /** The share of batches each loader is meant to have: by weight, by length, or equal. Null where lengths are not known. */
  readonly expectedProportions: readonly number[] | null;
  /** Loaders that a resume reads again from the start of their pass. */
  readonly replayed: readonly string[];
  /** The last batch, valid after `next` said true. */
  batch: Batch = undefined as Batch;
  /** The index in `names` of the loader it came from. */
  loaderIdx = 0;
  readonly #cursors: readonly LoaderCursor<Batch>[];
  readonly #strategy: Strategy;
  readonly #config: ResolvedMultiDataLoaderConfig;
  readonly #seed: number;
  /** 1 for a loader that is drawn at all, and for one that may be drawn now. */
  readonly #drawn: Uint8Array;
  readonly #open: Uint8Array;
  readonly #finished: Uint8Array;
  readonly #limit: number;
  readonly #byLength: boolean;
  #unfinished = Infinity;
  #given = 0;
  #asked = 0;
  #over = true;
  #inEpoch = false;
  #resumed = false;
  #seeded = false;
  #closed = false;

  /** Checks everything that shows before a batch is pulled. Throws `ERR_LOADER_DATA` and `ERR_METRIC_NAME`. */
  constructor(options: MultiDataLoaderOptions<Batch>) {
    const entries = entriesOf(options.loaders, options.role);
    const config = options.role === "validation" ? EVERY_BATCH : (options.config ?? EVERY_BATCH);
    checkLoaders(entries, config, options.role);
    const events = { warn: options.onWarning ?? ignore, discard: options.discard ?? ignore };
    this.#config = config;
    this.#seed = options.seed;
    this.#strategy = createStrategy(config, entries, options.seed, options.rank ?? 0);
    this.#cursors = entries.map((entry) => new LoaderCursor(entry, options.role, events));
    this.#drawn = Uint8Array.from(drawn(config, entries), Number);
    this.#open = new Uint8Array(entries.length);
    this.#finished = new Uint8Array(entries.length);
    this.#limit = config.batchesPerEpoch ?? Infinity;
    this.#byLength = config.batchesPerEpoch === undefined && config.exhaustion === "stopAtLongest";
    this.names = entries.map((entry) => entry.name);
    this.batchesPerEpoch = plannedBatches(config, entries);
    this.expectedProportions = expectedShares(config, entries);
    this.replayed = this.#cursors.filter((cursor) => cursor.replays).map((cursor) => cursor.name);
  }

  /** Begins an epoch: a new pass of each loader, except of infinite ones. After `loadState` it goes on with the saved one. */
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

  #begin(): void {
    this.#finished.fill(0);
    this.#open.set(this.#drawn);
    this.#unfinished = this.#toFinish();
    this.#given = 0;
    this.#over = false;
    this.#inEpoch = true;
    this.#strategy.startEpoch();
  }

  /** True: `batch` and `loaderIdx` are the next ones. False: the epoch is over. A promise only where the source makes one. */
  next(): MaybePromise<boolean> {
    if (this.#closed) return false;
    if (this.#over || this.#given >= this.#limit || (this.#byLength && this.#unfinished === 0)) {
      this.#over = true;
      return false;
    }
    return this.#pull(this.#strategy.next(this.#open));
  }

  #pull(index: number): MaybePromise<boolean> {
    const got = (this.#cursors[index] as LoaderCursor<Batch>).pull();
    if (got === true) return this.#took(index);
    if (got === false) return this.#exhausted(index);
    this.#asked = index;
    return got.then(this.#onPulled);
  }

  readonly #onPulled = (got: boolean): MaybePromise<boolean> => (got ? this.#took(this.#asked) : this.#exhausted(this.#asked));

  #took(index: number): true {
    const cursor = this.#cursors[index] as LoaderCursor<Batch>;
    this.batch = cursor.batch as Batch;
    cursor.batch = undefined;
    this.loaderIdx = index;
    this.#given++;
    if (this.#byLength && cursor.taken === cursor.length) this.#finish(index);
    return true;
  }

  #exhausted(index: number): MaybePromise<boolean> {
    this.#finish(index);
    if (this.#limit === Infinity && this.#endsNow(index)) {
      this.#over = true;
      return false;
    }
    const strategy = this.#strategy;
    if (strategy.exhausted === undefined && this.#open[index] === 1) return this.#pull(index); // restarts in its place
    strategy.exhausted?.(index);
    return this.#pull(strategy.next(this.#open));
  }

  #endsNow(index: number): boolean {
    switch (this.#config.exhaustion) {
      case "stopAtShortest":
        return true;
      case "stopAtLongest":
        return this.#unfinished === 0;
      case "stopAtAll":
        this.#open[index] = 0;
        return this.#unfinished === 0 || !this.#open.includes(1);
    }
  }

  #finish(index: number): void {
    if (this.#finished[index] === 1) return;
    this.#finished[index] = 1;
    const cursor = this.#cursors[index] as LoaderCursor<Batch>;
    if (cursor.length !== Infinity || this.#config.samplingStrategy === "sequential") this.#unfinished--;
  }

  /** Loaders whose end the epoch waits for; infinite where there are none. */
  #toFinish(): number {
    if (this.#config.samplingStrategy === "sequential") return this.#cursors.length;
    const finite = this.#cursors.filter((cursor, index) => cursor.length !== Infinity && this.#drawn[index] === 1).length;
    return finite === 0 ? Infinity : finite;
  }

  /** Leaves the epoch: unfinished iterators are closed (`return()`), those of infinite loaders kept. */
  endEpoch(): MaybePromise<void> {
    this.#over = true;
    this.#inEpoch = false;
    return this.#leave(false);
  }

  /** Closes every iterator, also of infinite loaders, for good. The state stays as it is. */
  close(): MaybePromise<void> {
    this.#closed = true;
    return this.#leave(true);
  }

  /** Every loader is left, also when one of them throws; the first error comes out at the end. */
  #leave(all: boolean): MaybePromise<void> {
    this.batch = undefined as Batch;
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    const left = eachInOrder(this.#cursors, (cursor) => {
      try {
        const leaving = cursor.leave(all);
        return isPromise(leaving) ? leaving.then(undefined, note) : undefined;
      } catch (error) {
        return note(error);
      }
    });
    if (isPromise(left)) return left.then(() => throwFirst(errors));
    throwFirst(errors);
  }

  /** Where every loader and the strategy stand, after the last batch. */
  state(): StateValue {
    const saved: SavedLoaders = {
      names: this.names,
      strategy: this.#config.samplingStrategy,
      strategyState: this.#strategy.state(),
      inEpoch: this.#inEpoch,
      over: this.#over,
      given: this.#given,
      finished: [...this.#finished],
      loaders: this.#cursors.map((cursor) => cursor.state()),
    };
    return saved;
  }

  /** Goes to a saved position; call it before `startEpoch`. Throws `ERR_STATE` where the loaders are not the saved ones. */
  loadState(state: StateValue): MaybePromise<void> {
    const saved = readSavedState(state, this.names);
    this.#seedLoaders();
    if (saved.strategy === this.#config.samplingStrategy) this.#strategy.loadState(saved.strategyState);
    else this.#strategy.startEpoch();
    this.#resumed = true;
    this.#inEpoch = saved.inEpoch;
    this.#over = saved.over;
    this.#given = saved.given;
    this.#unfinished = this.#toFinish();
    this.#finished.fill(0);
    this.#open.set(this.#drawn);
    const drops = this.#config.exhaustion === "stopAtAll" && this.#limit === Infinity;
    saved.finished.forEach((finished, index) => {
      if (finished !== 1) return;
      this.#finish(index);
      if (drops) this.#open[index] = 0;
    });
    if (!this.#open.includes(1)) this.#over = true;
    return eachInOrder(this.#cursors, (cursor, index) =>
      cursor.loadState(saved.loaders[index] as SavedLoaders["loaders"][number]),
    );
  }

  #seedLoaders(): void {
    if (this.#seeded) return;
    this.#seeded = true;
    for (const cursor of this.#cursors) cursor.seed(this.#seed);
  }
}

function throwFirst(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  throw new TrainscopeError(
    "ERR_LOADER",
    `${errors.length} loaders threw while they were closed: ${errors.map(String).join("\n")}`,
    { cause: errors[0] },
  );
}

function ignore(): void {}
