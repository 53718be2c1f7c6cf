import type { TypedArray } from "../../contract/index.js";

/** Sums over values, from which the statistics follow. NaN and infinities are counted and left out of the rest. */
export class TensorStats {
  #count = 0;
  #sum = 0;
  #squares = 0;
  #largest = 0;
  #nonFinite = 0;

  add(values: TypedArray): this {
    let sum = 0;
    let squares = 0;
    let largest = this.#largest;
    let nonFinite = 0;
    for (let i = 0; i < values.length; i++) {
      const value = Number(values[i]);
      const size = Math.abs(value);
      if (!(size < Infinity)) {
        nonFinite++;
        continue;
      }
      sum += value;
      squares += value * value;
      if (size > largest) largest = size;
    }
    this.#count += values.length - nonFinite;
    this.#sum += sum;
    this.#squares += squares;
    this.#largest = largest;
    this.#nonFinite += nonFinite;
    return this;
  }

  merge(other: TensorStats): void {
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#squares += other.#squares;
    this.#largest = Math.max(this.#largest, other.#largest);
    this.#nonFinite += other.#nonFinite;
  }

  get nonFinite(): number {
    return this.#nonFinite;
  }

  /** Writes `<prefix>norm` (Euclidean), `max` (of the absolute values), `mean`, `std` (population) and `nan_count`. */
  writeTo(target: Record<string, number>, prefix: string): void {
    const count = Math.max(1, this.#count);
    const mean = this.#sum / count;
    target[`${prefix}norm`] = Math.sqrt(this.#squares);
    target[`${prefix}max`] = this.#largest;
    target[`${prefix}mean`] = mean;
    target[`${prefix}std`] = Math.sqrt(Math.max(0, this.#squares / count - mean * mean));
    target[`${prefix}nan_count`] = this.#nonFinite;
  }
}
