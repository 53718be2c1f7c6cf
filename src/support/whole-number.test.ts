import { expect, test } from "vitest";
import { requireWholeNumber } from "./whole-number.js";

test.each([
  { value: 0, least: 0 },
  { value: 1, least: 1 },
  { value: Number.MAX_SAFE_INTEGER, least: 1 },
])("$value is at least $least", ({ value, least }) => expect(requireWholeNumber(value, least, "n")).toBe(value));

test.each([
  { value: 0, least: 1, found: "0" },
  { value: -1, least: 0, found: "-1" },
  { value: 1.5, least: 1, found: "1.5" },
  { value: Number.NaN, least: 0, found: "NaN" },
  { value: Infinity, least: 0, found: "Infinity" },
  { value: "3", least: 1, found: '"3"' },
  { value: undefined, least: 1, found: "undefined" },
])("$value is no whole number of at least $least", ({ value, least, found }) => {
  expect(() => requireWholeNumber(value, least, "every(n, hook)", "some.place")).toThrow(
    expect.objectContaining({
      code: "ERR_CONFIG",
      path: "some.place",
      detail: `every(n, hook) takes a whole number of at least ${least}; found ${found}.`,
    }) as Error,
  );
});

test("without a place", () => {
  expect(() => requireWholeNumber(-2, 1, "keepBest(count)")).toThrow(
    expect.objectContaining({ path: undefined, message: expect.stringContaining("keepBest(count) takes") as unknown }) as Error,
  );
});
