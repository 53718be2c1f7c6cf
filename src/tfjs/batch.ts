import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";
import { isTensor } from "./ops.js";
import type { TfjsTensor, TfjsTensors } from "./types.js";

/** One side of a batch as an array in the model's order. Throws `ERR_LOADER_DATA` where it does not fit the model, or is disposed. */
export function tensorList(side: unknown, names: readonly string[], what: "xs" | "ys"): TfjsTensor[] {
  const list = isTensor(side) ? [side] : Array.isArray(side) ? (side as unknown[]) : byName(side, names, what);
  if (list.length !== names.length) {
    throw new TrainscopeError(
      "ERR_LOADER_DATA",
      `batch.${what} holds ${list.length} tensors, the model has ${names.length}: ${names.join(", ")}.`,
    );
  }
  return list.map((tensor, index) => alive(tensor, `${what} "${names[index]}"`));
}

function byName(side: unknown, names: readonly string[], what: string): unknown[] {
  if (typeof side !== "object" || side === null) {
    throw new TrainscopeError(
      "ERR_LOADER_DATA",
      `batch.${what} is ${valueText(side)}; a batch is { xs, ys } of tensors, arrays of tensors, or tensors by name.`,
    );
  }
  const tensors = side as Record<string, unknown>;
  for (const name of names) {
    if (!(name in tensors))
      throw new TrainscopeError(
        "ERR_LOADER_DATA",
        `batch.${what} has no tensor "${name}". ${suggest(name, Object.keys(tensors))}`,
      );
  }
  return names.map((name) => tensors[name]);
}

function alive(tensor: unknown, what: string): TfjsTensor {
  if (!isTensor(tensor))
    throw new TrainscopeError("ERR_LOADER_DATA", `${what} of the batch is ${valueText(tensor)}, not a tensor.`);
  if (!tensor.isDisposed) return tensor;
  throw new TrainscopeError(
    "ERR_LOADER_DATA",
    `${what} of the batch is disposed already: the model disposes a batch after its step.\n` +
      "Where batches are used again, as with an array of batches, pass disposeBatches: false to tfjsModel.",
  );
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
