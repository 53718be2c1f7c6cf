import { parseConfig } from "../config/index.js";
import type { DataLoader, StateValue } from "../contract/index.js";
import { type PassPosition, ResumablePosition } from "../support/pass-position.js";
import { passOrder } from "../support/random.js";
import { tfjsDataAdvice } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { loaderDataError } from "./errors.js";
import { ArrayLoaderOptions } from "./options.js";
import type { ResolvedArrayLoaderOptions } from "./options.js";

const PLACE = "arrayLoader";

/**
 * A loader of batches of `batchSize` samples from an array, in order or shuffled, whose position is saved and resumed to the sample,
 * also with another `batchSize`. The array is neither copied nor changed. A shuffled pass is the order that
 * `passOrder(samples.length, seed, pass)` gives. A pass that is resumed over another number of samples, or with `shuffle` switched,
 * throws `ERR_STATE`.
 *
 * Throws `ERR_CONFIG` for options that are unknown or out of range, `ERR_LOADER_DATA` where there would be no batch: no array, an
 * empty one, or `dropLast` with fewer samples than one batch has.
 */
export function arrayLoader<T, Batch = T[]>(samples: readonly T[], options: ArrayLoaderOptions<T, Batch>): DataLoader<Batch> {
  const resolved = parseConfig(ArrayLoaderOptions, options as ArrayLoaderOptions<unknown, unknown>, PLACE);
  const { batchSize, dropLast } = resolved;
  if (!Array.isArray(samples)) {
    const advice = tfjsDataAdvice(samples);
    const hint = advice === null ? "" : `\n${advice}`;
    throw loaderDataError(`arrayLoader takes an array of samples; it was given ${valueText(samples)}.${hint}`, PLACE);
  }
  if (samples.length === 0) throw loaderDataError("The array of samples is empty.", PLACE);
  if (dropLast && samples.length < batchSize) {
    const few = `${samples.length} samples do not fill one batch of ${batchSize}, and dropLast leaves out the rest.`;
    throw loaderDataError(`${few}\nGive more samples, a smaller batchSize, or dropLast: false.`, PLACE);
  }
  return new ArrayLoader(samples, resolved as ResolvedArrayLoaderOptions<T, Batch>);
}

class ArrayLoader<T, Batch> implements DataLoader<Batch> {
  readonly #samples: readonly T[];
  readonly #options: ResolvedArrayLoaderOptions<T, Batch>;
  readonly #position = new ResumablePosition(PLACE);

  constructor(samples: readonly T[], options: ResolvedArrayLoaderOptions<T, Batch>) {
    this.#samples = samples;
    this.#options = options;
  }

  get length(): number {
    const batches = this.#samples.length / this.#options.batchSize;
    return this.#options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  get samples(): number {
    const { dropLast, batchSize } = this.#options;
    return dropLast ? this.length * batchSize : this.#samples.length;
  }

  get batchSize(): number {
    return this.#options.batchSize;
  }

  seed(seed: number): void {
    this.#position.seed = seed;
  }

  batches(pass: number): Iterable<Batch> {
    const position = this.#position.begin(pass, { samples: this.#samples.length, shuffle: this.#options.shuffle });
    return new ArrayPass(this.#samples, this.#options, position);
  }

  state(): StateValue {
    return this.#position.state();
  }

  loadState(state: StateValue): void {
    this.#position.loadState(state);
  }
}

class ArrayPass<T, Batch> implements IterableIterator<Batch, undefined> {
  readonly #samples: readonly T[];
  readonly #options: ResolvedArrayLoaderOptions<T, Batch>;
  readonly #position: PassPosition;
  readonly #order: Uint32Array | null;

  constructor(samples: readonly T[], options: ResolvedArrayLoaderOptions<T, Batch>, position: PassPosition) {
    this.#samples = samples;
    this.#options = options;
    this.#position = position;
    this.#order = options.shuffle ? passOrder(samples.length, position.seed, position.pass) : null;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Batch, undefined> {
    const position = this.#position;
    const { batchSize, dropLast, collate } = this.#options;
    const start = position.given;
    const end = Math.min(start + batchSize, this.#samples.length);
    if (start >= end || (dropLast && end - start < batchSize)) return { done: true, value: undefined };
    const order = this.#order;
    const chosen: T[] = [];
    for (let i = start; i < end; i++) chosen.push(this.#samples[order === null ? i : (order[i] as number)] as T);
    const value = collate === undefined ? (chosen as unknown as Batch) : collate(chosen);
    position.given = end;
    return { done: false, value };
  }
}
