import { expect, test } from "vitest";
import { exactJsonNumber, jsonNumber } from "./json-number.js";

const VALUES = [0, -0, 1.5, -1e308, 5e-324, Number.NaN, Infinity, -Infinity];

test("every value survives JSON to the bit", () => {
  const read = VALUES.map((value) => Number(JSON.parse(JSON.stringify(exactJsonNumber(value)))));
  expect(read.every((value, i) => Object.is(value, VALUES[i]))).toBe(true);
});

test("for people -0 stays a number", () => {
  expect(VALUES.map(jsonNumber)).toEqual([0, -0, 1.5, -1e308, 5e-324, "NaN", "Infinity", "-Infinity"]);
});
