import type { DataLoader, StateValue } from "../contract/index.js";
import { aCount, checkedOptions, optional, type OptionRules } from "../support/option-keys.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { ResumablePosition } from "../support/pass-position.js";
import { DatasetPass } from "./dataset-pass.js";
import type { TfjsOps } from "./ops.js";
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
 * - Position: counted in elements, so that a resume with another `batchSize` continues with the next one. The elements before it are read
 *   again and disposed; a pass that is known to have another size, or another `shuffle`, is refused.
 * - Memory: what an iterator has read ahead is disposed when its pass is left.
 */
export class DatasetLoader<Batch> implements DataLoader<Batch> {
  /** Batches in a pass, where the dataset knows its size. */
  readonly length?: number;
  /** Samples in a pass, where elements are grouped here and the dataset knows how many it has. */
  readonly samples?: number;
  /** Samples in a full batch, where elements are grouped here. */
  readonly batchSize?: number;
  readonly replays = true;
  readonly #ops: TfjsOps;
  readonly #dataset: TfjsDataset<unknown>;
  readonly #batchSize: number | undefined;
  readonly #shuffle: number | undefined;
  readonly #position = new ResumablePosition("tfjsLoader");

  constructor(ops: TfjsOps, dataset: TfjsDataset<unknown>, options: DatasetLoaderOptions) {
    const { batchSize, shuffle } = checkedOptions(options, RULES, "tfjsLoader", TRAINING_INSTEAD);
    this.#ops = ops;
    this.#dataset = dataset;
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    const { size } = batchSize === undefined ? dataset : dataset.batch(batchSize);
    if (isKnown(size)) this.length = size;
    if (batchSize !== undefined) this.batchSize = batchSize;
    if (batchSize !== undefined && isKnown(dataset.size)) this.samples = dataset.size;
  }

  seed(seed: number): void {
    this.#position.seed = seed;
  }

  batches(pass: number): AsyncIterable<Batch> {
    const { size } = this.#dataset;
    const order = { elements: isKnown(size) ? size : null, shuffle: this.#shuffle ?? 0 };
    const position = this.#position.begin(pass, order);
    const { seed } = position;
    const elements = this.#shuffle === undefined ? this.#dataset : this.#dataset.shuffle(this.#shuffle, `${seed}:${pass}`, false);
    return new DatasetPass(this.#ops, { elements, batchSize: this.#batchSize, position });
  }

  state(): StateValue {
    return this.#position.state();
  }

  loadState(state: StateValue): void {
    this.#position.loadState(state);
  }
}

/** TensorFlow.js says null or a negative number where it does not know. */
function isKnown(size: unknown): size is number {
  return typeof size === "number" && size > 0;
}
