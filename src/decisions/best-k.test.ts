import { expect, test } from "vitest";
import { rankBest } from "./best-k.js";
import type { BestKProgress, BestKRule } from "./best-k.js";

/** Feeds values whose ids are their places; returns the table and who left, in order. */
function feed(rule: BestKRule, values: readonly number[]): { table: string; left: string } {
  let progress: BestKProgress = [];
  const left: string[] = [];
  for (const [i, value] of values.entries()) {
    const verdict = rankBest(rule, progress, { id: String(i), value });
    expect(verdict.rank === null ? undefined : verdict.progress[verdict.rank]?.id).toBe(
      verdict.rank === null ? undefined : String(i),
    );
    progress = verdict.progress;
    if (verdict.evicted !== null) left.push(verdict.evicted.id);
  }
  return { table: progress.map(({ id }) => id).join(","), left: left.join(",") };
}

test.each([
  { name: "best first", rule: { mode: "min", k: 3 }, values: [3, 1, 2], table: "1,2,0", left: "" },
  { name: "the worst leaves", rule: { mode: "min", k: 2 }, values: [3, 1, 2, 0], table: "3,1", left: "0,2" },
  { name: "max", rule: { mode: "max", k: 2 }, values: [0.1, 0.9, 0.5], table: "1,2", left: "0" },
  { name: "all equal: the older stay", rule: { mode: "min", k: 2 }, values: [1, 1, 1, 1], table: "0,1", left: "" },
  { name: "of equally bad ones the newest leaves", rule: { mode: "min", k: 2 }, values: [1, 1, 0], table: "2,0", left: "1" },
  {
    name: "NaN and infinities are never ranked",
    rule: { mode: "min", k: 3 },
    values: [NaN, 1, -Infinity, Infinity],
    table: "1",
    left: "",
  },
  { name: "zero and negative values", rule: { mode: "min", k: 2 }, values: [0, -1, -2], table: "2,1", left: "0" },
  { name: "k 1", rule: { mode: "max", k: 1 }, values: [1, 2, 2, 3], table: "3", left: "0,1" },
  { name: "k 0 keeps none", rule: { mode: "max", k: 0 }, values: [1, 2], table: "", left: "" },
] as const)("$name", ({ rule, values, table, left }) => {
  expect(feed(rule, values)).toEqual({ table, left });
});
