import { describe, expect, test } from "vitest";
import { DIVERGENCE_START, isRising, judgeDivergence, median, medianDeviation, noiseOf, robustSlope } from "./trend.js";
import type { DivergenceRule } from "./trend.js";

/** Standard normal values, seeded (mulberry32 and Box–Muller). */
function normal(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The first check that diverges, or null. */
function divergesAt(rule: Partial<DivergenceRule>, values: readonly number[]): number | null {
  let progress = DIVERGENCE_START;
  for (const [i, value] of values.entries()) {
    const verdict = judgeDivergence({ mode: "min", factor: 2, window: 5, ...rule }, progress, value);
    if (verdict.diverging) return i;
    progress = verdict.progress;
  }
  return null;
}

const FALLING = Array.from({ length: 30 }, (_, i) => 2 * 0.9 ** i);

test.each([
  [[], null],
  [[NaN], null],
  [[3], 3],
  [[3, 1], 2],
  [[3, 1, 2], 2],
  [[0, 0, 100], 0],
  [[NaN, 1, 3], 2],
])("median(%j) is %s", (values, expected) => {
  expect(median(values)).toBe(expected);
});

test("medianDeviation and noiseOf", () => {
  expect(medianDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  expect(medianDeviation([])).toBe(null);
  expect(noiseOf([1])).toBe(null);
  expect(noiseOf([1, 2, 3, 4])).toBe(0);
  const next = normal(1);
  expect(noiseOf(Array.from({ length: 4000 }, (_, i) => 5 * next() + i))).toBeCloseTo(5, 0);
});

test.each([
  { name: "a line", values: [1, 3, 5, 7], slope: 2 },
  { name: "one outlier does not move it", values: [0, 1, 2, 90, 4, 5, 6], slope: 1 },
  { name: "a gap keeps its place in time", values: [0, NaN, 2, NaN, 4], slope: 1 },
  { name: "falling below zero", values: [-1, -2, -3], slope: -1 },
  { name: "flat", values: [2, 2, 2], slope: 0 },
  { name: "one value", values: [1], slope: null },
  { name: "one finite value", values: [NaN, 1, Infinity], slope: null },
])("robustSlope: $name", ({ values, slope }) => {
  expect(robustSlope(values)).toBe(slope);
});

describe("isRising", () => {
  test.each([
    { name: "a steady rise", rule: { window: 5, minSlope: 0 }, values: [1, 2, 3, 4, 5], rising: true },
    { name: "window not full", rule: { window: 5, minSlope: 0 }, values: [1, 2, 3, 4], rising: false },
    { name: "one step back of four is still a rise", rule: { window: 5, minSlope: 0 }, values: [1, 2, 3, 5, 4], rising: true },
    { name: "up and down", rule: { window: 5, minSlope: 0 }, values: [1, 3, 2, 4, 2.5], rising: false },
    { name: "flat", rule: { window: 5, minSlope: 0 }, values: [1, 1, 1, 1, 1], rising: false },
    { name: "exactly minSlope", rule: { window: 4, minSlope: 1 }, values: [1, 2, 3, 4], rising: false },
    { name: "only the last window counts", rule: { window: 4, minSlope: 0 }, values: [9, 8, 1, 2, 3, 4], rising: true },
    { name: "a window of two", rule: { window: 2, minSlope: 0 }, values: [1, 2], rising: true },
    { name: "NaN only", rule: { window: 2, minSlope: 0 }, values: [NaN, NaN], rising: false },
  ])("$name", ({ rule, values, rising }) => {
    expect(isRising(rule, values)).toBe(rising);
  });

  test("noise alone is called rising in at most one window of twenty", () => {
    const next = normal(7);
    const windows = Array.from({ length: 2000 }, () => Array.from({ length: 8 }, next));
    const share = windows.filter((values) => isRising({ window: 8, minSlope: 0 }, values)).length / windows.length;
    expect(share).toBeLessThan(0.06);
    expect(share).toBeGreaterThan(0.01);
  });
});

describe("judgeDivergence", () => {
  test.each([
    { name: "a falling loss", values: FALLING, at: null },
    { name: "too few values", values: [1, 9, 99, 999], at: null },
    { name: "one spike", values: [...FALLING, 5, ...FALLING.slice(-5)], at: null },
    {
      name: "a flat curve that drifts by less than 1 %",
      values: [...Array<number>(10).fill(1), ...Array<number>(10).fill(1.009)],
      at: null,
    },
    { name: "NaN diverges at once", values: [1, NaN], at: 1 },
    { name: "doubling every check", values: [...Array<number>(8).fill(1), 2, 4, 8, 16, 32, 64], at: 10 },
    { name: "a level that jumps and stays", values: [...FALLING, ...Array<number>(5).fill(3)], at: 32 },
  ])("$name", ({ values, at }) => {
    expect(divergesAt({}, values)).toBe(at);
  });

  test("max mode is the mirror image", () => {
    const values = [...Array<number>(8).fill(1), 2, 4, 8, 16, 32, 64];
    expect(
      divergesAt(
        { mode: "max" },
        values.map((value) => -value),
      ),
    ).toBe(divergesAt({}, values));
  });

  test.each([3, 5, 10])(
    "window %i: noise around a level rarely diverges in 200 checks, a level that leaves it always does",
    (window) => {
      const trials = 60;
      let calm = 0;
      let found = 0;
      for (let seed = 1; seed <= trials; seed++) {
        const next = normal(seed);
        const noise = Array.from({ length: 200 }, () => 1 + 0.1 * next());
        if (divergesAt({ window }, noise) === null) calm++;
        if (divergesAt({ window }, [...noise.slice(0, 30), ...Array.from({ length: 20 }, () => 2 + 0.1 * next())]) !== null)
          found++;
      }
      expect(calm / trials).toBeGreaterThan(0.9);
      expect(found / trials).toBe(1);
    },
  );
});
