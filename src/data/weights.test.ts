import { describe, expect, test } from "vitest";
import { entriesOf } from "./source.js";
import { weightsOf } from "./weights.js";

type Weights = readonly number[] | Readonly<Record<string, number>>;

const entries = (...names: string[]) => entriesOf<number>(Object.fromEntries(names.map((name) => [name, [1]])), "train");

describe("weights", () => {
  test.each([
    { given: undefined, names: ["a", "b"], weights: [1, 1] },
    { given: [0.7, 0.3], names: ["a", "b"], weights: [0.7, 0.3] },
    { given: { b: 3, a: 1 }, names: ["a", "b"], weights: [1, 3] },
    { given: { "1": 3, "0": 1 }, names: ["0", "1"], weights: [1, 3] },
    { given: [2], names: ["7"], weights: [2] },
    { given: [0, 1], names: ["a", "b"], weights: [0, 1] },
  ])("$given for $names", ({ given, names, weights }) => {
    expect(weightsOf(given as Weights | undefined, entries(...names))).toEqual(weights);
  });

  test.each([
    { given: [0.7, 0.3], names: ["a", "b", "c"], says: "2 weights for 3 loaders: a, b, c" },
    { given: [1, 1], names: ["a"], says: "2 weights for 1 loader: a" },
    { given: { a: 1 }, names: ["a", "b"], says: "No weight for b" },
    { given: { digits: 1, augmentd: 2 }, names: ["digits", "augmented"], says: 'Nearest: "augmented"' },
    { given: [1, 2], names: ["1", "0"], says: "looks like a number" },
  ])("$says", ({ given, names, says }) => {
    const call = (): unknown => weightsOf(given as Weights, entries(...names));
    expect(call).toThrow(says);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_LOADER_DATA", path: "trainLoaderConfig.dataloaderWeights" }));
  });
});
