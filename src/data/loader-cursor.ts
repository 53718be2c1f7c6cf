/**
 * One loader and where it stands.
 * - Passes: a pass is begun when its first batch is asked for; `batches(pass)` is called once for each.
 * - Sync sources cost no promise; arrays are indexed; nothing is allocated per batch beside what the source makes.
 * - Errors of the source come out as `ERR_LOADER` with the loader, the pass, the batch and the original as `cause`.
 * - Resume: a loader with a state of its own goes on from it; any other is started again and read up to where it was.
 */
import type { DataLoader, MaybePromise, StateValue } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import { inWords, isStateful } from "./source.js";
import type { LoaderEntry } from "./source.js";

/** What a cursor tells its owner. */
export interface CursorEvents<Batch> {
  warn(message: string): void;
  /** A batch that was read only to get past it. */
  discard(batch: Batch): void;
}

/** Where a loader stands, as it is saved. */
export interface CursorState {
  readonly [key: string]: StateValue;
  readonly passes: number;
  readonly taken: number;
  readonly inPass: boolean;
  /** The loader's own state, wrapped so that a loader may save null. */
  readonly own: readonly StateValue[];
}

type Result<Batch> = IteratorResult<Batch | Promise<Batch>, unknown>;
type Source<Batch> = Iterator<Batch | Promise<Batch>> | AsyncIterator<Batch>;

export class LoaderCursor<Batch> {
  readonly name: string;
  readonly length: number | null;
  /** True when a resume reads this loader again from the start of its pass. */
  readonly replays: boolean;
  /** Batches given in this pass. */
  taken = 0;
  /** The batch that the last `pull` brought. */
  batch: Batch | undefined = undefined;
  readonly #loader: DataLoader<Batch> | null;
  readonly #array: readonly Batch[] | null;
  readonly #path: string;
  readonly #events: CursorEvents<Batch>;
  #passes = 0;
  #inPass = false;
  #restored = false;
  #iterator: Source<Batch> | null = null;
  #waiting = false;
  #warned = false;

  constructor(entry: LoaderEntry<Batch>, role: string, events: CursorEvents<Batch>) {
    this.name = entry.name;
    this.length = entry.length;
    this.#path = `${role}.${entry.name}`;
    this.#events = events;
    this.#array = Array.isArray(entry.source) ? (entry.source as readonly Batch[]) : null;
    this.#loader = this.#array === null ? (entry.source as DataLoader<Batch>) : null;
    this.replays = this.#loader !== null && !isStateful(this.#loader);
  }

  /** Once, before the first pass. */
  seed(seed: number): void {
    try {
      this.#loader?.seed?.(seed);
    } catch (error) {
      throw this.#fault(error, "threw when it was given the seed");
    }
  }

  /** True: `batch` is the next one. False: the pass is over, and the next pull begins another. */
  pull(): MaybePromise<boolean> {
    const array = this.#array;
    if (array !== null) return this.#index(array);
    if (this.#iterator === null) {
      const opening = this.#open();
      if (opening !== undefined) return opening.then(() => this.#advance());
    }
    return this.#advance();
  }

  #index(array: readonly Batch[]): boolean {
    if (!this.#inPass) this.#begin();
    if (this.taken >= array.length) return this.#ended();
    this.batch = array[this.taken++] as Batch;
    return true;
  }

  #begin(): void {
    this.#passes++;
    this.#inPass = true;
    this.taken = 0;
  }

  #open(): void | Promise<void> {
    const skip = this.#inPass && !this.#restored ? this.taken : 0;
    if (!this.#inPass) this.#begin();
    this.#restored = false;
    this.#iterator = this.#iterate();
    return skip === 0 ? undefined : this.#skip(skip);
  }

  #iterate(): Source<Batch> {
    let made: unknown;
    try {
      made = this.#loader?.batches(this.#passes - 1);
      const source = made as { [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown } | null | undefined;
      if (typeof source?.[Symbol.iterator] === "function") return (made as Iterable<Batch>)[Symbol.iterator]();
      if (typeof source?.[Symbol.asyncIterator] === "function") return (made as AsyncIterable<Batch>)[Symbol.asyncIterator]();
    } catch (error) {
      throw this.#fault(error, "threw");
    }
    if (isPromise(made)) made.then(undefined, () => {}); // told below; its own failure adds nothing
    throw new TrainscopeError(
      "ERR_LOADER",
      `batches() of loader "${this.name}" returned ${inWords(made)}, which cannot be iterated.\n` +
        "Return an array, a generator (function* or async function*), " +
        "or anything with [Symbol.iterator] or [Symbol.asyncIterator].",
      { path: this.#path },
    );
  }

  #advance(): MaybePromise<boolean> {
    const iterator = this.#iterator as Source<Batch>;
    let result: unknown;
    try {
      result = iterator.next();
    } catch (error) {
      throw this.#failed(error);
    }
    if (isPromise(result)) {
      this.#waiting = true;
      return (result as Promise<unknown>).then(this.#onResult, this.#onError);
    }
    return this.#accept(result);
  }

  readonly #onResult = (result: unknown): MaybePromise<boolean> => {
    this.#waiting = false;
    return this.#accept(result);
  };

