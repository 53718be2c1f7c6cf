import { expect, test } from "vitest";
import { LearningRateScheduleConfig, parseConfig } from "../config/index.js";
import { learningRateAt } from "./schedule.js";
import { rateProblem, shortRunProblem } from "./schedule-problems.js";

test.each([
  { kind: "cosine", minLr: 0.2, maxLr: undefined, option: "minLr" },
  { kind: "cosine", minLr: 0.1, maxLr: undefined, option: null },
  { kind: "oneCycle", minLr: 0.2, maxLr: 1, option: "minLr" },
  { kind: "oneCycle", minLr: 0, maxLr: 0.05, option: "maxLr" },
  { kind: "oneCycle", minLr: 0, maxLr: 0.1, option: null },
  { kind: "linear", minLr: 0.2, maxLr: undefined, option: "minLr" },
  { kind: "polynomial", minLr: 0.2, maxLr: undefined, option: "minLr" },
  { kind: "cosineRestarts", minLr: 0.2, maxLr: undefined, option: "minLr" },
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
  { kind: "exponential", warmupSteps: 10, steps: 10, found: ["warmupSteps", true] },
  { kind: "exponential", warmupSteps: 10, stepSize: 5, steps: 10, found: ["warmupSteps", false] },
  { kind: "exponential", warmupSteps: 0, steps: 1, found: ["minLr", false] },
  { kind: "linear", warmupSteps: 3, steps: 4, found: ["warmupSteps", true] },
  { kind: "milestones", warmupSteps: 0, milestones: [5, 9], steps: 10, found: null },
  { kind: "milestones", warmupSteps: 0, milestones: [5, 10], steps: 10, found: ["milestones", false] },
  { kind: "cosineRestarts", warmupSteps: 2, cycleSteps: 8, steps: 10, found: ["cycleSteps", false] },
  { kind: "cosineRestarts", warmupSteps: 2, cycleSteps: 8, steps: 11, found: null },
  { kind: "cosineRestarts", warmupSteps: 0, cycles: 4, steps: 5, found: null },
  { kind: "cosineRestarts", warmupSteps: 0, cycles: 5, steps: 5, found: ["cycles", true] },
  { kind: "function", warmupSteps: 10, steps: 10, found: ["warmupSteps", false] },
  { kind: "function", warmupSteps: 0, steps: 1, found: null },
] as const)("$kind with a warm-up of $warmupSteps in $steps steps: $found", ({ steps, found, ...schedule }) => {
  const problem = shortRunProblem(schedule, steps);
  expect(problem === null ? null : [problem.option, problem.isError]).toEqual(found);
});

test.each(["linear", "polynomial", "cosine", "oneCycle"] as const)(
  "%s: a run that is not reported has a step above minLr after its warm-up",
  (kind) => {
    for (const warmupSteps of [0, 1, 5]) {
      for (let steps = warmupSteps + 1; steps < warmupSteps + 5; steps++) {
        const schedule = parseConfig(LearningRateScheduleConfig, {
          kind,
          ...(kind === "oneCycle" ? { maxLr: 0.1 } : {}),
        });
        const isAtEnd = learningRateAt({ ...schedule, warmupSteps, totalSteps: steps }, 0.1, warmupSteps) === 0;
        expect(shortRunProblem({ ...schedule, warmupSteps }, steps) !== null).toBe(isAtEnd);
      }
    }
  },
);
