import { expect, test } from "vitest";
import { learningRateAt } from "./schedule.js";
import { rateProblem, shortRunProblem } from "./schedule-problems.js";

test.each([
  { kind: "cosine", minLr: 0.2, maxLr: undefined, option: "minLr" },
  { kind: "cosine", minLr: 0.1, maxLr: undefined, option: null },
  { kind: "oneCycle", minLr: 0.2, maxLr: 1, option: "minLr" },
  { kind: "oneCycle", minLr: 0, maxLr: 0.05, option: "maxLr" },
  { kind: "oneCycle", minLr: 0, maxLr: 0.1, option: null },
  { kind: "step", minLr: 0.2, maxLr: undefined, option: null },
  { kind: "constant", minLr: 0.2, maxLr: undefined, option: null },
] as const)("$kind, minLr $minLr, maxLr $maxLr for a base rate of 0.1: $option", ({ option, ...schedule }) => {
  const problem = rateProblem(schedule, "sgd", 0.1);
  expect(problem?.option ?? null).toBe(option);
  if (problem !== null) expect(problem.message).toMatch(/"sgd" starts with \(0\.1\)/);
});

test.each([
  { kind: "cosine", warmupSteps: 10, steps: 10, found: ["warmupSteps", true] },
  { kind: "oneCycle", warmupSteps: 10, steps: 9, found: ["warmupSteps", true] },
  { kind: "constant", warmupSteps: 10, steps: 10, found: ["warmupSteps", false] },
  { kind: "step", warmupSteps: 10, stepSize: 1, steps: 10, found: ["warmupSteps", false] },
  { kind: "step", warmupSteps: 2, stepSize: 8, steps: 10, found: ["stepSize", false] },
  { kind: "step", warmupSteps: 2, stepSize: 8, steps: 11, found: null },
  { kind: "cosine", warmupSteps: 10, steps: 11, found: ["warmupSteps", true] },
  { kind: "oneCycle", warmupSteps: 10, steps: 11, found: ["warmupSteps", true] },
  { kind: "constant", warmupSteps: 10, steps: 11, found: null },
  { kind: "step", warmupSteps: 10, stepSize: 1, steps: 11, found: ["stepSize", false] },
  { kind: "cosine", warmupSteps: 10, steps: 12, found: null },
  { kind: "oneCycle", warmupSteps: 10, steps: 12, found: null },
  { kind: "cosine", warmupSteps: 0, steps: 1, found: ["minLr", false] },
  { kind: "oneCycle", warmupSteps: 0, steps: 1, found: ["minLr", false] },
  { kind: "cosine", warmupSteps: 0, steps: 2, found: null },
  { kind: "cosine", warmupSteps: 0, steps: 0, found: null },
  { kind: "constant", warmupSteps: 0, steps: 0, found: null },
  { kind: "cosine", warmupSteps: 10, steps: Infinity, found: null },
] as const)("$kind with a warm-up of $warmupSteps in $steps steps: $found", ({ steps, found, ...schedule }) => {
  const problem = shortRunProblem(schedule, steps);
  expect(problem === null ? null : [problem.option, problem.isError]).toEqual(found);
});

test.each(["cosine", "oneCycle"] as const)("%s: a run that is not reported has a step above minLr after its warm-up", (kind) => {
  for (const warmupSteps of [0, 1, 5]) {
    for (let steps = warmupSteps + 1; steps < warmupSteps + 5; steps++) {
      const schedule = { kind, warmupSteps, minLr: 0, maxLr: undefined, gamma: 0.1, pctStart: 0.3, totalSteps: steps };
      const isAtEnd = learningRateAt(schedule, 0.1, warmupSteps) === 0;
      expect(shortRunProblem(schedule, steps) !== null).toBe(isAtEnd);
    }
  }
});
