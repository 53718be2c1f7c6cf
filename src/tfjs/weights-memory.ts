import type { StateTree, Tensor } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { ITERATIONS, iterationsOf, type OptimizerFields, type OptimizerMemory } from "./optimizer-memory.js";
import { isTensor, type TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";
import { type NamedVariable, readTree, tensorOf, tfjsDtypeOf, treeEntry } from "./weights.js";

interface NamedWeight {
  name: string;
  tensor: TfjsTensor;
}

/** The part of a `tf.Optimizer` of the user's own that saves it. */
interface OwnWeights extends OptimizerFields {
  getWeights(): Promise<NamedWeight[]>;
  setWeights(weights: NamedWeight[]): Promise<void>;
}

const PREFIX = "weights/";

/**
 * The state of an optimizer of the user's own, by its `getWeights` and `setWeights`: `weights/<position>/<name>`, and `iterations`.
 * - Names: where the name of a weight begins with that of a variable, it is saved under the parameter's name, and comes back under the
 *   variable's: TensorFlow.js numbers variables anew in every process.
 * - Memory: tensors that `getWeights` made are freed, those that the optimizer had before stay; what `setWeights` is given is freed after it.
 */
export class WeightsMemory implements OptimizerMemory {
  readonly #ops: TfjsOps;
  readonly #name: string;
  readonly #optimizer: OwnWeights;
  readonly #parameters: readonly NamedVariable[];

  constructor(ops: TfjsOps, name: string, fields: OptimizerFields, parameters: readonly NamedVariable[]) {
    this.#ops = ops;
    this.#name = name;
    this.#optimizer = fields as OwnWeights;
    this.#parameters = parameters;
  }

  async state(): Promise<StateTree> {
    const probe = this.#ops.tensor(Float32Array.of(0), [], "float32");
    probe.dispose();
    const weights = await this.#optimizer.getWeights();
    this.#check(weights);
    const named = weights.map(({ name, tensor }, index) => ({ name: `${PREFIX}${index}/${this.#saved(name)}`, tensor }));
    const tree = await readTree(this.#ops, named);
    for (const { tensor } of weights) if (tensor.id > probe.id && !("assign" in tensor)) tensor.dispose();
    return { ...tree, ...iterationsOf(this.#optimizer) };
  }

  async load(state: StateTree): Promise<void> {
    const iterations = treeEntry(state, ITERATIONS, `${this.#name} state`).data[0];
    const saved = Object.entries(state).flatMap(([key, tensor]) => {
      if (key === ITERATIONS) return [];
      const [, index, name] = /^weights\/(\d+)\/(.*)$/s.exec(key) ?? [];
      if (index === undefined || name === undefined) throw this.#unknown(key);
      return [{ index: Number(index), name: this.#restored(name), tensor }];
    });
    const weights = saved
      .toSorted((a, b) => a.index - b.index)
      .map(({ name, tensor }) => ({ name, tensor: this.#tensor(tensor) }));
    try {
      await this.#optimizer.setWeights(weights);
    } finally {
      this.#ops.dispose(weights.map(({ tensor }) => tensor));
    }
    this.#optimizer.iterations_ = Number(iterations);
  }

  /** What it holds of which variable is its own matter. */
  align(): void {}

  #tensor(saved: Tensor): TfjsTensor {
    return tensorOf(this.#ops, saved, tfjsDtypeOf(saved));
  }

  #check(weights: unknown): void {
    const isWeight = (one: unknown): boolean =>
      isTensor((one as Partial<NamedWeight> | null)?.tensor) && typeof (one as NamedWeight).name === "string";
    if (Array.isArray(weights) && weights.every(isWeight)) return;
    throw new TrainscopeError(
      "ERR_STATE",
      `getWeights() of the optimizer ${this.#name} must resolve with an array of { name, tensor }.`,
    );
  }

  #unknown(key: string): TrainscopeError {
    return new TrainscopeError(
      "ERR_STATE",
      `The saved ${this.#name} state has "${key}", which is no weight of it: it was saved by another optimizer.`,
    );
  }

  #saved(name: string): string {
    const owner = this.#parameters.find(({ variable }) => name === variable.name || name.startsWith(`${variable.name}/`));
    return owner === undefined ? name : `${owner.name}${name.slice(owner.variable.name.length)}`;
  }

  #restored(name: string): string {
    const owner = this.#parameters.find((parameter) => name === parameter.name || name.startsWith(`${parameter.name}/`));
    return owner === undefined ? name : `${owner.variable.name}${name.slice(owner.name.length)}`;
  }
}
