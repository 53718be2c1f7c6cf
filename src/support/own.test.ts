import { expect, test } from "vitest";
import { ownValue, setOwn } from "./own.js";

const INHERITED = ["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "__proto__", "__defineGetter__"];

test.each(INHERITED)("%s is a key like every other", (key) => {
  const record: Record<string, number> = {};
  expect(ownValue(record, key)).toBeUndefined();
  setOwn(record, key, 1);
  setOwn(record, key, 2);
  expect(ownValue(record, key)).toBe(2);
  expect(JSON.stringify(record)).toBe(`{${JSON.stringify(key)}:2}`);
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
});
