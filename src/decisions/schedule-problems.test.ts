import { expect, test } from "vitest";
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
  { kind: "cosine", warmupSteps: 10, steps: 11, found: null },
  { kind: "constant", warmupSteps: 0, steps: 0, found: null },
  { kind: "cosine", warmupSteps: 10, steps: Infinity, found: null },
] as const)("$kind with a warm-up of $warmupSteps in $steps steps: $found", ({ steps, found, ...schedule }) => {
  const problem = shortRunProblem(schedule, steps);
  expect(problem === null ? null : [problem.option, problem.isError]).toEqual(found);
});
