import { parseConfig } from "../config/index.js";
import type { DataLoader, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { passOrder } from "../support/random.js";
import { valueText } from "../support/value-text.js";
import { loaderDataError } from "./errors.js";
import { ArrayLoaderOptions } from "./options.js";
import type { ResolvedArrayLoaderOptions } from "./options.js";

const PLACE = "arrayLoader";

/**
 * A loader of batches of `batchSize` samples from an array, in order or shuffled, whose position is saved and resumed to the batch.
 * The array is neither copied nor changed. A shuffled pass is the order that `passOrder(samples.length, seed, pass)` gives.
 * A pass that is resumed over another number of samples throws `ERR_STATE`.
 *
 * Throws `ERR_CONFIG` for options that are unknown or out of range, `ERR_LOADER_DATA` where there would be no batch: no array, an
 * empty one, or `dropLast` with fewer samples than one batch has.
 */
export function arrayLoader<T, Batch = T[]>(samples: readonly T[], options: ArrayLoaderOptions<T, Batch>): DataLoader<Batch> {
  const resolved = parseConfig(ArrayLoaderOptions, options as ArrayLoaderOptions<unknown, unknown>, PLACE);
  const { batchSize, dropLast } = resolved;
  if (!Array.isArray(samples)) {
    throw loaderDataError(`arrayLoader takes an array of samples; it was given ${valueText(samples)}.`, PLACE);
  }
  if (samples.length === 0) throw loaderDataError("The array of samples is empty.", PLACE);
  if (dropLast && samples.length < batchSize) {
    const few = `${samples.length} samples do not fill one batch of ${batchSize}, and dropLast leaves out the rest.`;
    throw loaderDataError(`${few}\nGive more samples, a smaller batchSize, or dropLast: false.`, PLACE);
  }
  return new ArrayLoader(samples, resolved as ResolvedArrayLoaderOptions<T, Batch>);
}

/** After batch `taken` of pass `pass`, in the order made from `seed` for `samples` samples. */
interface Position {
  readonly pass: number;
  readonly taken: number;
  readonly seed: number;
  readonly samples: number;
}

class ArrayLoader<T, Batch> implements DataLoader<Batch> {
  readonly #samples: readonly T[];
  readonly #options: ResolvedArrayLoaderOptions<T, Batch>;
  #seed = 0;
  #current: ArrayPass<T, Batch> | null = null;
  #resumeAt: Position | null = null;

  constructor(samples: readonly T[], options: ResolvedArrayLoaderOptions<T, Batch>) {
    this.#samples = samples;
    this.#options = options;
  }

  get length(): number {
    const batches = this.#samples.length / this.#options.batchSize;
    return this.#options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  seed(seed: number): void {
    this.#seed = seed;
  }

  batches(pass: number): Iterable<Batch> {
    const at = this.#resumeAt;
    this.#resumeAt = null;
    const resumes = at !== null && at.pass === pass && at.taken > 0;
    if (resumes && at.samples !== this.#samples.length) {
      throw new TrainscopeError(
        "ERR_STATE",
        `Pass ${pass} was saved over ${at.samples} samples, and there are ${this.#samples.length} now.\n` +
          "Resume over the same samples, or start a new run.",
      );
    }
    this.#current = new ArrayPass(
      this.#samples,
      this.#options,
      this.length,
      pass,
      resumes ? at.seed : this.#seed,
      resumes ? at.taken : 0,
    );
    return this.#current;
  }

  state(): StateValue {
    const at = this.#resumeAt ?? this.#current;
    if (at === null) return null;
    return { pass: at.pass, taken: at.taken, seed: at.seed, samples: this.#resumeAt?.samples ?? this.#samples.length };
  }

  loadState(state: StateValue): void {
    this.#current = null;
    this.#resumeAt = state === null ? null : positionOf(state);
  }
}

class ArrayPass<T, Batch> implements IterableIterator<Batch, undefined> {
  readonly pass: number;
  readonly seed: number;
  taken: number;
  readonly #samples: readonly T[];
  readonly #options: ResolvedArrayLoaderOptions<T, Batch>;
  readonly #length: number;
  readonly #order: Uint32Array | null;

  constructor(
    samples: readonly T[],
    options: ResolvedArrayLoaderOptions<T, Batch>,
    length: number,
    pass: number,
    seed: number,
    taken: number,
  ) {
    this.#samples = samples;
    this.#options = options;
    this.#length = length;
    this.pass = pass;
    this.seed = seed;
    this.taken = taken;
    this.#order = options.shuffle ? passOrder(samples.length, seed, pass) : null;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Batch, undefined> {
    if (this.taken >= this.#length) return { done: true, value: undefined };
    const { batchSize, collate } = this.#options;
    const start = this.taken * batchSize;
    const end = Math.min(start + batchSize, this.#samples.length);
    const order = this.#order;
    const chosen: T[] = [];
    for (let i = start; i < end; i++) chosen.push(this.#samples[order === null ? i : (order[i] as number)] as T);
    const value = collate === undefined ? (chosen as unknown as Batch) : collate(chosen);
    this.taken++;
    return { done: false, value };
  }
}

function positionOf(state: StateValue): Position {
  const saved = state as unknown as Position;
  const whole = [saved.pass, saved.taken, saved.seed, saved.samples].every((part) => Number.isSafeInteger(part));
  if (!whole) throw new TrainscopeError("ERR_STATE", "The saved position is not one of an arrayLoader.");
  return saved;
}
