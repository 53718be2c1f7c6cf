import type { DeferredScalar } from "../contract/index.js";
import type { TfjsTensor } from "./types.js";

/** A scalar that stays in its tensor until it is read. Owns the tensor. */
export class TensorScalar implements DeferredScalar {
  readonly #tensor: TfjsTensor;
  readonly #synchronous: boolean;

  constructor(tensor: TfjsTensor, synchronous: boolean) {
    this.#tensor = tensor;
    this.#synchronous = synchronous;
  }

  /** A number on `cpu`, `wasm` and the native binding, a promise of one where the values live on another device. */
  read(): number | Promise<number> {
    return this.#synchronous ? first(this.#tensor.dataSync()) : this.#tensor.data().then(first);
  }

  /** Frees the tensor, whether it was read or not. */
  dispose(): void {
    this.#tensor.dispose();
  }
}

function first(values: ArrayLike<number>): number {
  return values[0] ?? Number.NaN;
}
