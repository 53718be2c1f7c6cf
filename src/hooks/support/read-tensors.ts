import type { MaybePromise, NamedTensor, TypedArray } from "../../contract/index.js";
import { isPromise } from "../../support/promises.js";

/** Reads tensors one after the other; returns a promise only if a `read` does. `visit` may return false to end early. */
export function readTensors(
  tensors: Iterable<NamedTensor>,
  visit: (tensor: NamedTensor, values: TypedArray) => boolean | void,
): MaybePromise<void> {
  return advance(tensors[Symbol.iterator](), visit);
}

function advance(
  iterator: Iterator<NamedTensor>,
  visit: (tensor: NamedTensor, values: TypedArray) => boolean | void,
): MaybePromise<void> {
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    const tensor = next.value;
    const values = tensor.read();
    if (isPromise(values)) {
      return values.then((read) => (visit(tensor, read) === false ? undefined : advance(iterator, visit)));
    }
    if (visit(tensor, values) === false) return;
  }
}
