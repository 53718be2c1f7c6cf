import { describe, expect, test } from "vitest";
import { LearningRateScheduleConfig, parseConfig } from "../config/index.js";
import { learningRateAt, needsTotalSteps } from "./schedule.js";

const cosine = (from: number, to: number, share: number): number => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

describe("learningRateAt", () => {
  test.each<{ name: string; config: LearningRateScheduleConfig; rates: Record<number, number> }>([
    { name: "constant", config: {}, rates: { 0: 2, 1: 2, 1e6: 2 } },
    { name: "constant after a warm-up", config: { warmupSteps: 4 }, rates: { 0: 0, 1: 0.5, 2: 1, 3: 1.5, 4: 2, 5: 2 } },
    {
      name: "step, as torch StepLR",
      config: { kind: "step", stepSize: 3, gamma: 0.5 },
      rates: { 0: 2, 2: 2, 3: 1, 5: 1, 6: 0.5 },
    },
    {
      name: "step counts from the end of the warm-up",
      config: { kind: "step", stepSize: 3, warmupSteps: 2 },
      rates: { 1: 1, 2: 2, 4: 2, 5: 0.2 },
    },
    {
      name: "cosine to minLr",
      config: { kind: "cosine", totalSteps: 8, minLr: 1 },
      rates: { 0: 2, 2: cosine(2, 1, 0.25), 4: 1.5, 8: 1, 99: 1 },
    },
    {
      name: "cosine after a warm-up",
      config: { kind: "cosine", totalSteps: 10, warmupSteps: 2 },
      rates: { 0: 0, 1: 1, 2: 2, 6: 1, 10: 0 },
    },
    {
      name: "oneCycle",
      config: { kind: "oneCycle", totalSteps: 10, maxLr: 10, pctStart: 0.4, minLr: 0.5 },
      rates: { 0: 2, 2: 6, 4: 10, 7: 5.25, 10: 0.5, 11: 0.5 },
    },
  ])("$name", ({ config, rates }) => {
    const schedule = parseConfig(LearningRateScheduleConfig, config);
    for (const [step, rate] of Object.entries(rates)) expect(learningRateAt(schedule, 2, Number(step))).toBeCloseTo(rate, 12);
  });

  test("is never negative nor above what it was told, at any step", () => {
    const schedule = parseConfig(LearningRateScheduleConfig, {
      kind: "oneCycle",
      totalSteps: 37,
      warmupSteps: 5,
      maxLr: 3,
      minLr: 0.1,
    });
    const rates = Array.from({ length: 50 }, (_, step) => learningRateAt(schedule, 1, step));
    expect(Math.min(...rates)).toBe(0);
    expect(Math.max(...rates)).toBeLessThanOrEqual(3);
    expect(rates.at(-1)).toBeCloseTo(0.1, 12);
  });
});

test("which kinds need the length of the run", () => {
  const kinds = ["constant", "step", "cosine", "oneCycle"] as const;
  expect(kinds.filter((kind) => needsTotalSteps({ kind }))).toEqual(["cosine", "oneCycle"]);
});
