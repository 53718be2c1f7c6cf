import { expect, test } from "vitest";
import { freeName, uniqueNames } from "./unique-names.js";

test.each([
  { names: ["a", "b"], unique: ["a", "b"] },
  { names: ["a", "a", "a"], unique: ["a", "a#2", "a#3"] },
  { names: ["a", "a", "a#2"], unique: ["a", "a#2", "a#2#2"] },
  { names: ["a#2", "a", "a"], unique: ["a#2", "a", "a#3"] },
  { names: ["constructor", "__proto__", "__proto__"], unique: ["constructor", "__proto__", "__proto__#2"] },
])("$names become $unique", ({ names, unique }) => expect(uniqueNames(names)).toEqual(unique));

test("the separator is the caller's", () => {
  expect(uniqueNames(["sgd", "sgd"], "_")).toEqual(["sgd", "sgd_2"]);
  expect(freeName("sgd", new Set(["sgd", "sgd_2"]), "_")).toBe("sgd_3");
});
