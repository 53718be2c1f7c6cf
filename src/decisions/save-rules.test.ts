import { expect, test } from "vitest";
import type { SaveRule } from "../contract/index.js";
import { anyOfSave, everyMinutes, everyNEpochs, everyNSteps } from "./save-rules.js";

type Now = Parameters<SaveRule["isDue"]>[0];
type Last = Parameters<SaveRule["isDue"]>[1];

const now = (at: Partial<Now>): Now => ({ step: 0, epoch: 0, epochEnded: false, ms: 0, ...at });
const last = (at: Partial<NonNullable<Last>>): Last => ({ step: 0, epoch: 0, ms: 0, ...at });

test.each<{ name: string; rule: SaveRule; now: Now; last: Last; due: boolean }>([
  { name: "before the first multiple", rule: everyNSteps(10), now: now({ step: 9 }), last: null, due: false },
  { name: "at it", rule: everyNSteps(10), now: now({ step: 10 }), last: null, due: true },
  { name: "once at it", rule: everyNSteps(10), now: now({ step: 10 }), last: last({ step: 10 }), due: false },
  {
    name: "past a multiple that had no boundary",
    rule: everyNSteps(10),
    now: now({ step: 23 }),
    last: last({ step: 11 }),
    due: true,
  },
  {
    name: "counted in multiples, not from the last",
    rule: everyNSteps(10),
    now: now({ step: 20 }),
    last: last({ step: 15 }),
    due: true,
  },
  {
    name: "at the end of every second epoch",
    rule: everyNEpochs(2),
    now: now({ epoch: 1, epochEnded: true }),
    last: null,
    due: true,
  },
  { name: "not of the first", rule: everyNEpochs(2), now: now({ epoch: 0, epochEnded: true }), last: null, due: false },
  { name: "not inside one", rule: everyNEpochs(1), now: now({ epoch: 3 }), last: null, due: false },
  { name: "half a minute", rule: everyMinutes(0.5), now: now({ ms: 30_000 }), last: null, due: true },
  { name: "less than that", rule: everyMinutes(0.5), now: now({ ms: 29_999 }), last: null, due: false },
  { name: "since the last one", rule: everyMinutes(1), now: now({ ms: 90_000 }), last: last({ ms: 60_000 }), due: false },
  { name: "one of two", rule: anyOfSave(everyNSteps(100), everyMinutes(1)), now: now({ ms: 60_000 }), last: null, due: true },
  { name: "none of two", rule: anyOfSave(everyNSteps(100), everyMinutes(1)), now: now({ ms: 1 }), last: null, due: false },
])("$name", ({ rule, now: at, last: before, due }) => expect(rule.isDue(at, before)).toBe(due));

test.each([
  { name: "everyNSteps", make: () => everyNSteps(0) },
  { name: "everyNEpochs", make: () => everyNEpochs(1.5) },
  { name: "everyMinutes", make: () => everyMinutes(NaN) },
])("$name refuses what is no count", ({ make, name }) => {
  expect(make).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: name }));
});
