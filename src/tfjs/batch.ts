import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { unknownKeyAdvice } from "../support/option-keys.js";
import { valueText } from "../support/value-text.js";
import type { Slot } from "./fit-shapes.js";
import { DATA_INSTEAD } from "./instead.js";
import { isTensor } from "./ops.js";
import type { TfjsBatch, TfjsTensor, TfjsTensors } from "./types.js";

/** Throws `ERR_LOADER_DATA` for anything but `{ xs, ys }`: further keys would be dropped. */
export function checkBatch(batch: unknown): asserts batch is TfjsBatch {
  if (typeof batch !== "object" || batch === null || isTensor(batch) || Array.isArray(batch))
    throw dataError(`The batch is ${valueText(batch)}. ${BATCH}${Array.isArray(batch) || isTensor(batch) ? COLLATE : ""}`);
  for (const key in batch) if (key !== "xs" && key !== "ys") throw dataError(unknownKeyMessage(key));
  if (!("xs" in batch && "ys" in batch)) throw dataError(`The batch is ${valueText(batch)}. ${BATCH}`);
}

const BATCH = "A batch of a LayersModel is { xs, ys }, each a tensor, an array of tensors, or tensors by name.";
const COLLATE =
  "\nOf samples, `collate` of arrayLoader makes a batch; tensors in memory are batched by tfjsLoader(tf, { xs, ys }, { batchSize }).";

const NUMBERS =
  "Samples of numbers become a batch of tensors by `batchSize` of tfjsLoader (a dataset), or by `collate` of arrayLoader (an array).";

/** What to say of a key that is neither `xs` nor `ys`. */
export function unknownKeyMessage(key: string): string {
  return `There is no key "${key}" in { xs, ys }.\n${unknownKeyAdvice(key, ["xs", "ys"], DATA_INSTEAD)}`;
}

/** One side of a batch as a new array in the model's order. Throws `ERR_LOADER_DATA` where it does not fit the model, or is disposed. */
export function tensorList(side: unknown, slots: readonly Slot[]): TfjsTensor[] {
  const list = isTensor(side) ? [side] : Array.isArray(side) ? [...(side as unknown[])] : byName(side, slots);
  const count = slots.length;
  for (let index = 0; index < list.length; index++) checkTensor(list[index], slots[Math.min(index, count - 1)] as Slot);
  if (list.length === count) return list as TfjsTensor[];
  const [what, part] = slots[0]?.side === "xs" ? ["xs", "inputs"] : ["ys", "outputs"];
  throw dataError(`batch.${what} holds ${list.length} tensors, the model has ${count} ${part}: ${namesOf(slots).join(", ")}.`);
}

function byName(side: unknown, slots: readonly Slot[]): unknown[] {
  const what = slots[0]?.side;
  if (typeof side !== "object" || side === null || ArrayBuffer.isView(side))
    throw dataError(`batch.${what} is ${valueText(side)}. ${BATCH}\n${NUMBERS}`);
  const tensors = side as Record<string, unknown>;
  for (const { name } of slots)
    if (!Object.hasOwn(tensors, name))
      throw dataError(`batch.${what} has no tensor "${name}". ${suggest(name, Object.keys(tensors))}`);
  const names = namesOf(slots);
  const extra = Object.keys(tensors).find((key) => !names.includes(key));
  if (extra === undefined) return names.map((name) => tensors[name]);
  const part = what === "xs" ? "input" : "output";
  throw dataError(
    `batch.${what} has "${extra}", which is no ${part} of the model. ${suggest(extra, names)}\nLeave it out of the batch, or give the model an ${part} of this name.`,
  );
}

function namesOf(slots: readonly Slot[]): string[] {
  return slots.map(({ name }) => name);
}

function checkTensor(tensor: unknown, { side, name }: Slot): void {
  if (!isTensor(tensor)) throw dataError(`batch.${side} holds ${valueText(tensor)} in place of a tensor "${name}".\n${NUMBERS}`);
  if (!tensor.isDisposed) return;
  throw dataError(
    `${side} "${name}" of the batch is disposed already: the model disposes a batch after its step.\n` +
      "Where batches are used again, as with an array of batches, pass disposeBatches: false to tfjsModel.",
  );
}

/** Data that does not fit the model. */
export function dataError(message: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message);
}

/** Samples in a batch: the first dimension of its first tensor, or the length of an array of samples; 1 where neither is there. */
export function samplesIn(batch: unknown): number {
  const tensor = firstTensor(batch, 3);
  if (tensor !== null) return tensor.shape[0] ?? 1;
  return Array.isArray(batch) ? batch.length : 1;
}

function firstTensor(value: unknown, depth: number): TfjsTensor | null {
  if (isTensor(value)) return value;
  if (typeof value !== "object" || value === null || depth === 0) return null;
  for (const inner of Object.values(value)) {
    const found = firstTensor(inner, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

/** The same container with every tensor replaced. */
export function mapTensors(side: TfjsTensors, replace: (tensor: TfjsTensor) => TfjsTensor): TfjsTensors {
  if (isTensor(side)) return replace(side);
  if (Array.isArray(side)) return (side as readonly TfjsTensor[]).map(replace);
  return Object.fromEntries(Object.entries(side as Record<string, TfjsTensor>).map(([name, tensor]) => [name, replace(tensor)]));
}

/** The tensors of one side, in its own order. */
export function tensorsOf(side: TfjsTensors): TfjsTensor[] {
  return isTensor(side) ? [side] : Object.values(side as Record<string, TfjsTensor>);
}
