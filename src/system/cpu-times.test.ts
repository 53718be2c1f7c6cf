import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { busyPercent, parseProcStat } from "./cpu-times.js";

test("the first line of /proc/stat: waiting for IO is idle, guest time is not counted twice", () => {
  expect(parseProcStat(readFileSync(new URL("./fixtures/proc-stat.txt", import.meta.url), "utf8"))).toEqual({
    busy: 22615 + 8480 + 130 + 74,
    total: 22615 + 8480 + 130 + 74 + 365190 + 506,
  });
});

test("a text without that line", () => expect(parseProcStat("cpu0 1 2 3\n")).toBeNull());

test.each([
  { name: "half busy", before: { busy: 100, total: 1000 }, now: { busy: 150, total: 1100 }, percent: 50 },
  { name: "all idle", before: { busy: 100, total: 1000 }, now: { busy: 100, total: 1100 }, percent: 0 },
  { name: "no tick between", before: { busy: 100, total: 1000 }, now: { busy: 100, total: 1000 }, percent: null },
  { name: "a busy counter that ran back", before: { busy: 100, total: 1000 }, now: { busy: 90, total: 1100 }, percent: 0 },
  { name: "a total that ran back", before: { busy: 100, total: 1000 }, now: { busy: 90, total: 900 }, percent: null },
])("$name", ({ before, now, percent }) => expect(busyPercent(before, now)).toBe(percent));
