import fc from "fast-check";
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
      config: { kind: "cosine", totalSteps: 9, minLr: 1 },
      rates: { 0: 2, 2: cosine(2, 1, 0.25), 4: 1.5, 8: 1, 9: 1, 99: 1 },
    },
    {
      name: "cosine after a warm-up",
      config: { kind: "cosine", totalSteps: 11, warmupSteps: 2 },
      rates: { 0: 0, 1: 1, 2: 2, 6: 1, 10: 0 },
    },
    {
      name: "oneCycle",
      config: { kind: "oneCycle", totalSteps: 11, maxLr: 10, pctStart: 5 / 11, minLr: 0.5 },
      rates: { 0: 2, 2: 6, 4: 10, 7: 5.25, 10: 0.5, 11: 0.5 },
    },
    {
      name: "oneCycle after a warm-up",
      config: { kind: "oneCycle", totalSteps: 14, warmupSteps: 4, maxLr: 10, pctStart: 0.5, minLr: 0.5 },
      rates: { 0: 0, 2: 1, 4: 2, 6: 6, 8: 10, 13: 0.5 },
    },
    {
      name: "oneCycle that rises for less than a step starts at its peak",
      config: { kind: "oneCycle", totalSteps: 10, maxLr: 10, pctStart: 0.1, minLr: 1 },
      rates: { 0: 10, 9: 1 },
    },
    { name: "a place between two steps", config: { kind: "cosine", totalSteps: 3 }, rates: { 0.5: cosine(2, 0, 0.25), 1: 1 } },
    { name: "one step is the last", config: { kind: "cosine", totalSteps: 1, minLr: 0.5 }, rates: { 0: 0.5, 1: 0.5 } },
    {
      name: "one step after the warm-up is the last",
      config: { kind: "cosine", totalSteps: 3, warmupSteps: 2, minLr: 0.5 },
      rates: { 0: 0, 1: 1, 2: 0.5 },
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
    expect(rates.at(-1)).toBe(0.1);
  });

  test("the first and the last value are exact, for every kind, length and warm-up", () => {
    const rate = fc.double({ min: 1e-6, max: 10, noNaN: true });
    const run = fc.record({
      kind: fc.constantFrom("cosine", "oneCycle"),
      base: rate,
      rise: rate,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const length = fc.record({
      warmupSteps: fc.nat(20),
      more: fc.integer({ min: 2, max: 400 }),
      pctStart: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(run, length, ({ kind, base, rise, share }, { warmupSteps, more, pctStart }) => {
        const totalSteps = warmupSteps + more;
        const minLr = base * share;
        const given = kind === "cosine" ? { kind } : { kind, maxLr: base + rise, pctStart };
        const schedule = parseConfig(LearningRateScheduleConfig, { ...given, warmupSteps, totalSteps, minLr });
        const rates = Array.from({ length: totalSteps + 1 }, (_, step) => learningRateAt(schedule, base, step));
        expect(rates[totalSteps - 1]).toBe(minLr);
        expect(rates[totalSteps]).toBe(minLr);
        if (kind === "cosine" || pctStart * more > 1) expect(rates[warmupSteps]).toBe(base);
        if (warmupSteps > 0) expect(rates[0]).toBe(0);
        expect(Math.max(...rates)).toBeLessThanOrEqual((kind === "cosine" ? base : base + rise) * (1 + 1e-12));
      }),
    );
  });
});

test("which kinds need the length of the run", () => {
  const kinds = ["constant", "step", "cosine", "oneCycle"] as const;
  expect(kinds.filter((kind) => needsTotalSteps({ kind }))).toEqual(["cosine", "oneCycle"]);
});
