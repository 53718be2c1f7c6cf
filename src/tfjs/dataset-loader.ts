import type { DataLoader } from "../contract/index.js";
import type { TfjsDataset } from "./types.js";

export interface DatasetLoaderOptions {
  /** Group elements into batches of this size. Default: the elements are batches already. */
  batchSize?: number | undefined;
  /** Size of the shuffle buffer, in elements. Default: not shuffled here. */
  shuffle?: number | undefined;
}

/**
 * Batches of a `tf.data.Dataset`, one iterator for every pass.
 * Such an iterator has no position that could be saved: a resumed run replays the pass and skips.
 */
export class DatasetLoader<Batch> implements DataLoader<Batch> {
  readonly length?: number;
  readonly #dataset: TfjsDataset<unknown>;
  readonly #batchSize: number | undefined;
  readonly #shuffle: number | undefined;
  #seed = 0;

  constructor(dataset: TfjsDataset<unknown>, options: DatasetLoaderOptions) {
    this.#dataset = dataset;
    this.#batchSize = options.batchSize;
    this.#shuffle = options.shuffle;
    const { size } = this.#batchSize === undefined ? dataset : dataset.batch(this.#batchSize);
    // TensorFlow.js says null or a negative number where it does not know.
    if (typeof size === "number" && size > 0) this.length = size;
  }

  seed(seed: number): void {
    this.#seed = seed;
  }

  async *batches(pass: number): AsyncIterable<Batch> {
    const shuffled =
      this.#shuffle === undefined ? this.#dataset : this.#dataset.shuffle(this.#shuffle, `${this.#seed}:${pass}`, false);
    const batched = this.#batchSize === undefined ? shuffled : shuffled.batch(this.#batchSize);
    const iterator = await batched.iterator();
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value as Batch;
  }
}
