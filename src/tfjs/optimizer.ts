import type { MaybePromise, Optimizer, StateTree } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { ownValue } from "../support/own.js";
import { isPromise } from "../support/promises.js";
import type { GradientSum } from "./gradient-sum.js";
import { memoryOf } from "./memory-of.js";
import type { OptimizerFields, OptimizerMemory } from "./optimizer-memory.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsOptimizer } from "./types.js";
import { type NamedVariable, readTree } from "./weights.js";

/** An optimizer and what it works on. */
export interface AdaptedOptimizer {
  readonly optimizer: TfjsOptimizer;
  /** What it updates. */
  readonly parameters: readonly NamedVariable[];
  /** All variables of the model, those that it does not update included. */
  readonly variables: readonly NamedVariable[];
  /** What is collected for its next update. */
  readonly sum: GradientSum;
  /** What it is called; undefined: its class name in lower case. */
  readonly name: string | undefined;
}

/**
 * A `tf.Optimizer` as the trainer sees it.
 * - Learning rate: that of the optimizer; NaN where it has none, and setting it throws then.
 * - State: what it has learned, and the gradients that are collected for its next update, survive bit by bit.
 */
export class TfjsOptimizerAdapter implements Optimizer {
  /** The class name of the optimizer in lower case: `adam`, `momentum`; of several models' optimizers, the name of the part. */
  readonly name: string;
  readonly #ops: TfjsOps;
  readonly #fields: OptimizerFields;
  readonly #memory: OptimizerMemory;
  readonly #sum: GradientSum;

  constructor(ops: TfjsOps, { optimizer, parameters, variables, sum, name }: AdaptedOptimizer) {
    const fields = optimizer as unknown as OptimizerFields;
    this.name = name ?? classNameOf(optimizer).toLowerCase();
    this.#ops = ops;
    this.#fields = fields;
    this.#sum = sum;
    this.#memory = memoryOf(ops, classNameOf(optimizer), { fields, parameters, variables });
    this.#memory.align();
  }

  /** The step size of the next update; setting it sets that of the `tf.Optimizer`. Throws `ERR_MODEL` where it has none. */
  get learningRate(): number {
    return this.#fields.learningRate ?? Number.NaN;
  }

  set learningRate(value: number) {
    if (Object.is(value, this.learningRate)) return;
    // SGD and momentum keep a tensor of it beside the number.
    if (this.#fields.setLearningRate !== undefined) this.#fields.setLearningRate(value);
    else if (this.#fields.learningRate !== undefined) this.#fields.learningRate = value;
    else
      throw new TrainscopeError(
        "ERR_MODEL",
        `The optimizer ${this.name} has no learning rate that could be set to ${value}.\nGive its class a property learningRate that applyGradients reads, or turn off the schedule or hook that sets it.`,
        { path: "optimizers" },
      );
  }

  /** Everything that its next update depends on. */
  state(): MaybePromise<StateTree> {
    const learned = this.#memory.state();
    if (this.#sum.isEmpty) return learned;
    const collected = readTree(this.#ops, this.#sum.tensors());
    const counts = this.#sum.counts();
    if (!isPromise(learned) && !isPromise(collected)) return { ...learned, ...collected, ...counts };
    return Promise.all([learned, collected]).then(([a, b]) => ({ ...a, ...b, ...counts }));
  }

  /** Restores what `state` returned. Throws `ERR_STATE` where a name, shape or type does not fit; nothing is changed then. */
  loadState(state: StateTree): MaybePromise<void> {
    const learned = this.#sum.check(state);
    const loading = this.#memory.load(learned);
    if (isPromise(loading)) return loading.then(() => this.#sum.load(state));
    this.#sum.load(state);
  }

  /** Makes its moments those of the variables that are trained now, where others were trained before. */
  align(): void {
    this.#memory.align();
  }
}

function classNameOf(optimizer: TfjsOptimizer): string {
  const given = optimizer.getClassName() as string | undefined;
  return given ?? (ownValue(optimizer.constructor as unknown as Record<string, string>, "name") || "optimizer");
}
