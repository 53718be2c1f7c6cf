import { TrainscopeError } from "../support/errors.js";
import { ownValue } from "../support/own.js";
import type { OptimizerMemory } from "./optimizer-memory.js";
import { OPTIMIZER_SLOTS } from "./optimizer-slots.js";
import type { TfjsOps } from "./ops.js";
import { SlotMemory, type SlotOwner } from "./slot-memory.js";
import { WeightsMemory } from "./weights-memory.js";

/**
 * How an optimizer is saved: by the fields of the class of TensorFlow.js that its `getWeights` comes from, so that a class of the user's
 * that extends `Adam` is saved as Adam is; by `getWeights` and `setWeights` where these are the user's own. Throws `ERR_MODEL` where there
 * are neither.
 */
export function memoryOf(ops: TfjsOps, className: string, owner: Omit<SlotOwner, "slots">): OptimizerMemory {
  const { fields, parameters } = owner;
  const saver = ownerOf(fields, "getWeights");
  const known = saver === null ? undefined : ownValue(OPTIMIZER_SLOTS, ownClassName(saver) ?? "");
  if (known !== undefined) return new SlotMemory(ops, className, { ...owner, slots: known });
  const restorer = ownerOf(fields, "setWeights");
  if (saver !== null && restorer !== null && !isBase(saver) && !isBase(restorer))
    return new WeightsMemory(ops, className, fields, parameters);
  throw new TrainscopeError(
    "ERR_MODEL",
    `The optimizer ${className} has no getWeights() and setWeights(weights) of its own, so its state could not be saved.\n` +
      "Add both to its class: getWeights resolves with an array of { name, tensor } (empty where it keeps nothing), setWeights takes it back.\n" +
      `Or extend one of those whose state is known: ${Object.keys(OPTIMIZER_SLOTS).join(", ")}.`,
    { path: "tfjsModel.optimizer" },
  );
}

/** The object in the prototype chain that has `method` itself. */
function ownerOf(optimizer: object, method: string): object | null {
  let at: object | null = optimizer;
  while (at !== null && !Object.hasOwn(at, method)) at = Object.getPrototypeOf(at) as object | null;
  return at;
}

/** The class name that TensorFlow.js gives the class of a prototype; not that of a class it extends. */
function ownClassName({ constructor }: object): string | undefined {
  return Object.hasOwn(constructor, "className") ? (constructor as { className?: string }).className : undefined;
}

/** True for `tf.Optimizer` itself, whose methods only throw. */
function isBase(prototype: object): boolean {
  return Object.hasOwn(prototype, "computeGradients");
}
