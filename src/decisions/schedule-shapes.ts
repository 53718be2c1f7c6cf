/** The shapes that schedules are made of: pure functions of a share of the way, or of steps since a shape began. */

/** Half a cosine: `from` at progress 0, `to` at 1. */
export function cosine(from: number, to: number, progress: number): number {
  return progress === 0 ? from : to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** A power of what is left: `from` at progress 0, `to` at 1; a straight line with power 1. */
export function polynomial(from: number, to: number, progress: number, power: number): number {
  return progress === 0 ? from : to + (from - to) * (1 - progress) ** power;
}

/** Cycles in a row, each `factor` times as long as the one before. */
export interface Cycles {
  /** Steps of the first cycle; need not be whole. */
  readonly first: number;
  /** At least 1. */
  readonly factor: number;
}

/** The length of the first of `count` cycles that take `steps` together. */
export function firstOfCycles(steps: number, count: number, factor: number): number {
  return steps / startOf({ first: 1, factor }, count);
}

/** The cycle that `step` is in, from 0, and the share of it that is done: below 1, and exactly 0 where it begins. */
export function cycleAt(cycles: Cycles, step: number): { index: number; progress: number } {
  const { first, factor } = cycles;
  const estimate = factor === 1 ? step / first : Math.log1p((step * (factor - 1)) / first) / Math.log(factor);
  let index = Math.max(0, Math.floor(estimate));
  while (startOf(cycles, index + 1) <= step) index++; // the estimate is one off where rounding is
  while (index > 0 && startOf(cycles, index) > step) index--;
  return { index, progress: (step - startOf(cycles, index)) / (first * factor ** index) };
}

/** The step at which the cycle of `index` begins. */
function startOf({ first, factor }: Cycles, index: number): number {
  return factor === 1 ? first * index : (first * (factor ** index - 1)) / (factor - 1);
}
