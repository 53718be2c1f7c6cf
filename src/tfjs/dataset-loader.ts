import type { DataLoader } from "../contract/index.js";
import { aCount, checkedOptions, optional, type OptionRules } from "../support/option-keys.js";
import type { TfjsDataset } from "./types.js";

/** How `tfjsLoader` makes batches of a `tf.data.Dataset`. */
export interface DatasetLoaderOptions {
  /** Elements that are grouped into one batch. @default none: the elements of the dataset are batches already */
  batchSize?: number | undefined;
  /**
   * Size of the shuffle buffer, in elements: an element is drawn from this many. A new order for every pass, by the run's seed.
   * @default not shuffled here
   */
  shuffle?: number | undefined;
}

const RULES: OptionRules<DatasetLoaderOptions, DatasetLoaderOptions> = { batchSize: optional(aCount), shuffle: optional(aCount) };

/**
 * Batches of a `tf.data.Dataset`, one iterator for every pass.
 * Such an iterator has no position that could be saved: a resumed run replays the pass and skips.
 */
export class DatasetLoader<Batch> implements DataLoader<Batch> {
  /** Batches in a pass, where the dataset knows its size. */
  readonly length?: number;
  readonly #dataset: TfjsDataset<unknown>;
  readonly #batchSize: number | undefined;
  readonly #shuffle: number | undefined;
  #seed = 0;

  constructor(dataset: TfjsDataset<unknown>, options: DatasetLoaderOptions) {
    const { batchSize, shuffle } = checkedOptions(options, RULES, "tfjsLoader");
    this.#dataset = dataset;
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    const { size } = batchSize === undefined ? dataset : dataset.batch(batchSize);
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