  readonly #onValue = (value: unknown): boolean => {
    this.#waiting = false;
    this.batch = value as Batch;
    this.taken++;
    return true;
  };

  readonly #onError = (error: unknown): never => {
    this.#waiting = false;
    throw this.#failed(error);
  };

  #accept(given: unknown): MaybePromise<boolean> {
    if (typeof given !== "object" || given === null) {
      throw this.#failed(new TypeError(`next() returned ${inWords(given)}, not an iterator result`));
    }
    const result = given as Result<Batch>;
    if (result.done === true) return this.#ended();
    const value = result.value;
    if (isPromise(value)) {
      this.#waiting = true;
      return (value as Promise<Batch>).then(this.#onValue, this.#onError);
    }
    this.batch = value as Batch;
    this.taken++;
    return true;
  }

  #ended(): false {
    this.#iterator = null;
    this.#inPass = false;
    if (this.taken === 0) {
      throw new TrainscopeError("ERR_LOADER_DATA", `Loader "${this.name}" gave no batch in pass ${this.#passes - 1}.`, {
        path: this.#path,
      });
    }
    if (this.#array === null && this.length !== null && this.taken !== this.length && !this.#warned) {
      this.#warned = true;
      this.#events.warn(
        `Loader "${this.name}" says its length is ${this.length}, and gave ${this.taken} batches in pass ${this.#passes - 1}.`,
      );
    }
    return false;
  }

  /** Reads on to where the pass was. */
  #skip(count: number): void | Promise<void> {
    this.taken = 0;
    while (this.taken < count) {
      const got = this.#advance();
      if (isPromise(got)) return this.#skipAsync(count, got as Promise<boolean>);
      this.#skipped(got as boolean, count);
    }
  }

  async #skipAsync(count: number, first: Promise<boolean>): Promise<void> {
    this.#skipped(await first, count);
    while (this.taken < count) this.#skipped(await this.#advance(), count);
  }

  #skipped(got: boolean, count: number): void {
    if (got) {
      this.#events.discard(this.batch as Batch);
      this.batch = undefined;
      return;
    }
    throw new TrainscopeError(
      "ERR_STATE",
      `Loader "${this.name}" ended after ${this.taken} batches of pass ${this.#passes - 1}, ` +
        `and the saved run had taken ${count}.\nIts data has changed, so the run cannot go on where it was.`,
      { path: this.#path },
    );
  }

  /**
   * Leaves an unfinished pass; an infinite loader keeps it unless `all`. An iterator with a batch under way is not waited
   * for.
   */
  leave(all: boolean): void | Promise<void> {
    if (this.length === Infinity && !all) return;
    const iterator = this.#iterator;
    this.#iterator = null;
    this.batch = undefined;
    if (!all) this.#inPass = false;
    if (iterator === null) return;
    let closing: unknown;
    try {
      closing = iterator.return?.();
    } catch (error) {
      throw this.#fault(error, "threw while it was closed");
    }
    if (!isPromise(closing)) return;
    if (this.#waiting) {
      closing.then(undefined, () => {}); // it would wait for a batch that may never come
      return;
    }
    return closing.then(
      () => {},
      (error: unknown) => {
        throw this.#fault(error, "threw while it was closed");
      },
    );
  }

  state(): CursorState {
    let own: readonly StateValue[] = [];
    if (this.#loader !== null && !this.replays) {
      try {
        own = [this.#loader.state?.() ?? null];
      } catch (error) {
        throw this.#fault(error, "threw when its state was asked for");
      }
    }
    return { passes: this.#passes, taken: this.taken, inPass: this.#inPass, own };
  }

  loadState(saved: CursorState): void | Promise<void> {
    this.#passes = saved.passes;
    this.taken = saved.taken;
    this.#inPass = saved.inPass;
    const own = saved.own;
    if (own.length === 0 || this.#loader === null || this.replays) return;
    this.#restored = saved.inPass;
    let loading: unknown;
    try {
      loading = this.#loader.loadState?.(own[0] as StateValue);
    } catch (error) {
      throw this.#fault(error, "threw when its state was loaded");
    }
    if (!isPromise(loading)) return;
    return loading.then(
      () => {},
      (error: unknown) => {
        throw this.#fault(error, "threw when its state was loaded");
      },
    );
  }

  /** An iterator that threw is done: it is not asked to return. */
  #failed(error: unknown): TrainscopeError {
    this.#iterator = null;
    return this.#fault(error, "threw");
  }

  #fault(error: unknown, what: string): TrainscopeError {
    const where = this.#passes === 0 ? "" : ` in pass ${this.#passes - 1} at batch ${this.taken}`;
    return new TrainscopeError("ERR_LOADER", `Loader "${this.name}" ${what}${where}: ${messageOf(error)}`, {
      path: this.#path,
      cause: error,
    });
  }
}
