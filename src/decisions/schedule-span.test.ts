import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeInSchedule, spannedSteps, stepsToBe, type RunLimits } from "./schedule-span.js";

/** The places at every batch of a run in which the `accumulate`-th batch updates, until one of `limits` ends it. */
function places(limits: RunLimits, accumulate: number, warmupSteps = 0): number[] {
  const found: number[] = [];
  let warmupBatches: number | null = null;
  for (let batch = 0; batch < limits.batches; batch++) {
    const step = Math.floor(batch / accumulate);
    if (step >= limits.steps) break;
    if (step >= warmupSteps) warmupBatches ??= batch;
    found.push(placeInSchedule({ warmupSteps }, limits, warmupBatches ?? 0, step, batch));
  }
  return found;
}

describe("placeInSchedule", () => {
  test.each<{ name: string; limits: RunLimits; accumulate: number; warmupSteps?: number; expected: number[] }>([
    { name: "a batch is a step: the steps", limits: { steps: Infinity, batches: 4 }, accumulate: 1, expected: [0, 1, 2, 3] },
    { name: "the shorter limit: steps", limits: { steps: 3, batches: 1000 }, accumulate: 1, expected: [0, 1, 2] },
    { name: "the shorter limit: batches", limits: { steps: 1000, batches: 3 }, accumulate: 1, expected: [0, 1, 2] },
    {
      name: "micro-batches, limited by batches: spread over all of them",
      limits: { steps: Infinity, batches: 5 },
      accumulate: 4,
      expected: [0, 1, 2, 3, 4],
    },
    {
      name: "micro-batches, limited by steps: those of a step share its place",
      limits: { steps: 3, batches: Infinity },
      accumulate: 2,
      expected: [0, 0, 1, 1, 2, 2],
    },
    {
      name: "micro-batches, limited by both: the limit that ends the run decides",
      limits: { steps: 5, batches: 8 },
      accumulate: 4,
      expected: [0, 4 / 7, 8 / 7, 12 / 7, 16 / 7, 20 / 7, 24 / 7, 4],
    },
    {
      name: "the warm-up counts steps, the rest spans the batches that are left",
      limits: { steps: Infinity, batches: 9 },
      accumulate: 2,
      warmupSteps: 2,
      expected: [0, 0, 1, 1, 2, 3.5, 5, 6.5, 8],
    },
  ])("$name", ({ limits, accumulate, warmupSteps, expected }) => {
    const found = places(limits, accumulate, warmupSteps);
    expect(found.map((place) => Number(place.toFixed(12)))).toEqual(expected.map((place) => Number(place.toFixed(12))));
  });

  test("whatever the limits and the micro-batches: never back, and exactly at the end at the last batch", () => {
    const limit = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(Infinity));
    fc.assert(
      fc.property(limit, limit, fc.integer({ min: 1, max: 7 }), (steps, batches, accumulate) => {
        fc.pre(spannedSteps({ steps, batches }) < Infinity);
        const found = places({ steps, batches }, accumulate);
        expect(found.at(-1)).toBe(spannedSteps({ steps, batches }) - 1);
        expect(found.every((place, i) => i === 0 || place >= (found[i - 1] as number))).toBe(true);
      }),
    );
  });
});

test.each([
  { name: "before the first step each batch is one", limits: { steps: Infinity, batches: 20 }, done: [0, 0], is: 20 },
  { name: "every batch a step", limits: { steps: Infinity, batches: 20 }, done: [7, 7], is: 20 },
  { name: "four batches a step", limits: { steps: Infinity, batches: 20 }, done: [1, 4], is: 5 },
  { name: "the limit of steps is the shorter one", limits: { steps: 3, batches: 20 }, done: [1, 4], is: 3 },
  { name: "a last step of fewer batches", limits: { steps: Infinity, batches: 20 }, done: [7, 19], is: 8 },
  { name: "an unknown length", limits: { steps: Infinity, batches: Infinity }, done: [1, 4], is: Infinity },
] as const)("steps to be: $name", ({ limits, done, is }) => expect(stepsToBe(limits, done)).toBe(is));
