import { describe, expect, test } from "vitest";
import { arrayLoader } from "./array-loader.js";
import { entriesOf } from "./source.js";
import type { LoaderSource } from "../contract/index.js";

function* numbers(): Generator<number> {
  yield 1;
}
async function* later(): AsyncGenerator<number> {
  yield 1;
}
const loader = { batches: () => [1, 2] };

describe("what loaders may be given as", () => {
  test.each([
    { given: [1, 2, 3], names: ["default"], lengths: [3] },
    { given: loader, names: ["default"], lengths: [null] },
    { given: { ...loader, length: 2 }, names: ["default"], lengths: [2] },
    { given: { ...loader, length: Infinity }, names: ["default"], lengths: [Infinity] },
    { given: { a: [1], b: loader }, names: ["a", "b"], lengths: [1, null] },
    { given: { batches: loader }, names: ["batches"], lengths: [null] },
  ])("$names", ({ given, names, lengths }) => {
    const entries = entriesOf(given as LoaderSource<number>, "train");
    expect(entries.map((entry) => entry.name)).toEqual(names);
    expect(entries.map((entry) => entry.length)).toEqual(lengths);
  });
});

describe("what is refused, and what the message helps with", () => {
  const shared = arrayLoader([1, 2], { batchSize: 1 });
  test.each([
    { given: null, says: ["null is not a loader"] },
    { given: undefined, says: ["undefined is not a loader"] },
    { given: 5, says: ["5 is not a loader"] },
    { given: "train.csv", says: ['"train.csv" is not a loader'] },
    { given: numbers, says: ["the function numbers", "{ batches: makeBatches }"] },
    { given: numbers(), says: ["a generator object", "once only", "batches: (pass)"] },
    { given: later(), says: ["an async generator object", "once only"] },
    { given: new Map([["a", [1]]]), says: ["a Map"] },
    { given: Promise.resolve([1]), says: ["a promise", "Await it"] },
    { given: new Float32Array(4), says: ["a Float32Array of 4"] },
    { given: {}, says: ["no loaders"] },
    { given: [], says: ["empty array"] },
    { given: { a: [] }, says: ['"a" is an empty array'] },
    { given: [loader, loader], says: ["array of 2 loaders", "by name"] },
    { given: { a: 3 }, says: ['"a" is 3, not a loader'] },
    { given: { a: { forEachAsync() {} } }, says: ["tfjsLoader"] },
    { given: { a: numbers() }, says: ['"a" is a generator object'] },
    { given: { a: { batchs: () => [] } }, says: ["an object with the key batchs", "batches(pass)"] },
    { given: { ...loader, length: 0 }, says: ["length 0"] },
    { given: { ...loader, length: 2.5 }, says: ["2.5"] },
    { given: { ...loader, length: NaN }, says: ["NaN"] },
    { given: { ...loader, length: -1 }, says: ["-1"] },
    {
      given: { ...loader, state: () => 1 },
      says: ["has state, which is the function", "both, state() and loadState(state), or neither"],
    },
    { given: { ...loader, loadState() {} }, says: ["has loadState"] },
    { given: { ...loader, state: 3, loadState() {} }, says: ["has state, which is 3"] },
    { given: { a: shared, b: shared }, says: ['"a" and "b" are one loader object'] },
  ])("$says", ({ given, says }) => {
    const call = (): unknown => entriesOf(given as unknown as LoaderSource<number>, "train");
    expect(call).toThrow(expect.objectContaining({ code: "ERR_LOADER_DATA" }));
    for (const part of says) expect(call).toThrow(part);
  });

  test("a loader name that backends refuse", () => {
    expect(() => entriesOf({ "a%": [1] }, "train")).toThrow(expect.objectContaining({ code: "ERR_METRIC_NAME" }));
  });

  test("a length that throws keeps the original as cause", () => {
    const cause = new Error("disk gone");
    const broken = {
      batches: () => [1],
      get length(): number {
        throw cause;
      },
    };
    expect(() => entriesOf({ a: broken }, "train")).toThrow(
      expect.objectContaining({ code: "ERR_LOADER", cause, path: "train.a" }),
    );
  });

  test("two names for one array are two loaders: an array keeps no position", () => {
    const array = [1, 2];
    expect(entriesOf({ a: array, b: array }, "train")).toHaveLength(2);
  });
});
