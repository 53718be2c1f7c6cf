import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { arrayLoader } from "./array-loader.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const collect = <T>(source: Iterable<T> | AsyncIterable<T>): T[] => [...(source as Iterable<T>)];

describe("arrayLoader", () => {
  test.each([
    { samples: 7, options: { batchSize: 3 }, batches: [[0, 1, 2], [3, 4, 5], [6]] },
    {
      samples: 7,
      options: { batchSize: 3, dropLast: true },
      batches: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    },
    {
      samples: 6,
      options: { batchSize: 3 },
      batches: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    },
    { samples: 2, options: { batchSize: 5 }, batches: [[0, 1]] },
  ])("$samples samples, $options", ({ samples, options, batches }) => {
    const loader = arrayLoader(range(samples), options);
    expect(collect(loader.batches(0))).toEqual(batches);
    expect(loader.length).toBe(batches.length);
  });

  test("collate makes the batch", () => {
    const loader = arrayLoader(range(4), { batchSize: 2, collate: (samples) => samples.reduce((a, b) => a + b) });
    expect(collect(loader.batches(0))).toEqual([1, 5]);
  });

  test("a shuffled pass has every sample once; passes and seeds differ; the array stays as it was", () => {
    const samples = range(50);
    const loader = arrayLoader(samples, { batchSize: 8, shuffle: true });
    loader.seed?.(3);
    const pass = (n: number): number[] => collect(loader.batches(n)).flat();
    expect([...pass(0)].sort((a, b) => a - b)).toEqual(range(50));
    expect(pass(0)).toEqual(pass(0));
    expect(pass(0)).not.toEqual(pass(1));
    const before = pass(0);
    loader.seed?.(4);
    expect(pass(0)).not.toEqual(before);
    expect(samples).toEqual(range(50));
  });

  test("resumes at any batch of any pass with exactly what was left", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(50),
        fc.nat(3),
        fc.boolean(),
        (count, batchSize, stop, pass, shuffle) => {
          const make = () => arrayLoader(range(count), { batchSize, shuffle });
          const first = make();
          first.seed?.(11);
          const iterator = (first.batches(pass) as Iterable<number[]>)[Symbol.iterator]();
          for (let i = 0; i < Math.min(stop, first.length ?? 0); i++) iterator.next();
          const saved = first.state?.() ?? null;
          const rest: number[][] = [];
          for (let next = iterator.next(); next.done !== true; next = iterator.next()) rest.push(next.value);

          const second = make();
          second.seed?.(12); // the pass under way keeps the seed it began with
          void second.loadState?.(saved);
          expect(second.state?.()).toEqual(saved);
          expect(stop > 0 ? collect(second.batches(pass)) : rest).toEqual(rest); // before the first batch nothing is saved
          const fresh = make();
          fresh.seed?.(12);
          expect(collect(second.batches(pass + 1))).toEqual(collect(fresh.batches(pass + 1)));
        },
      ),
    );
  });

  test.each([
    { samples: [], options: { batchSize: 1 }, says: "empty" },
    { samples: [1, 2], options: { batchSize: 3, dropLast: true }, says: "do not fill one batch" },
    { samples: "no", options: { batchSize: 1 }, says: 'array of samples; it was given "no"' },
  ])("refuses: $says", ({ samples, options, says }) => {
    const call = (): unknown => arrayLoader(samples as number[], options);
    expect(call).toThrow(says);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_LOADER_DATA" }));
  });

  test.each<{ options: unknown; path: string; says: string }>([
    { options: { batchSize: 0 }, path: "arrayLoader.batchSize", says: "Found 0. Allowed: an integer of at least 1." },
    { options: { batchSize: 1.5 }, path: "arrayLoader.batchSize", says: "Found 1.5. Allowed: an integer of at least 1." },
    { options: undefined, path: "arrayLoader.batchSize", says: "Nothing is given." },
    { options: { batchsize: 3, batchSize: 1 }, path: "arrayLoader.batchsize", says: 'Nearest: "batchSize"' },
    { options: { batch_size: 3, batchSize: 1 }, path: "arrayLoader.batch_size", says: 'Nearest: "batchSize"' },
    { options: { batchSize: 1, shuffel: true }, path: "arrayLoader.shuffel", says: 'Nearest: "shuffle"' },
    { options: { batchSize: 1, drop_last: true }, path: "arrayLoader.drop_last", says: 'Nearest: "dropLast"' },
    {
      options: { batchSize: 1, classWeight: [1, 2] },
      path: "arrayLoader.classWeight",
      says: "tfjsModel(tf, { model, classWeight: { 0: 1, 1: 5 } })",
    },
    { options: { batchSize: 1, constructor: 3 }, path: "arrayLoader.constructor", says: "batchSize, shuffle, dropLast, collate" },
    { options: 32, path: "arrayLoader", says: "Found 32." },
    { options: { batchSize: "32" }, path: "arrayLoader.batchSize", says: 'Found "32".' },
    { options: { batchSize: 1, shuffle: 1000 }, path: "arrayLoader.shuffle", says: "Found 1000. Allowed: true, false." },
    { options: { batchSize: 1, collate: "stack" }, path: "arrayLoader.collate", says: "Allowed: a function." },
  ])("refuses the options $options", ({ options, path, says }) => {
    const call = (): unknown => arrayLoader([1], options as never);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
    expect(call).toThrow(says);
  });

  test("a pass saved over other samples is refused; a new pass over them is not", () => {
    const first = arrayLoader(range(10), { batchSize: 2 });
    (first.batches(0) as Iterable<number[]>)[Symbol.iterator]().next();
    const saved = first.state?.() ?? null;
    const grown = arrayLoader(range(12), { batchSize: 2 });
    void grown.loadState?.(saved);
    expect(() => grown.batches(0)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
    void grown.loadState?.(saved);
    expect(collect(grown.batches(1))).toHaveLength(6);
  });

  test.each([3, "x", { pass: 1 }, { pass: 0, taken: 1, seed: "a", samples: 2 }])(
    "a state that is not one is refused: %j",
    (state) => {
      expect(() => arrayLoader([1], { batchSize: 1 }).loadState?.(state)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
    },
  );
});
