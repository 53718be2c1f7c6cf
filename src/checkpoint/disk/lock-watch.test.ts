import { expect, test } from "vitest";
import { judgeLook, type LockWatch } from "./lock-watch.js";

const LIMITS = { pollMs: 250, silentMs: 1000 };

/** A look at `[time, sign]` each, and what the last one means. */
function lastVerdict(looks: readonly (readonly [number, string])[]): string {
  let watch: LockWatch | null = null;
  let verdict = "none";
  for (const [nowMs, sign] of looks) ({ verdict, watch } = judgeLook(watch, { sign, nowMs }, LIMITS));
  return verdict;
}

const every = (ms: number, until: number): [number, string][] =>
  Array.from({ length: Math.floor(until / ms) + 1 }, (_, i) => [i * ms, "a"]);

test.each([
  { name: "the first look says nothing", looks: [[0, "a"]], verdict: "unknown" },
  {
    name: "a change is a sign of life",
    looks: [
      [0, "a"],
      [250, "b"],
    ],
    verdict: "alive",
  },
  { name: "a change after a long silence is one too", looks: [...every(250, 750), [900, "b"]], verdict: "alive" },
  { name: "no change, not for long enough", looks: every(250, 750), verdict: "unknown" },
  { name: "no change for the limit", looks: every(250, 1000), verdict: "dead" },
  {
    name: "the waiter was stopped for an hour: that hour does not count",
    looks: [
      [0, "a"],
      [250, "a"],
      [3_600_000, "a"],
    ],
    verdict: "unknown",
  },
  {
    name: "the waiter was stopped, and the owner with it",
    looks: [
      [0, "a"],
      [3_600_000, "b"],
    ],
    verdict: "alive",
  },
  {
    name: "a clock that runs backwards counts nothing",
    looks: [
      [500, "a"],
      [0, "a"],
      [-900, "a"],
    ],
    verdict: "unknown",
  },
] as const)("$name", ({ looks, verdict }) => expect(lastVerdict(looks)).toBe(verdict));
