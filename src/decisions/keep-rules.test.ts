import { describe, expect, test } from "vitest";
import type { KeptCheckpoint, KeepRule } from "../contract/index.js";
import { anyOf, bestOf, keepBest, keepEvery, keepLatest } from "./keep-rules.js";

/** Names are positions; a score for each. */
function scored(scores: readonly (number | null)[]): KeptCheckpoint[] {
  return scores.map((score, index) => ({ name: String(index), epoch: index, step: (index + 1) * 10, score, savedAtMs: index }));
}
function atSteps(steps: readonly number[]): KeptCheckpoint[] {
  return steps.map((step, index) => ({ name: String(index), epoch: 0, step, score: null, savedAtMs: index }));
}

interface Row {
  name: string;
  rule: KeepRule;
  checkpoints: KeptCheckpoint[];
  kept: string[];
}

const ROWS: Row[] = [
  { name: "the newest two", rule: keepLatest(2), checkpoints: scored([1, 2, 3]), kept: ["1", "2"] },
  { name: "more than there are", rule: keepLatest(9), checkpoints: scored([1]), kept: ["0"] },
  { name: "none", rule: keepLatest(0), checkpoints: scored([1, 2]), kept: [] },
  { name: "the lowest two", rule: keepBest(2, "min"), checkpoints: scored([3, 1, 2]), kept: ["1", "2"] },
  { name: "the highest two", rule: keepBest(2, "max"), checkpoints: scored([3, 1, 2]), kept: ["0", "2"] },
  { name: "of equal ones the older", rule: keepBest(2, "min"), checkpoints: scored([1, 1, 1]), kept: ["0", "1"] },
  { name: "never an unranked one", rule: keepBest(3, "min"), checkpoints: scored([null, 5, null]), kept: ["1"] },
  { name: "never NaN or an infinity", rule: keepBest(3, "max"), checkpoints: scored([NaN, Infinity, 1]), kept: ["2"] },
  { name: "-0 is not better than 0", rule: keepBest(1, "min"), checkpoints: scored([0, -0]), kept: ["0"] },
  { name: "no best of none", rule: keepBest(0, "min"), checkpoints: scored([1]), kept: [] },
  { name: "every 100 steps", rule: keepEvery(100), checkpoints: atSteps([50, 100, 150, 200, 250]), kept: ["1", "3"] },
  { name: "the first at or after", rule: keepEvery(100), checkpoints: atSteps([130, 160, 199, 310, 320]), kept: ["0", "3"] },
  { name: "step 0 is no multiple", rule: keepEvery(10), checkpoints: atSteps([0, 5]), kept: [] },
  {
    name: "any of several",
    rule: anyOf(keepLatest(1), keepBest(1, "min")),
    checkpoints: scored([2, 1, 3, 4]),
    kept: ["1", "3"],
  },
];

test.each(ROWS)("$name", ({ rule, checkpoints, kept }) => {
  expect([...rule.keeps(checkpoints)].sort()).toEqual(kept);
});

test("what a rule keeps it goes on keeping when the others are gone", () => {
  const rule = anyOf(keepLatest(1), keepEvery(100), keepBest(2, "min"));
  let left: KeptCheckpoint[] = [];
  for (let step = 30; step <= 1000; step += 30) {
    const score = step % 7;
    left.push({ name: String(step), epoch: 0, step, score, savedAtMs: step });
    const kept = rule.keeps(left);
    left = left.filter(({ name }) => kept.has(name));
  }
  expect(keepEvery(100).keeps(left)).toEqual(new Set(["120", "210", "300", "420", "510", "600", "720", "810", "900"]));
});

test("the best, or null", () => {
  expect(bestOf(scored([3, 1, 1]), "min")).toBe("1");
  expect(bestOf(scored([null]), "min")).toBeNull();
  expect(bestOf([], "max")).toBeNull();
});

describe("counts", () => {
  test.each([
    { name: "keepLatest", make: () => keepLatest(-1) },
    { name: "keepBest", make: () => keepBest(1.5, "min") },
    { name: "keepEvery", make: () => keepEvery(0) },
  ])("$name refuses what is no count", ({ make, name }) => {
    expect(make).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: name }));
  });
});

test.each([
  ["keepBest without a mode", () => keepBest(1, undefined as never), '"min" or "max"; found undefined'],
  ["keepBest with a misspelt mode", () => keepBest(1, "minn" as never), 'found "minn"'],
  ["anyOf without rules", () => anyOf(), "found none"],
  ["anyOf with what is no rule", () => anyOf(keepLatest(1), {} as never), "found an object without keys"],
])("%s is refused", (_what, make, says) => expect(make).toThrow(says));
