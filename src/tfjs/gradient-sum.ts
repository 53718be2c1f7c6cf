import type { StateTree, Tensor } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { ownValue } from "../support/own.js";
import type { GradientEntry } from "./gradient-entry.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";
import { checkFits, type NamedVariable, tensorOf } from "./weights.js";

/** `[batches, samples]` that were collected. */
const COUNTS = "collected";
const SUFFIX = "/collected_gradient";

/**
 * The gradients of several batches, collected until they make one update.
 * - Weight: a batch counts by its samples, so that the update is that of one batch of all of them. A batch without a gradient for a
 *   variable counts as zero.
 * - State: what is collected is saved and restored bit by bit. Where `every` has changed by then, the update comes with the next batch that
 *   makes at least the new number.
 * - Memory: while batches are collected, one tensor for each variable that has a gradient.
 */
export class GradientSum {
  readonly #ops: TfjsOps;
  readonly #parameters: readonly NamedVariable[];
  readonly #every: number;
  #sums: (TfjsTensor | null)[];
  #batches = 0;
  #samples = 0;

  /** `every`: how many batches make an update. */
  constructor(ops: TfjsOps, parameters: readonly NamedVariable[], every: number) {
    this.#ops = ops;
    this.#parameters = parameters;
    this.#every = every;
    this.#sums = parameters.map(() => null);
  }

  /** True where gradients are to be collected before an update. */
  get isUsed(): boolean {
    return this.#every > 1 || this.#batches > 0;
  }

  get isEmpty(): boolean {
    return this.#batches === 0;
  }

  /** Collects the gradients of a batch, inside `tf.tidy`. Returns true where they now make an update. */
  add(entries: readonly GradientEntry[], samples: number): boolean {
    for (const [index, { tensor }] of entries.entries()) {
      if (tensor === null) continue;
      const before = this.#sums[index] ?? null;
      const weighted = this.#ops.mul(tensor, samples);
      this.#sums[index] = this.#ops.keep(before === null ? weighted : this.#ops.add(before, weighted));
      before?.dispose();
    }
    this.#batches++;
    this.#samples += samples;
    return this.#batches >= this.#every;
  }

  /** Makes `entries` the means of what was collected, inside `tf.tidy`, and begins anew. */
  take(entries: readonly GradientEntry[]): void {
    for (const [index, entry] of entries.entries()) {
      const sum = this.#sums[index] ?? null;
      entry.tensor = sum === null ? null : this.#ops.div(sum, this.#samples);
    }
    this.clear();
  }

  /** Forgets what was collected. */
  clear(): void {
    for (const sum of this.#sums) sum?.dispose();
    this.#sums.fill(null);
    this.#batches = 0;
    this.#samples = 0;
  }

  /** What is collected, as tensors by name: `dense/kernel/collected_gradient`. */
  tensors(): { name: string; tensor: TfjsTensor }[] {
    return this.#parameters.flatMap(({ name }, index) => {
      const tensor = this.#sums[index] ?? null;
      return tensor === null ? [] : [{ name: name + SUFFIX, tensor }];
    });
  }

  /** How much is collected; empty where nothing is. */
  counts(): StateTree {
    if (this.#batches === 0) return {};
    return { [COUNTS]: { shape: [2], dtype: "F64", data: Float64Array.of(this.#batches, this.#samples) } };
  }

  /** The part of a saved state that is not a sum's. Throws `ERR_STATE` where the part that is does not fit. */
  check(state: StateTree): StateTree {
    const rest: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
    for (const [name, saved] of Object.entries(state)) {
      const parameter = this.#parameters.find((candidate) => name === candidate.name + SUFFIX);
      if (parameter !== undefined) checkFits(name, parameter.variable, saved);
      else if (name !== COUNTS) rest[name] = saved;
    }
    const counts = ownValue(state, COUNTS);
    const isWhole = counts === undefined || (counts.data instanceof Float64Array && counts.data.every((count) => count > 0));
    if (isWhole) return rest;
    throw new TrainscopeError(
      "ERR_STATE",
      `"${COUNTS}" counts the batches and samples of collected gradients; found ${counts.dtype} [${String(counts.data)}].`,
    );
  }

  /** Continues with what was saved, which `check` has accepted. */
  load(state: StateTree): void {
    this.clear();
    const counts = ownValue(state, COUNTS)?.data;
    if (counts === undefined) return;
    [this.#batches, this.#samples] = [Number(counts[0]), Number(counts[1])];
    this.#sums = this.#parameters.map(({ name, variable }) => {
      const saved = ownValue(state, name + SUFFIX);
      return saved === undefined ? null : tensorOf(this.#ops, saved, variable.dtype);
    });
  }
}
