import type { MaybePromise, Optimizer, StateTree, Tensor } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { ownValue } from "../support/own.js";
import { OPTIMIZER_SLOTS, type OptimizerSlots } from "./optimizer-slots.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsOptimizer, TfjsVariable } from "./types.js";
import { checkFits, type NamedVariable, readTree, tensorOf, treeEntry } from "./weights.js";

/** One entry of a per-variable field of TensorFlow.js. */
interface Slot {
  originalName: string;
  variable: TfjsVariable;
}

/** The fields of a `tf.Optimizer` that TensorFlow.js keeps protected. */
interface OptimizerFields {
  learningRate?: number;
  /** Absent before the first step. */
  iterations_?: number;
  setLearningRate?(learningRate: number): void;
  [field: string]: unknown;
}

const ITERATIONS = "iterations";

/** A `tf.Optimizer` as the trainer sees it: a learning rate that can be set, and a state that survives bit by bit. */
export class TfjsOptimizerAdapter implements Optimizer {
  /** The class name of the optimizer in lower case: `adam`, `momentum`. */
  readonly name: string;
  readonly #ops: TfjsOps;
  readonly #fields: OptimizerFields;
  readonly #slots: OptimizerSlots;
  readonly #parameters: readonly NamedVariable[];

  constructor(ops: TfjsOps, optimizer: TfjsOptimizer, parameters: readonly NamedVariable[]) {
    const className = optimizer.getClassName();
    const slots = ownValue(OPTIMIZER_SLOTS, className);
    if (slots === undefined) {
      throw new TrainscopeError(
        "ERR_MODEL",
        `The state of the optimizer ${className} is not known, so it cannot be saved. ${suggest(className, Object.keys(OPTIMIZER_SLOTS))}`,
        { path: "tfjsModel.optimizer" },
      );
    }
    this.name = className.toLowerCase();
    this.#ops = ops;
    this.#fields = optimizer as unknown as OptimizerFields;
    this.#slots = slots;
    this.#parameters = parameters;
  }

  /** The step size of the next update; setting it sets that of the `tf.Optimizer`. */
  get learningRate(): number {
    return this.#fields.learningRate ?? Number.NaN;
  }

  set learningRate(value: number) {
    if (value === this.#fields.learningRate) return;
    // SGD and momentum keep a tensor of it beside the number.
    if (this.#fields.setLearningRate === undefined) this.#fields.learningRate = value;
    else this.#fields.setLearningRate(value);
  }

  /** Moments by parameter (`dense/kernel/m`), single variables (`accBeta1`), and `iterations`. */
  state(): MaybePromise<StateTree> {
    const named: { name: string; tensor: TfjsVariable }[] = this.#singles();
    for (const { field, suffix } of this.#slots.perVariable) {
      for (const slot of this.#slotsOf(field))
        named.push({ name: `${this.#parameterOf(slot)}/${suffix}`, tensor: slot.variable });
    }
    const iterations: Tensor = { shape: [], dtype: "I64", data: BigInt64Array.of(BigInt(this.#fields.iterations_ ?? 0)) };
    const tree = readTree(this.#ops, named);
    return tree instanceof Promise
      ? tree.then((read) => ({ ...read, [ITERATIONS]: iterations }))
      : { ...tree, [ITERATIONS]: iterations };
  }

  /** Restores what `state` returned. Throws `ERR_STATE` where a name, shape or type does not fit; nothing is changed then. */
  loadState(state: StateTree): void {
    const known = new Set([ITERATIONS, ...this.#slots.single, ...this.#slotNames()]);
    const unknown = Object.keys(state).find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new TrainscopeError(
        "ERR_STATE",
        `The saved ${this.name} state has "${unknown}", which this one lacks. ${suggest(unknown, known)}`,
      );
    const iterations = treeEntry(state, ITERATIONS, `${this.name} state`).data[0];
    for (const { name, tensor } of this.#singles()) checkFits(name, tensor, treeEntry(state, name, `${this.name} state`));
    const loaded = this.#slots.perVariable.map(({ suffix }) => this.#savedSlots(state, suffix));

    for (const { name, tensor } of this.#singles()) this.#assign(tensor, treeEntry(state, name, this.name));
    for (const [index, { field, suffix }] of this.#slots.perVariable.entries()) this.#replace(field, suffix, loaded[index] ?? []);
    this.#fields.iterations_ = Number(iterations);
  }

  #singles(): { name: string; tensor: TfjsVariable }[] {
    return this.#slots.single.map((field) => ({ name: field, tensor: this.#fields[field] as TfjsVariable }));
  }

  #slotsOf(field: string): Slot[] {
    return this.#fields[field] as Slot[];
  }

  *#slotNames(): Iterable<string> {
    for (const { suffix } of this.#slots.perVariable) for (const { name } of this.#parameters) yield `${name}/${suffix}`;
  }

  #parameterOf(slot: Slot): string {
    const owner = this.#parameters.find(
      ({ variable }) =>
        slot.originalName.startsWith(`${variable.name}/`) && !slot.originalName.slice(variable.name.length + 1).includes("/"),
    );
    if (owner !== undefined) return owner.name;
    throw new TrainscopeError(
      "ERR_STATE",
      `The optimizer ${this.name} holds state of "${slot.originalName}", which is no parameter of this model: use one optimizer for one model.`,
    );
  }

  /** All of one kind of slot, or none: an optimizer has none before its first step. */
  #savedSlots(state: StateTree, suffix: string): Tensor[] {
    if (this.#parameters.every(({ name }) => state[`${name}/${suffix}`] === undefined)) return [];
    return this.#parameters.map(({ name, variable }) => {
      const saved = treeEntry(state, `${name}/${suffix}`, `${this.name} state`);
      checkFits(`${name}/${suffix}`, variable, saved);
      return saved;
    });
  }

  #replace(field: string, suffix: string, saved: readonly Tensor[]): void {
    for (const slot of this.#slotsOf(field)) slot.variable.dispose();
    this.#fields[field] = this.#parameters.slice(0, saved.length).map(({ variable }, index): Slot => {
      const value = tensorOf(this.#ops, saved[index] as Tensor, variable.dtype);
      const slot = { originalName: `${variable.name}/${suffix}`, variable: this.#ops.variable(value, false) };
      value.dispose();
      return slot;
    });
  }

  #assign(variable: TfjsVariable, saved: Tensor): void {
    const value = tensorOf(this.#ops, saved, variable.dtype);
    variable.assign(value);
    value.dispose();
  }
}
