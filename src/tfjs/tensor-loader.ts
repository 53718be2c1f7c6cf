import type { DataLoader, StateValue, WithDefaults } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { aCount, aFlag, checkedOptions, type OptionRules, withDefault } from "../support/option-keys.js";
import { type PassPosition, ResumablePosition } from "../support/pass-position.js";
import { passOrder } from "../support/random.js";
import { valueText } from "../support/value-text.js";
import { mapTensors, tensorsOf, unknownKeyMessage } from "./batch.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { isTensor, type TfjsOps } from "./ops.js";
import type { TfjsBatch, TfjsTensor, TfjsTensors } from "./types.js";

/** How `tfjsLoader` makes batches of tensors in memory. */
export interface TensorLoaderOptions {
  /** Samples in a batch; the last one of a pass may have fewer. @default 32 */
  batchSize?: number | undefined;
  /** A new order for every pass, by the run's seed: the order that `arrayLoader` has for the same seed. @default false */
  shuffle?: boolean | undefined;
  /** Leaves out a last batch that is not full. @default false */
  dropLast?: boolean | undefined;
}

type Filled = WithDefaults<TensorLoaderOptions, keyof TensorLoaderOptions>;

const RULES: OptionRules<TensorLoaderOptions, Filled> = {
  batchSize: withDefault(aCount, 32),
  shuffle: withDefault(aFlag, false),
  dropLast: withDefault(aFlag, false),
};

/**
 * Batches of tensors in memory.
 * - The source tensors stay the user's; a batch is a copy of its rows, made when it is pulled.
 * - The order is a pure function of (seed, pass); a saved state continues in mid-pass with the next sample, also with another
 *   `batchSize`.
 */
export class TensorLoader implements DataLoader<TfjsBatch> {
  /** Batches in a pass. */
  readonly length: number;
  readonly #ops: TfjsOps;
  readonly #source: TfjsBatch;
  readonly #samples: number;
  readonly #batchSize: number;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  readonly #position = new ResumablePosition("tfjsLoader");

  constructor(ops: TfjsOps, source: TfjsBatch, options: TensorLoaderOptions) {
    const { batchSize, shuffle, dropLast } = checkedOptions<TensorLoaderOptions, Filled>(
      options,
      RULES,
      "tfjsLoader",
      TRAINING_INSTEAD,
    );
    this.#ops = ops;
    this.#source = source;
    this.#samples = sampleCount(source);
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    this.#dropLast = dropLast;
    this.length = dropLast ? Math.floor(this.#samples / batchSize) : Math.ceil(this.#samples / batchSize);
    if (this.length === 0)
      throw dataError(`${this.#samples} samples do not fill one batch of ${batchSize}, and dropLast leaves out the rest.`);
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

  batches(pass: number): Iterable<TfjsBatch> {
    return this.#pass(this.#position.begin(pass, { samples: this.#samples, shuffle: this.#shuffle }));
  }

  state(): StateValue {
    return this.#position.state();
  }

  loadState(state: StateValue): void {
    this.#position.loadState(state);
  }

  *#pass(position: PassPosition): Iterable<TfjsBatch> {
    // The view is signed because that is what int32 tensors are made of; the order's numbers are below 2^31.
    const order = this.#shuffle ? new Int32Array(passOrder(this.#samples, position.seed, position.pass).buffer) : null;
    for (;;) {
      const begin = position.given;
      const size = Math.min(this.#batchSize, this.#samples - begin);
      if (size <= 0 || (this.#dropLast && size < this.#batchSize)) return;
      position.given = begin + size;
      yield order === null ? this.#rows(begin, size) : this.#picked(order.slice(begin, begin + size));
    }
  }

  #rows(begin: number, size: number): TfjsBatch {
    return this.#map((tensor) => {
      const rest = tensor.shape.slice(1);
      return this.#ops.slice(tensor, [begin, ...rest.map(() => 0)], [size, ...rest]);
    });
  }

  #picked(rows: Int32Array): TfjsBatch {
    const indices = this.#ops.tensor(rows, [rows.length], "int32");
    const made = this.#map((tensor) => this.#ops.gather(tensor, indices));
    indices.dispose();
    return made;
  }

  #map(replace: (tensor: TfjsTensor) => TfjsTensor): TfjsBatch {
    return { xs: mapTensors(this.#source.xs, replace), ys: mapTensors(this.#source.ys, replace) };
  }
}

function sampleCount(source: TfjsBatch): number {
  checkSource(source);
  const { xs, ys } = source;
  for (const side of [xs, ys] as unknown[]) {
    if (typeof side === "object" && side !== null && tensorsOf(side as TfjsTensors).every(isTensor)) continue;
    throw dataError(`Found ${valueText(side)}; the source is { xs, ys } of tensors, arrays of tensors, or tensors by name.`);
  }
  const counts = [...tensorsOf(xs), ...tensorsOf(ys)].map(({ shape }) => shape[0] ?? 0);
  const [count = 0] = counts;
  if (counts.every((other) => other === count) && count > 0) return count;
  throw dataError(`The tensors hold ${counts.join(", ")} samples; each needs the same number of samples, at least one.`);
}

function checkSource(source: unknown): void {
  if (isTensor(source) || Array.isArray(source))
    throw dataError(
      `Found ${valueText(source)}. Allowed: { xs, ys } of tensors, as in tfjsLoader(tf, { xs, ys }, { batchSize: 32 }).`,
    );
  const unknown = Object.keys(source as object).find((key) => key !== "xs" && key !== "ys");
  if (unknown !== undefined) throw dataError(unknownKeyMessage(unknown));
}

function dataError(message: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path: "tfjsLoader" });
}
