import type { DataLoader, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../errors.js";
import { mapTensors, tensorsOf } from "./batch.js";
import type { TfjsOps } from "./ops.js";
import { permutation } from "./random.js";
import type { TfjsBatch, TfjsTensor } from "./types.js";

export interface TensorLoaderOptions {
  /** Default 32. */
  batchSize?: number | undefined;
  /** A new order for every pass, by the run's seed. Default false. */
  shuffle?: boolean | undefined;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean | undefined;
}

interface Cursor {
  pass: number;
  batch: number;
}

/**
 * Batches of tensors that lie in memory.
 * - The source tensors stay the user's; a batch is a copy of its rows, made when it is asked for.
 * - The order is a pure function of (seed, pass); a saved state goes on in mid-pass with the next batch.
 */
export class TensorLoader implements DataLoader<TfjsBatch> {
  readonly length: number;
  readonly #ops: TfjsOps;
  readonly #source: TfjsBatch;
  readonly #samples: number;
  readonly #batchSize: number;
  readonly #shuffle: boolean;
  #seed = 0;
  #cursor: Cursor = { pass: 0, batch: 0 };
  #resume: Cursor | null = null;

  constructor(ops: TfjsOps, source: TfjsBatch, options: TensorLoaderOptions) {
    const { batchSize = 32, shuffle = false, dropLast = false } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) throw new TrainscopeError("ERR_LOADER_DATA", `batchSize is ${batchSize}; it must be a whole number of at least 1.`, { path: "tfjsLoader" });
    this.#ops = ops;
    this.#source = source;
    this.#samples = sampleCount(source);
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
    this.length = dropLast ? Math.floor(this.#samples / batchSize) : Math.ceil(this.#samples / batchSize);
  }

  seed(seed: number): void {
    this.#seed = seed;
  }

  *batches(pass: number): Iterable<TfjsBatch> {
    const first = this.#resume?.pass === pass ? this.#resume.batch : 0;
    this.#resume = null;
    this.#cursor = { pass, batch: first };
    const order = this.#shuffle ? permutation(this.#samples, this.#seed, pass) : null;
    for (let batch = first; batch < this.length; batch++) {
      const begin = batch * this.#batchSize;
      const size = Math.min(this.#batchSize, this.#samples - begin);
      const made = order === null ? this.#rows(begin, size) : this.#picked(order.slice(begin, begin + size));
      this.#cursor = { pass, batch: batch + 1 };
      yield made;
    }
  }

  state(): StateValue {
    return { ...this.#cursor };
  }

  loadState(state: StateValue): void {
    const { pass, batch } = (state ?? {}) as Partial<Cursor>;
    if (typeof pass !== "number" || typeof batch !== "number") throw new TrainscopeError("ERR_STATE", "The saved state is not one of a tfjsLoader of tensors.", { path: "tfjsLoader" });
    this.#cursor = { pass, batch };
    this.#resume = { pass, batch };
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

function sampleCount({ xs, ys }: TfjsBatch): number {
  const counts = [...tensorsOf(xs), ...tensorsOf(ys)].map(({ shape }) => shape[0] ?? 0);
  const [count = 0] = counts;
  if (counts.every((other) => other === count) && count > 0) return count;
  throw new TrainscopeError("ERR_LOADER_DATA", `The tensors hold ${counts.join(", ")} samples; each needs the same number, and at least one.`, { path: "tfjsLoader" });
}
