import { expect, test } from "vitest";
import { UniqueNames, freeName, uniqueNames } from "./unique-names.js";

test.each([
  [
    ["a", "b"],
    ["a", "b"],
  ],
  [
    ["a", "a", "a#2"],
    ["a", "a#2", "a#2#2"],
  ],
  [
    ["a", "a", "a"],
    ["a", "a#2", "a#3"],
  ],
  [
    ["a#2", "a", "a", "a"],
    ["a#2", "a", "a#3", "a#4"],
  ],
  [
    ["a", "a#2", "a", "a#2"],
    ["a", "a#2", "a#3", "a#2#2"],
  ],
  [
    ["constructor", "constructor", "__proto__", "__proto__"],
    ["constructor", "constructor#2", "__proto__", "__proto__#2"],
  ],
  [
    ["", ""],
    ["", "#2"],
  ],
])("%j become %j", (names, expected) => {
  expect(uniqueNames(names)).toEqual(expected);
  const taken = new Set<string>();
  for (const [i, name] of names.entries()) {
    const free = freeName(name, taken);
    expect(free).toBe(expected[i]); // one rule, with and without the memory of numbers
    taken.add(free);
  }
});

test("a name that was given back is taken again, also one with a number", () => {
  const names = new UniqueNames();
  for (let i = 0; i < 3; i++) names.take("a");
  names.release("a#2");
  expect([names.take("a"), names.take("a")]).toEqual(["a#2", "a#4"]);
  names.release("a");
  expect(names.take("a")).toBe("a");
});

test("100,000 names that are alike are made without trying every number again", () => {
  expect(uniqueNames(Array<string>(100_000).fill("hook")).at(-1)).toBe("hook#100000");
});

test("the separator is the caller's", () => {
  expect(uniqueNames(["sgd", "sgd"], "_")).toEqual(["sgd", "sgd_2"]);
  expect(freeName("sgd", new Set(["sgd", "sgd_2"]), "_")).toBe("sgd_3");
});
