import type { MaybePromise } from "../contract/index.js";
import { isPromise } from "../support/promises.js";
import { valueText } from "../support/value-text.js";
import type { BatchIterator } from "./source.js";

/** What a reader reports to the cursor it reads for. */
export interface PassEvents<Batch> {
  /** The next batch. */
  took(batch: Batch): true;
  /** The iterator ended; `value` is what came with it, as the return value of a generator does. */
  ended(value: unknown): false;
  /** The iterator threw or rejected. Throws what the caller is to see. */
  failed(error: unknown): never;
  /** A batch that arrived after the pass was left. */
  late(batch: Batch): void;
}

/**
 * Reads the iterator of one pass.
 * - Sync iterators cost no promise; a promise costs one `then`.
 * - After `leave` nothing is reported but a batch that was still being made: it goes to `late`, and its `pull` comes to false.
 */
export class PassReader<Batch> {
  readonly #iterator: BatchIterator<Batch>;
  readonly #events: PassEvents<Batch>;
  #isWaiting = false;
  #isLeft = false;

  constructor(iterator: BatchIterator<Batch>, events: PassEvents<Batch>) {
    this.#iterator = iterator;
    this.#events = events;
  }

  /** True while a batch is being made. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** True after `leave`. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** True where the next batch was reported, false where the pass is over. */
  pull(): MaybePromise<boolean> {
    let result: unknown;
    try {
      result = this.#iterator.next();
    } catch (error) {
      return this.#events.failed(error);
    }
    if (!isPromise(result)) return this.#accept(result);
    this.#isWaiting = true;
    return (result as Promise<unknown>).then(this.#onResult, this.#onError);
  }

  /** Closes the iterator. What its `return()` throws is thrown. */
  leave(): unknown {
    this.#isLeft = true;
    return this.#iterator.return?.();
  }

  readonly #onResult = (result: unknown): MaybePromise<boolean> => {
    this.#isWaiting = false;
    return this.#accept(result);
  };

  readonly #onValue = (value: unknown): boolean => {
    this.#isWaiting = false;
    return this.#took(value as Batch);
  };

  readonly #onError = (error: unknown): boolean => {
    this.#isWaiting = false;
    return this.#isLeft ? false : this.#events.failed(error);
  };

  #accept(given: unknown): MaybePromise<boolean> {
    if (typeof given !== "object" || given === null)
      return this.#onError(new TypeError(`next() returned ${valueText(given)}, not an iterator result`));
    const { done, value } = given as IteratorResult<unknown, unknown>;
    if (done === true) return this.#isLeft ? false : this.#events.ended(value);
    if (!isPromise(value)) return this.#took(value as Batch);
    this.#isWaiting = true;
    return (value as Promise<unknown>).then(this.#onValue, this.#onError);
  }

  #took(batch: Batch): boolean {
    if (!this.#isLeft) return this.#events.took(batch);
    this.#events.late(batch);
    return false;
  }
}
