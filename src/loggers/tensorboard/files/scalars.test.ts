import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { tagProblem } from "../tag-rule.js";
import { SummaryWriter } from "../summary-writer.js";
import { readEvents } from "../../../../tests/support/event-files.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-scalars-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tag = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.constantFrom("a", "constructor", "toString", "hasOwnProperty", "train/loss_step", "x".repeat(700)),
  )
  .filter((text) => tagProblem(text) === null);
const step = fc.oneof(fc.nat(3), fc.nat(), fc.maxSafeNat(), fc.constantFrom(127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 35));
const wallTime = fc
  .oneof(fc.constantFrom(0, 1_700_000_000, 1_700_000_000.5), fc.double({ min: 0, max: 4e9, noNaN: true }))
  .map((seconds) => seconds + 0);
const value = fc.double();
const record = fc.record({
  values: fc.dictionary(tag, value, { minKeys: 1, maxKeys: 8 }),
  step,
  wallTime,
  together: fc.boolean(),
});

test("whatever is logged, in any order: every record fits its checksums and holds what was logged", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 12 }), async (records) => {
      const dir = join(root, String(++runs));
      const writer = new SummaryWriter(dir);
      const expected: [string, number, number, number][] = [];
      for (const { values, step: at, wallTime: time, together } of records) {
        for (const [name, number] of Object.entries(values)) {
          expected.push([name, at, time, Math.fround(number)]);
          if (!together) writer.addScalar(name, number, at, time);
        }
        if (together) writer.addScalars(values, at, time);
      }
      await writer.close();
      const read = readEvents(dir).flatMap((event) =>
        event.values.map((found) => [found.tag, event.step, event.wallTime, found.value]),
      );
      expect(read).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});
