import { expect, test } from "vitest";
import { valueText } from "./value-text.js";

class Adam {}
const unreadable = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new TypeError("no");
    },
  },
);

test.each([
  [undefined, "undefined"],
  [null, "null"],
  [0.5, "0.5"],
  [-0, "0"],
  [true, "true"],
  [7n, "7n"],
  [Symbol("s"), "Symbol(s)"],
  ["a\nb", '"a\\nb"'],
  [[1, 2, 3], "a list of 3"],
  [new Float32Array(10), "a Float32Array of 10"],
  [new DataView(new ArrayBuffer(1)), "a DataView"],
  [Promise.resolve(), "a promise"],
  [{ a: 1, b: "secret" }, "an object with the keys a, b"],
  [{ a: 1 }, "an object with the key a"],
  [{}, "an object without keys"],
  [Object.create(null), "an object without keys"],
  [Adam, "the class Adam"],
  [new Adam(), "an Adam"],
  [parseInt, "the function parseInt"],
  [() => 1, "a function without a name"],
  [(function* () {})(), "a generator object"],
  [(async function* () {})(), "an async generator object"],
])("%#: %s", (value, text) => expect(valueText(value)).toBe(text));

test("an object that cannot be read is told too", () => {
  expect(valueText(unreadable)).toBe("an object that cannot be read");
  const nameless = Object.defineProperty(() => 1, "name", { value: Symbol("x") });
  expect(valueText(nameless)).toBe("a function that cannot be read");
});

test("is cut at 80 characters", () => {
  const keys = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, i]));
  for (const value of ["x".repeat(1000), keys]) {
    expect(valueText(value)).toHaveLength(80);
    expect(valueText(value)).toMatch(/…$/);
  }
});
