import type { DataLoader, StateValue, WithDefaults } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { aCount, aFlag, checkedOptions, type OptionRules, withDefault } from "../support/option-keys.js";
import { type PassPosition, ResumablePosition } from "../support/pass-position.js";
import { passOrder } from "../support/random.js";
import { mapTensors } from "./batch.js";
import { TRAINING_INSTEAD } from "./instead.js";
import type { TfjsOps } from "./ops.js";
import { checkAlive, sampleCount } from "./tensor-source.js";
import type { TfjsBatch, TfjsTensor } from "./types.js";

/** How `tfjsLoader` makes batches of tensors in memory. */
export interface TensorLoaderOptions {
  /** Samples in a batch; the last one of a pass may have fewer. @default 32 */
  batchSize?: number | undefined;
  /** A new order for every pass, by the run's seed: the order that `arrayLoader` has for the same seed. @default false */
  shuffle?: boolean | undefined;
  /** Leaves out a last batch that is not full. @default false */
  dropLast?: boolean | undefined;
}

/** The options of `tfjsLoader` with their defaults. */
export type FilledTensorLoaderOptions = WithDefaults<TensorLoaderOptions, keyof TensorLoaderOptions>;

/** The default of every option of `tfjsLoader`, and what it may be. */
export const TENSOR_LOADER_RULES: OptionRules<TensorLoaderOptions, FilledTensorLoaderOptions> = {
  batchSize: withDefault(aCount, 32),
  shuffle: withDefault(aFlag, false),
  dropLast: withDefault(aFlag, false),
};

/** Neighbouring rows of the source. */
export interface Rows {
  /** The first one. */
  readonly first: number;
  /** How many. */
  readonly count: number;
}

/**
 * Batches of tensors in memory: of all their rows, or of a part.
 * - The source tensors stay the user's; a batch is a copy of its rows, made when it is pulled.
 * - The order is a pure function of (seed, pass); a saved state continues in mid-pass with the next sample, also with another
 *   `batchSize`.
 */
export class TensorLoader<Batch extends TfjsBatch> implements DataLoader<Batch> {
  /** Batches in a pass. */
  readonly length: number;
  readonly #ops: TfjsOps;
  readonly #source: Batch;
  readonly #first: number;
  readonly #samples: number;
  readonly #batchSize: number;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  readonly #position = new ResumablePosition("tfjsLoader");

  constructor(ops: TfjsOps, source: Batch, options: TensorLoaderOptions, rows?: Rows) {
    this.#samples = rows?.count ?? sampleCount(source, "tfjsLoader"); // first: tensors one after the other would be taken for options
    const { batchSize, shuffle, dropLast } = checkedOptions<TensorLoaderOptions, FilledTensorLoaderOptions>(
      options,
      TENSOR_LOADER_RULES,
      "tfjsLoader",
      TRAINING_INSTEAD,
    );
    this.#ops = ops;
    this.#source = source;
    this.#first = rows?.first ?? 0;
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    this.#dropLast = dropLast;
    this.length = dropLast ? Math.floor(this.#samples / batchSize) : Math.ceil(this.#samples / batchSize);
    if (this.length === 0)
      throw new TrainscopeError(
        "ERR_LOADER_DATA",
        `${this.#samples} samples do not fill one batch of ${batchSize}, and dropLast leaves out the rest.`,
        { path: "tfjsLoader" },
      );
  }

  /** Samples in a pass, without those that `dropLast` leaves out. */
  get samples(): number {
    return this.#dropLast ? this.length * this.#batchSize : this.#samples;
  }

  /** Samples in a full batch. */
  get batchSize(): number {
    return this.#batchSize;
  }

  seed(seed: number): void {
    this.#position.seed = seed;
  }

  batches(pass: number): Iterable<Batch> {
    checkAlive(this.#source, "tfjsLoader");
    return this.#pass(this.#position.begin(pass, { samples: this.#samples, shuffle: this.#shuffle }));
  }

  state(): StateValue {
    return this.#position.state();
  }

  loadState(state: StateValue): void {
    this.#position.loadState(state);
  }

  *#pass(position: PassPosition): Iterable<Batch> {
    // The view is signed because that is what int32 tensors are made of; the order's numbers are below 2^31.
    const order = this.#shuffle ? new Int32Array(passOrder(this.#samples, position.seed, position.pass).buffer) : null;
    for (;;) {
      const begin = position.given;
      const size = Math.min(this.#batchSize, this.#samples - begin);
      if (size <= 0 || (this.#dropLast && size < this.#batchSize)) return;
      position.given = begin + size;
      yield order === null
        ? this.#rows(this.#first + begin, size)
        : this.#picked(order.slice(begin, begin + size).map((row) => this.#first + row));
    }
  }

  #rows(begin: number, size: number): Batch {
    return this.#map((tensor) => {
      const rest = tensor.shape.slice(1);
      return this.#ops.slice(tensor, [begin, ...rest.map(() => 0)], [size, ...rest]);
    });
  }

  #picked(rows: Int32Array): Batch {
    const indices = this.#ops.tensor(rows, [rows.length], "int32");
    const made = this.#map((tensor) => this.#ops.gather(tensor, indices));
    indices.dispose();
    return made;
  }

  #map(replace: (tensor: TfjsTensor) => TfjsTensor): Batch {
    const { xs, ys } = this.#source;
    return { xs: mapTensors(xs, replace), ys: mapTensors(ys, replace) } as Batch; // tensors of the same ranks, under the same names
  }
}
