import type { DType, MaybePromise, NamedTensor, StateTree, Tensor, TypedArray } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { ownValue } from "../support/own.js";
import { isSynchronous, type TfjsOps } from "./ops.js";
import type { TfjsTensor, TfjsValues, TfjsVariable } from "./types.js";

/** A variable and the name it is saved under. */
export interface NamedVariable {
  /** Unique in the model: `dense_Dense1/kernel`. */
  readonly name: string;
  /** The user's own variable. */
  readonly variable: TfjsVariable;
}

const DTYPES: Readonly<Record<string, DType>> = { float32: "F32", int32: "I32", bool: "BOOL" };

/** The element type under which a tensor is saved. Throws `ERR_STATE` for one that cannot be saved. */
function dtypeOf(tensor: TfjsTensor): DType {
  const dtype = DTYPES[tensor.dtype];
  if (dtype === undefined) {
    throw new TrainscopeError(
      "ERR_STATE",
      `A tensor of type ${tensor.dtype} cannot be saved. ${suggest(tensor.dtype, Object.keys(DTYPES))}`,
    );
  }
  return dtype;
}

/** The type of TensorFlow.js under which a saved tensor comes back. Throws `ERR_STATE` for one that TensorFlow.js lacks. */
export function tfjsDtypeOf({ dtype }: Tensor): string {
  const found = Object.entries(DTYPES).find(([, saved]) => saved === dtype);
  if (found !== undefined) return found[0];
  throw new TrainscopeError("ERR_STATE", `TensorFlow.js has no tensors of the type ${dtype}.`);
}

/** A copy of a tensor's values: some backends return the array that they continue to write to. */
function valuesOf(ops: TfjsOps, tensor: TfjsTensor): MaybePromise<TfjsValues> {
  return isSynchronous(ops.getBackend()) ? tensor.dataSync().slice() : tensor.data().then((values) => values.slice());
}

function asTensor(tensor: TfjsTensor, data: TfjsValues): Tensor {
  return { shape: [...tensor.shape], dtype: dtypeOf(tensor), data };
}

/** Every tensor's values by name; a promise only where the device answers with one. */
export function readTree(ops: TfjsOps, named: readonly { name: string; tensor: TfjsTensor }[]): MaybePromise<StateTree> {
  if (isSynchronous(ops.getBackend())) {
    return Object.fromEntries(named.map(({ name, tensor }) => [name, asTensor(tensor, tensor.dataSync().slice())]));
  }
  return Promise.all(
    named.map(async ({ name, tensor }) => [name, asTensor(tensor, (await tensor.data()).slice())] as const),
  ).then((entries) => Object.fromEntries(entries));
}

/** Writes a whole tree into variables. Throws `ERR_STATE` where a name, shape or type does not fit; nothing is changed then. */
export function writeTree(ops: TfjsOps, named: readonly NamedVariable[], tree: StateTree, what: string): void {
  const names = named.map(({ name }) => name);
  for (const name of Object.keys(tree)) {
    if (!names.includes(name))
      throw new TrainscopeError("ERR_STATE", `The saved ${what} has "${name}", which this one lacks. ${suggest(name, names)}`);
  }
  for (const { name, variable } of named) checkFits(name, variable, treeEntry(tree, name, what));
  for (const { name, variable } of named) {
    const value = tensorOf(ops, treeEntry(tree, name, what), variable.dtype);
    variable.assign(value);
    value.dispose();
  }
}

/** The tensor saved under `name`. Throws `ERR_STATE` where there is none. */
export function treeEntry(tree: StateTree, name: string, what: string): Tensor {
  const entry = ownValue(tree, name);
  if (entry === undefined)
    throw new TrainscopeError("ERR_STATE", `The saved ${what} lacks "${name}". ${suggest(name, Object.keys(tree))}`);
  return entry;
}

/** Throws `ERR_STATE` where a saved tensor has another shape or type than the variable it is for. */
export function checkFits(name: string, variable: TfjsTensor, saved: Tensor): void {
  const dtype = dtypeOf(variable);
  const same =
    saved.dtype === dtype &&
    saved.shape.length === variable.shape.length &&
    saved.shape.every((size, i) => size === variable.shape[i]);
  if (same) return;
  throw new TrainscopeError(
    "ERR_STATE",
    `"${name}" was saved as ${saved.dtype} [${saved.shape.join(", ")}], here it is ${dtype} [${variable.shape.join(", ")}].`,
  );
}

/** A new tensor of a saved one; it owns a copy. */
export function tensorOf(ops: TfjsOps, saved: Tensor, dtype: string): TfjsTensor {
  return ops.tensor(viewOf(saved.data, dtype).slice(), saved.shape, dtype);
}

function viewOf(data: TypedArray, dtype: string): TfjsValues {
  if (dtype === "float32" && data instanceof Float32Array) return data;
  if (dtype === "int32" && data instanceof Int32Array) return data;
  if (dtype === "bool" && data instanceof Uint8Array) return data;
  throw new TrainscopeError("ERR_STATE", `A ${dtype} tensor cannot be made of a ${data.constructor.name}.`);
}

/** A tensor by name, whose values are copied off the device when `read` is called. */
export function namedTensor(ops: TfjsOps, name: string, tensor: TfjsTensor): NamedTensor {
  return { name, shape: tensor.shape, dtype: dtypeOf(tensor), read: () => valuesOf(ops, tensor) };
}
