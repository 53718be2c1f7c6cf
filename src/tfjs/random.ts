import { mix } from "./seeding.js";

/** The numbers 0 to `length - 1` in an order that depends only on `seed` and `pass` (Fisher and Yates). */
export function permutation(length: number, seed: number, pass: number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index);
  const key = mix(seed, pass);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor((mix(key, last) / 2 ** 32) * (last + 1));
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
  return order;
}
