import { describe, expect, test } from "vitest";
import { parseConfig, ReduceLROnPlateauConfig } from "../config/index.js";
import { PLATEAU_START, judgePlateau, reducedRate } from "./plateau.js";

/** The indices of the checks that cut. */
function cuts(config: ReduceLROnPlateauConfig, values: readonly number[]): number[] {
  const rule = parseConfig(ReduceLROnPlateauConfig, { mode: "min", minDelta: 0, ...config });
  let progress = PLATEAU_START;
  return values.flatMap((value, i) => {
    const verdict = judgePlateau(rule, progress, value);
    progress = verdict.progress;
    return verdict.reduce ? [i] : [];
  });
}

describe("judgePlateau", () => {
  test.each([
    { name: "patience 1 cuts at the first bad check", config: { patience: 1 }, values: [1, 1], expected: [1] },
    { name: "the first value never counts", config: { patience: 1 }, values: [1], expected: [] },
    {
      name: "bad checks >= patience, and the count starts again after a cut",
      config: { patience: 2 },
      values: [1, 1, 1, 1, 1, 1],
      expected: [2, 4],
    },
    { name: "an improvement resets the count", config: { patience: 2 }, values: [1, 1, 0.5, 0.6, 0.4, 0.4, 0.4], expected: [6] },
    {
      name: "cooldown checks do not count",
      config: { patience: 1, cooldown: 2 },
      values: [1, 1, 1, 1, 1, 1, 1],
      expected: [1, 4],
    },
    {
      name: "an improvement in cooldown sets the best",
      config: { patience: 1, cooldown: 2 },
      values: [1, 1, 0.5, 0.6, 0.6],
      expected: [1, 4],
    },
    { name: "exactly minDelta is no improvement", config: { patience: 1, minDelta: 0.5 }, values: [2, 1.5], expected: [1] },
    {
      name: "creep moves no mark, so it adds up",
      config: { patience: 3, minDelta: 0.1 },
      values: [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7],
      expected: [],
    },
    {
      name: "NaN is a bad check, never a best",
      config: { patience: 2 },
      values: [NaN, NaN, 1, NaN, 0.9, NaN, NaN],
      expected: [1, 6],
    },
    { name: "-Infinity is no best", config: { patience: 3 }, values: [1, -Infinity, 0.9, 0.8], expected: [] },
    {
      name: "negative metrics that get worse",
      config: { patience: 2, mode: "max" },
      values: [-10, -11, -12, -13.5],
      expected: [2],
    },
    { name: "negative metrics that get better", config: { patience: 1, minDelta: 0.1 }, values: [-10, -11, -12], expected: [] },
    { name: "zero is a value", config: { patience: 1 }, values: [0, 0.5], expected: [1] },
  ] as const)("$name", ({ config, values, expected }) => {
    expect(cuts(config, values)).toEqual(expected);
  });
});

test.each([
  [0.1, 0, 1, 0.1],
  [0.5, 0.4, 0.6, 0.4],
  [0.5, 0.4, 0.4, 0.4],
  [0.5, 0.4, 0.1, 0.1],
])("factor %d, minLr %d: %d becomes %d", (factor, minLr, rate, expected) => {
  expect(reducedRate({ factor, minLr }, rate)).toBeCloseTo(expected, 12);
});
