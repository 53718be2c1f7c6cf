import { TrainscopeError } from "../support/errors.js";
import type { PassPosition } from "../support/pass-position.js";
import { samplesIn } from "./batch.js";
import type { TfjsOps } from "./ops.js";
import { disposeReadAhead } from "./read-ahead.js";
import type { TfjsDataset, TfjsLazyIterator } from "./types.js";

/** How the elements of a dataset become batches. */
export interface DatasetPassOptions {
  /** The elements, in the order of the pass. */
  readonly elements: TfjsDataset<unknown>;
  /** Elements that are grouped; left out: they are batches. */
  readonly batchSize: number | undefined;
  /** Where the pass begins; the elements before it are read and disposed. */
  readonly position: PassPosition;
}

const END: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * The batches of one pass over a dataset.
 * - As `fitDataset` does, it gives an element that comes with the end, such as a generator of yours returns.
 * - When it is left, what was read ahead is disposed, and so is a batch that is still being made.
 */
export class DatasetPass<Batch> implements AsyncIterableIterator<Batch, undefined> {
  readonly #ops: TfjsOps;
  readonly #options: DatasetPassOptions;
  #iterator: TfjsLazyIterator<unknown> | null = null;
  /** Elements before the place where the pass begins, and how many of them were read again. */
  readonly #resumedAt: number;
  #skipped = 0;
  #isOver = false;

  constructor(ops: TfjsOps, options: DatasetPassOptions) {
    this.#ops = ops;
    this.#options = options;
    this.#resumedAt = options.position.given;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    this.#iterator ??= await this.#open();
    if (this.#isOver) return END;
    const { done, value } = await this.#iterator.next();
    if (this.#isOver) return this.#late(value);
    this.#isOver = done === true;
    if (value === null || value === undefined) return this.#ended();
    const { position, batchSize } = this.#options;
    position.given += batchSize === undefined ? 1 : samplesIn(value);
    return { done: false, value: value as Batch };
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#isOver = true;
    this.#free();
    return END;
  }

  async #open(): Promise<TfjsLazyIterator<unknown>> {
    const { elements, batchSize } = this.#options;
    const rest = this.#resumedAt === 0 ? elements : elements.filter(this.#isBehind); // which disposes what it refuses
    return (batchSize === undefined ? rest : rest.batch(batchSize)).iterator();
  }

  readonly #isBehind = (): boolean => {
    if (this.#skipped === this.#resumedAt) return true;
    this.#skipped++;
    return false;
  };

  #ended(): IteratorResult<Batch, undefined> {
    this.#isOver = true;
    const { pass } = this.#options.position;
    if (this.#skipped === this.#resumedAt) return END;
    throw new TrainscopeError(
      "ERR_STATE",
      `The dataset ended after ${this.#skipped} elements of pass ${pass}, and the saved run had taken ${this.#resumedAt}.\n` +
        "Its data has changed, so the run cannot be resumed at its position.",
      { path: "tfjsLoader" },
    );
  }

  #late(value: unknown): IteratorResult<Batch, undefined> {
    this.#ops.dispose(value);
    this.#free();
    return END;
  }

  #free(): void {
    disposeReadAhead(this.#iterator, (element) => this.#ops.dispose(element));
  }
}
