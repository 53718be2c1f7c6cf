import type { DataLoader, MaybePromise, StateValue } from "../contract/index.js";
import { DEFAULT_TIMEOUT_MS, within } from "../support/bounded-wait.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import { valueText } from "../support/value-text.js";
import { loaderDataError } from "./errors.js";
import { PassReader } from "./pass-reader.js";
import type { PassEvents } from "./pass-reader.js";
import type { CursorState } from "./saved-state.js";
import { isStateful, iteratorOf } from "./source.js";
import type { LoaderEntry } from "./source.js";

/** What a cursor reports to its owner. Neither may throw. */
export interface CursorEvents<Batch> {
  warn(message: string): void;
  /** What was read, or made, and is not trained on. */
  discard(batch: Batch): void;
}

/**
 * One loader and its position.
 * - Passes: a pass begins when its first batch is pulled; `batches(pass)` is called once for each.
 * - Sync sources cost no promise; arrays are indexed; nothing is allocated per batch beside what the source makes.
 * - Errors of the source come out as `ERR_LOADER` with the loader, the pass, the batch and the original as `cause`.
 * - Resume: a loader with a state of its own resumes from it; any other starts its pass again and is read up to its position, which is
 *   refused where its length is not the saved one.
 * - Whatever is read and not given goes to `discard`: batches that are skipped, that come too late, and a value that comes with the end.
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
  readonly #isStateful: boolean;
  readonly #path: string;
  readonly #events: CursorEvents<Batch>;
  #passes = 0;
  #inPass = false;
  #restored = false;
  /** False in a pass that was begun with another length: it then has neither the saved number of batches nor this one. */
  #hasLength = true;
  #savedLength: number | null = null;
  #reader: PassReader<Batch> | null = null;
  readonly #warned = new Set<"length" | "value">();

  constructor(entry: LoaderEntry<Batch>, role: string, events: CursorEvents<Batch>) {
    this.name = entry.name;
    this.length = entry.length;
    this.#path = `${role}.${entry.name}`;
    this.#events = events;
    this.#array = Array.isArray(entry.source) ? (entry.source as readonly Batch[]) : null;
    this.#loader = this.#array === null ? (entry.source as DataLoader<Batch>) : null;
    this.#isStateful = this.#loader !== null && isStateful(this.#loader);
    this.replays = this.#loader !== null && (!this.#isStateful || this.#loader.replays === true);
  }

  /** True after the last batch of a pass whose length is known. */
  get isAtLength(): boolean {
    return this.#hasLength && this.taken === this.length;
  }

  /** Once, before the first pass. */
  seed(seed: number): void {
    this.#call("threw when it was given the seed", () => this.#loader?.seed?.(seed));
  }

  /** True: `batch` is the next one. False: the pass is over, and the next pull begins another; or it was left meanwhile. */
  pull(): MaybePromise<boolean> {
    const array = this.#array;
    if (array !== null) return this.#index(array);
    if (this.#reader !== null) return this.#reader.pull();
    const opening = this.#open();
    if (opening !== undefined) return opening.then(() => this.#reader?.pull() ?? false);
    return (this.#reader as unknown as PassReader<Batch>).pull();
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
    this.#hasLength = true;
    this.taken = 0;
  }

  #open(): void | Promise<void> {
    const skip = this.#inPass && !this.#restored ? this.taken : 0;
    if (!this.#inPass) this.#begin();
    this.#restored = false;
    this.#reader = this.#read();
    return skip === 0 ? undefined : this.#skip(this.#reader, skip);
  }

  #read(): PassReader<Batch> {
    let made: unknown;
    let reader: PassReader<Batch> | null;
    try {
      made = this.#loader?.batches(this.#passes - 1);
      const iterator = iteratorOf<Batch>(made);
      reader = iterator === null ? null : new PassReader(iterator, this.#passEvents);
    } catch (error) {
      throw this.#loaderError(error, "threw");
    }
    if (reader !== null) return reader;
    if (isPromise(made)) made.then(undefined, () => {}); // reported below; its own failure adds nothing
    throw new TrainscopeError(
      "ERR_LOADER",
      `batches() of loader "${this.name}" returned ${valueText(made)}, which cannot be iterated.\n` +
        "Return an array, a generator (function* or async function*), " +
        "or anything with [Symbol.iterator] or [Symbol.asyncIterator].",
      { path: this.#path },
    );
  }

  readonly #passEvents: PassEvents<Batch> = {
    took: (batch) => {
      this.batch = batch;
      this.taken++;
      return true;
    },
    ended: (value) => this.#ended(value),
    failed: (error) => {
      this.#reader = null; // an iterator that threw is done: its return() is not called
      throw this.#loaderError(error, "threw");
    },
    late: (batch) => this.#events.discard(batch),
  };

  #ended(value?: unknown): false {
    this.#reader = null;
    this.#inPass = false;
    const pass = this.#passes - 1;
    if (value !== undefined && value !== null) this.#dropValue(value, pass);
    if (this.taken === 0) {
      const again = pass === 0 ? "" : "\nbatches(pass) makes new batches for each pass; an iterator gives its own only once.";
      throw loaderDataError(`Loader "${this.name}" gave no batch in pass ${pass}.${again}`, this.#path);
    }
    if (this.#array === null && this.length !== null && this.#hasLength && this.taken !== this.length)
      this.#warnOnce("length", `says its length is ${this.length}, and gave ${this.taken} batches in pass ${pass}.`);
    return false;
  }

  /** As `for await` does: what a generator returns is no batch. It may be one by mistake. */
  #dropValue(value: unknown, pass: number): void {
    const found = isPromise(value) ? "a promise" : valueText(value);
    const problem = `returned ${found} when pass ${pass} ended, which is not trained on: only what is yielded is.`;
    this.#warnOnce("value", `${problem}\nYield the last batch, too.`);
    const discard = (given: unknown): void => this.#events.discard(given as Batch);
    if (isPromise(value)) value.then(discard, () => {});
    else discard(value);
  }

  #warnOnce(kind: "length" | "value", problem: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.#events.warn(`Loader "${this.name}" ${problem}`);
  }

  /** Reads `count` batches of the pass and discards them. */
  #skip(reader: PassReader<Batch>, count: number): void | Promise<void> {
    this.taken = 0;
    while (this.taken < count) {
      const got = reader.pull();
      if (isPromise(got)) return this.#skipAsync(reader, count, got as Promise<boolean>);
      this.#skipped(got as boolean, count);
    }
  }

  async #skipAsync(reader: PassReader<Batch>, count: number, first: Promise<boolean>): Promise<void> {
    let got = await first;
    while (!reader.isLeft) {
      this.#skipped(got, count);
      if (this.taken === count) return;
      got = await reader.pull();
    }
  }

  #skipped(got: boolean, count: number): void {
    if (got) {
      this.#events.discard(this.batch as Batch);
      this.batch = undefined;
      return;
    }
    throw this.#stateError(
      `ended after ${this.taken} batches of pass ${this.#passes - 1}, and the saved run had taken ${count}.\n` +
        "Its data has changed, so the run cannot be resumed at its position.",
    );
  }

  /**
   * Leaves an unfinished pass; an infinite loader keeps it unless `all`. An iterator whose next batch is still being made is
   * closed without waiting for it; any other is waited for, 10 seconds at most.
   */
  leave(all: boolean): void | Promise<void> {
    if (this.length === Infinity && !all) return;
    const reader = this.#reader;
    this.#reader = null;
    this.batch = undefined;
    if (!all) this.#inPass = false;
    if (reader === null) return;
    const wasWaiting = reader.isWaiting;
    const closing: unknown = this.#call("threw while it was closed", () => reader.leave());
    if (!isPromise(closing)) return;
    if (!wasWaiting) return this.#closed(closing);
    closing.then(undefined, () => {}); // it waits for a batch that may never come
  }

  async #closed(closing: Promise<unknown>): Promise<void> {
    const outcome = await within(closing, { timeoutMs: DEFAULT_TIMEOUT_MS }, "close");
    if (outcome.done) return;
    if (!outcome.late) throw outcome.error;
    this.#events.warn(`Loader "${this.name}" ${String(outcome.error)}: the return() of its iterator is no longer waited for.`);
  }

  state(): CursorState {
    const loader = this.#loader;
    const own = this.#isStateful ? [this.#call("threw when its state was read", () => loader?.state?.() ?? null)] : [];
    return { passes: this.#passes, taken: this.taken, inPass: this.#inPass, length: this.#hasLength ? this.#finite : null, own };
  }

  loadState(saved: CursorState): void | Promise<void> {
    const { own, length } = saved;
    this.#passes = saved.passes;
    this.taken = saved.taken;
    this.#inPass = saved.inPass;
    this.#savedLength = length;
    this.#hasLength = length === this.#finite;
    if (!this.#isStateful || own.length === 0) return;
    this.#restored = saved.inPass;
    const loading: unknown = this.#call("threw when its state was loaded", () => this.#loader?.loadState?.(own[0] as StateValue));
    if (isPromise(loading)) return loading.then(() => {});
  }

  /** After `loadState`, where the pass continues: what does not fit the position throws here. No batch is pulled. */
  reopen(): void {
    if (this.#restored) void this.#open();
    else this.#refuseOtherLength();
  }

  get #finite(): number | null {
    return this.length === Infinity ? null : this.length;
  }

  /** A position that is counted in batches means nothing among other batches, unless it is behind the last one. */
  #refuseOtherLength(): void {
    const saved = this.#savedLength;
    if (!this.#inPass || this.taken === 0 || this.#hasLength || saved === null || this.#finite === null) return;
    if (this.taken >= saved && this.taken >= this.#finite) return;
    throw this.#stateError(
      `had ${saved} batches in a pass when the run was saved after ${this.taken} of pass ${this.#passes - 1}, and has ${this.#finite} now.\n` +
        "Give the same batches, or start a new run. Loaders that count samples (arrayLoader, tfjsLoader) resume with another batchSize, too.",
    );
  }

  #stateError(problem: string): TrainscopeError {
    return new TrainscopeError("ERR_STATE", `Loader "${this.name}" ${problem}`, { path: this.#path });
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

  #loaderError(error: unknown, problem: string): TrainscopeError {
    const where = this.#passes === 0 ? "" : ` in pass ${this.#passes - 1} at batch ${this.taken}`;
    const code = isTrainscopeError(error) && error.code === "ERR_STATE" ? "ERR_STATE" : "ERR_LOADER";
    return new TrainscopeError(code, `Loader "${this.name}" ${problem}${where}: ${messageOf(error)}`, {
      path: this.#path,
      cause: error,
    });
  }
}
