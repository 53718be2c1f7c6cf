import type { DataLoader, MaybePromise, StateValue } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import { valueText } from "../support/value-text.js";
import { loaderDataError } from "./errors.js";
import type { CursorState } from "./saved-state.js";
import { isStateful, iteratorOf } from "./source.js";
import type { BatchIterator, LoaderEntry } from "./source.js";

/** What a cursor reports to its owner. */
export interface CursorEvents<Batch> {
  warn(message: string): void;
  /** A batch that was read only to skip it. */
  discard(batch: Batch): void;
}

type Result<Batch> = IteratorResult<Batch | Promise<Batch>, unknown>;

/**
 * One loader and its position.
 * - Passes: a pass begins when its first batch is pulled; `batches(pass)` is called once for each.
 * - Sync sources cost no promise; arrays are indexed; nothing is allocated per batch beside what the source makes.
 * - Errors of the source come out as `ERR_LOADER` with the loader, the pass, the batch and the original as `cause`.
 * - Resume: a loader with a state of its own resumes from it; any other starts its pass again and is read up to its position.
 */
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
  #iterator: BatchIterator<Batch> | null = null;
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
    this.#call("threw when it was given the seed", () => this.#loader?.seed?.(seed));
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

  #iterate(): BatchIterator<Batch> {
    let made: unknown;
    let iterator: BatchIterator<Batch> | null;
    try {
      made = this.#loader?.batches(this.#passes - 1);
      iterator = iteratorOf<Batch>(made);
    } catch (error) {
      throw this.#loaderError(error, "threw");
    }
    if (iterator !== null) return iterator;
    if (isPromise(made)) made.then(undefined, () => {}); // reported below; its own failure adds nothing
    throw new TrainscopeError(
      "ERR_LOADER",
      `batches() of loader "${this.name}" returned ${valueText(made)}, which cannot be iterated.\n` +
        "Return an array, a generator (function* or async function*), " +
        "or anything with [Symbol.iterator] or [Symbol.asyncIterator].",
      { path: this.#path },
    );
  }

  #advance(): MaybePromise<boolean> {
    const iterator = this.#iterator as BatchIterator<Batch>;
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
      throw this.#failed(new TypeError(`next() returned ${valueText(given)}, not an iterator result`));
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
    const pass = this.#passes - 1;
    if (this.taken === 0) throw loaderDataError(`Loader "${this.name}" gave no batch in pass ${pass}.`, this.#path);
    if (this.#array === null && this.length !== null && this.taken !== this.length && !this.#warned) {
      this.#warned = true;
      this.#events.warn(
        `Loader "${this.name}" says its length is ${this.length}, and gave ${this.taken} batches in pass ${pass}.`,
      );
    }
    return false;
  }

  /** Reads `count` batches of the pass and discards them. */
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
        `and the saved run had taken ${count}.\nIts data has changed, so the run cannot be resumed at its position.`,
      { path: this.#path },
    );
  }

  /**
   * Leaves an unfinished pass; an infinite loader keeps it unless `all`. An iterator whose next batch is still being made is
   * closed without waiting for it.
   */
  leave(all: boolean): void | Promise<void> {
    if (this.length === Infinity && !all) return;
    const iterator = this.#iterator;
    this.#iterator = null;
    this.batch = undefined;
    if (!all) this.#inPass = false;
    if (iterator === null) return;
    const closing: unknown = this.#call("threw while it was closed", () => iterator.return?.());
    if (!isPromise(closing)) return;
    if (!this.#waiting) return closing.then(() => {});
    closing.then(undefined, () => {}); // it waits for a batch that may never come
  }

  state(): CursorState {
    const loader = this.#loader;
    const hasOwn = loader !== null && !this.replays;
    const own = hasOwn ? [this.#call("threw when its state was read", () => loader.state?.() ?? null)] : [];
    return { passes: this.#passes, taken: this.taken, inPass: this.#inPass, own };
  }

  loadState(saved: CursorState): void | Promise<void> {
    this.#passes = saved.passes;
    this.taken = saved.taken;
    this.#inPass = saved.inPass;
    const { own } = saved;
    const loader = this.#loader;
    if (own.length === 0 || loader === null || this.replays) return;
    this.#restored = saved.inPass;
    const loading: unknown = this.#call("threw when its state was loaded", () => loader.loadState?.(own[0] as StateValue));
    if (isPromise(loading)) return loading.then(() => {});
  }

  /** Calls one of the source's own methods. What it throws or rejects with comes out as `ERR_LOADER`. */
  #call<T>(problem: string, method: () => T): T {
    let returned: T;
    try {
      returned = method();
    } catch (error) {
      throw this.#loaderError(error, problem);
    }
    if (!isPromise(returned)) return returned;
    return returned.then(undefined, (error: unknown) => {
      throw this.#loaderError(error, problem);
    }) as T;
  }

  /** An iterator that threw is done: its `return()` is not called. */
  #failed(error: unknown): TrainscopeError {
    this.#iterator = null;
    return this.#loaderError(error, "threw");
  }

  #loaderError(error: unknown, problem: string): TrainscopeError {
    const where = this.#passes === 0 ? "" : ` in pass ${this.#passes - 1} at batch ${this.taken}`;
    return new TrainscopeError("ERR_LOADER", `Loader "${this.name}" ${problem}${where}: ${messageOf(error)}`, {
      path: this.#path,
      cause: error,
    });
  }
}
