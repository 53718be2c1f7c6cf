import type { MaybePromise, StateTree, Tensor } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { isPromise } from "../support/promises.js";
import { ITERATIONS, iterationsOf, type OptimizerFields, type OptimizerMemory } from "./optimizer-memory.js";
import type { OptimizerSlots } from "./optimizer-slots.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsVariable } from "./types.js";
import { checkFits, type NamedVariable, readTree, tensorOf, treeEntry } from "./weights.js";

/** One entry of a per-variable field of TensorFlow.js. */
interface Slot {
  originalName: string;
  variable: TfjsVariable;
}

/** What a slot memory works on. */
export interface SlotOwner {
  readonly fields: OptimizerFields;
  readonly slots: OptimizerSlots;
  /** What the optimizer updates. */
  readonly parameters: readonly NamedVariable[];
  /** All variables of the model, those that it does not update included. */
  readonly variables: readonly NamedVariable[];
}

/** The state of an optimizer whose fields are known: moments by parameter (`dense/kernel/m`), single variables, and `iterations`. */
export class SlotMemory implements OptimizerMemory {
  readonly #ops: TfjsOps;
  readonly #name: string;
  readonly #owner: SlotOwner;

  constructor(ops: TfjsOps, name: string, owner: SlotOwner) {
    this.#ops = ops;
    this.#name = name;
    this.#owner = owner;
  }

  state(): MaybePromise<StateTree> {
    const { fields, slots } = this.#owner;
    const named: { name: string; tensor: TfjsVariable }[] = this.#singles();
    for (const { field, suffix } of slots.perVariable) {
      for (const slot of this.#slotsOf(field))
        named.push({ name: `${this.#parameterOf(slot)}/${suffix}`, tensor: slot.variable });
    }
    const tree = readTree(this.#ops, named);
    const iterations = iterationsOf(fields);
    return isPromise(tree) ? tree.then((read) => ({ ...read, ...iterations })) : { ...tree, ...iterations };
  }

  load(state: StateTree): void {
    const { fields, slots } = this.#owner;
    const what = `${this.#name} state`;
    const known = new Set([ITERATIONS, ...slots.single, ...this.#slotNames()]);
    const unknown = Object.keys(state).find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new TrainscopeError(
        "ERR_STATE",
        `The saved ${what} has "${unknown}", which this one lacks. ${suggest(unknown, known)}`,
      );
    const iterations = treeEntry(state, ITERATIONS, what).data[0];
    for (const { name, tensor } of this.#singles()) checkFits(name, tensor, treeEntry(state, name, what));
    const loaded = slots.perVariable.map(({ suffix }) => this.#savedSlots(state, suffix));

    for (const { name, tensor } of this.#singles()) this.#assign(tensor, treeEntry(state, name, what));
    for (const [index, { field, suffix }] of slots.perVariable.entries()) this.#replace(field, suffix, loaded[index] ?? []);
    fields.iterations_ = Number(iterations);
  }

  /**
   * TensorFlow.js finds a moment by the position of its variable. Where other variables are trained than before, each variable keeps its
   * moments, new ones begin as in a first step, and those of frozen ones are dropped. An optimizer of another model is left as it is.
   */
  align(): void {
    const { parameters, variables, slots } = this.#owner;
    for (const { field, suffix } of slots.perVariable) {
      const before = this.#slotsOf(field);
      const owners = before.map((slot) => ownerOf(slot, variables));
      const fits =
        before.length === 0 || (before.length === parameters.length && owners.every((owner, i) => owner === parameters[i]));
      if (fits || owners.includes(undefined)) continue;
      this.#owner.fields[field] = parameters.map((parameter) => {
        const index = owners.indexOf(parameter);
        return before[index] ?? this.#newSlot(parameter.variable, suffix);
      });
      for (const [index, slot] of before.entries())
        if (!parameters.includes(owners[index] as NamedVariable)) slot.variable.dispose();
    }
  }

  #newSlot(variable: TfjsVariable, suffix: string, saved?: Tensor): Slot {
    const first = this.#owner.fields.initialAccumulatorValue ?? 0;
    const initial = new Float32Array(variable.size).fill(first);
    const value =
      saved === undefined ? this.#ops.tensor(initial, variable.shape, "float32") : tensorOf(this.#ops, saved, variable.dtype);
    const slot = { originalName: `${variable.name}/${suffix}`, variable: this.#ops.variable(value, false) };
    value.dispose();
    return slot;
  }

  #singles(): { name: string; tensor: TfjsVariable }[] {
    return this.#owner.slots.single.map((field) => ({ name: field, tensor: this.#owner.fields[field] as TfjsVariable }));
  }

  #slotsOf(field: string): Slot[] {
    return this.#owner.fields[field] as Slot[];
  }

  *#slotNames(): Iterable<string> {
    for (const { suffix } of this.#owner.slots.perVariable)
      for (const { name } of this.#owner.parameters) yield `${name}/${suffix}`;
  }

  #parameterOf(slot: Slot): string {
    const owner = ownerOf(slot, this.#owner.parameters);
    if (owner !== undefined) return owner.name;
    throw new TrainscopeError(
      "ERR_STATE",
      `The optimizer ${this.#name} holds state of "${slot.originalName}", which is no parameter of this model: use one optimizer for one model.`,
    );
  }

  /** All of one kind of slot, or none: an optimizer has none before its first step. */
  #savedSlots(state: StateTree, suffix: string): Tensor[] {
    const { parameters } = this.#owner;
    if (parameters.every(({ name }) => state[`${name}/${suffix}`] === undefined)) return [];
    return parameters.map(({ name, variable }) => {
      const saved = treeEntry(state, `${name}/${suffix}`, `${this.#name} state`);
      checkFits(`${name}/${suffix}`, variable, saved);
      return saved;
    });
  }

  #replace(field: string, suffix: string, saved: readonly Tensor[]): void {
    for (const slot of this.#slotsOf(field)) slot.variable.dispose();
    const owners = this.#owner.parameters.slice(0, saved.length);
    this.#owner.fields[field] = owners.map(({ variable }, index) => this.#newSlot(variable, suffix, saved[index]));
  }

  #assign(variable: TfjsVariable, saved: Tensor): void {
    const value = tensorOf(this.#ops, saved, variable.dtype);
    variable.assign(value);
    value.dispose();
  }
}

function ownerOf({ originalName }: Slot, variables: readonly NamedVariable[]): NamedVariable | undefined {
  return variables.find(
    ({ variable: { name } }) => originalName.startsWith(`${name}/`) && !originalName.slice(name.length + 1).includes("/"),
  );
}
