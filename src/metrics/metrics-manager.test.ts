import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { AggregationStrategy, StepResult } from "../contract/index.js";
import { MetricsManager } from "./metrics-manager.js";

const LOADERS = ["a", "b"];

interface Row {
  loader: 0 | 1;
  loss: number;
  batchSize: number;
  metrics?: Record<string, number>;
}

/** Short last batches, a metric that some batches lack. */
const TABLE: readonly Row[] = [
  { loader: 0, loss: 1, batchSize: 4, metrics: { accuracy: 0.5 } },
  { loader: 0, loss: 2, batchSize: 4 },
  { loader: 1, loss: 4, batchSize: 2, metrics: { accuracy: 1 } },
  { loader: 0, loss: 4, batchSize: 1, metrics: { accuracy: 0 } },
];

function filled(rows: readonly Row[], config = {}, expectedProportions: readonly number[] | null = null): MetricsManager {
  const manager = new MetricsManager({ loaders: LOADERS, config, expectedProportions });
  rows.forEach(({ loader, ...result }, i) => void manager.update(loader, result, i + 1, i));
  void manager.drain();
  return manager;
}

describe("values worked out by hand", () => {
  test.each<{ rule: AggregationStrategy; a: object; b: object; all: object }>([
    {
      rule: "weightedAverage",
      a: { loss: 16 / 9, accuracy: 2 / 5 },
      b: { loss: 4, accuracy: 1 },
      all: { loss: 24 / 11, accuracy: 4 / 7 },
    },
    {
      rule: "simpleAverage",
      a: { loss: 7 / 3, accuracy: 0.25 },
      b: { loss: 4, accuracy: 1 },
      all: { loss: 11 / 4, accuracy: 0.5 },
    },
    { rule: "sum", a: { loss: 7, accuracy: 0.5 }, b: { loss: 4, accuracy: 1 }, all: { loss: 11, accuracy: 1.5 } },
    { rule: "max", a: { loss: 4, accuracy: 0.5 }, b: { loss: 4, accuracy: 1 }, all: { loss: 4, accuracy: 1 } },
    { rule: "min", a: { loss: 1, accuracy: 0 }, b: { loss: 4, accuracy: 1 }, all: { loss: 1, accuracy: 0 } },
  ])("$rule", ({ rule, a, b, all }) => {
    const { global, perLoader } = filled(TABLE, { aggregationStrategy: rule }).compute();
    expect(perLoader).toEqual({ a, b });
    expect(global).toEqual(all);
  });

  test.each<AggregationStrategy>(["weightedAverage", "simpleAverage", "sum", "max", "min"])(
    "%s as the rule of one metric beside another default",
    (rule) => {
      const other = rule === "sum" ? "max" : "sum";
      const { global } = filled(TABLE, { aggregationStrategy: other, perMetric: { accuracy: rule } }).compute();
      expect(global["accuracy"]).toBe(filled(TABLE, { aggregationStrategy: rule }).compute().global["accuracy"]);
      expect(global["loss"]).toBe(filled(TABLE, { aggregationStrategy: other }).compute().global["loss"]);
    },
  );

  test("a metric that no batch of a loader has is not there, rather than 0 or NaN", () => {
    const { global, perLoader } = filled([
      { loader: 0, loss: 1, batchSize: 1, metrics: { f1: 2 } },
      { loader: 1, loss: 3, batchSize: 1 },
    ]).compute();
    expect(perLoader).toEqual({ a: { loss: 1, f1: 2 }, b: { loss: 3 } });
    expect(global).toEqual({ loss: 2, f1: 2 });
  });

  test.each([
    { losses: [1, NaN, 2], average: NaN, max: NaN, min: NaN },
    { losses: [1, Infinity], average: Infinity, max: Infinity, min: 1 },
    { losses: [1, -Infinity], average: -Infinity, max: 1, min: -Infinity },
    { losses: [Infinity, -Infinity], average: NaN, max: Infinity, min: -Infinity },
  ])("$losses: nothing is dropped", ({ losses, average, max, min }) => {
    const rows = losses.map((loss): Row => ({ loader: 0, loss, batchSize: 2 }));
    expect(filled(rows).compute().global["loss"]).toBe(average);
    expect(filled(rows, { aggregationStrategy: "max" }).compute().global["loss"]).toBe(max);
    expect(filled(rows, { aggregationStrategy: "min" }).compute().global["loss"]).toBe(min);
  });

  test("proportions and divergence", () => {
    expect(filled(TABLE, {}, [0.7, 0.3]).compute().proportions).toEqual({
      a: { batches: 0.75, divergence: expect.closeTo(0.05, 12) as number },
      b: { batches: 0.25, divergence: expect.closeTo(0.05, 12) as number },
    });
    expect(filled(TABLE).compute().proportions["a"]).toEqual({ batches: 0.75, divergence: null });
    expect(filled([], {}, [0.7, 0.3]).compute().proportions["a"]).toEqual({ batches: 0, divergence: null });
  });

  test("an empty stretch has no values", () => {
    expect(filled([]).compute()).toMatchObject({ global: {}, perLoader: { a: {}, b: {} } });
  });

  test("after reset nothing of before is left", () => {
    const manager = filled(TABLE);
    manager.reset();
    expect(manager.compute().global).toEqual({});
    void manager.update(1, { loss: 5, batchSize: 1 }, 9, 9);
    expect(manager.compute()).toMatchObject({ global: { loss: 5 }, perLoader: { a: {}, b: { loss: 5 } } });
  });

  test("names that are also names of Object's methods", () => {
    const { global } = filled([
      { loader: 0, loss: 1, batchSize: 1, metrics: { constructor: 2, toString: 3 } as never },
    ]).compute();
    expect(Object.entries(global)).toEqual([
      ["loss", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
  });
});

describe("merge and saved state", () => {
  test.each<AggregationStrategy>(["weightedAverage", "simpleAverage", "sum", "max", "min"])(
    "%s: two stretches merged are the whole",
    (aggregationStrategy) => {
      for (let cut = 0; cut <= TABLE.length; cut++) {
        const merged = filled(TABLE.slice(0, cut), { aggregationStrategy });
        merged.merge(filled(TABLE.slice(cut), { aggregationStrategy }));
        expect(merged.compute()).toEqual(filled(TABLE, { aggregationStrategy }).compute());
      }
    },
  );

  test("merging what are no metrics is refused", () => {
    for (const other of [undefined, {}, { global: { loss: 1 } }])
      expect(() => filled(TABLE).merge(other as never)).toThrow(/no MetricsManager that could be merged/);
  });

  test("merging metrics of other loaders is refused", () => {
    const other = new MetricsManager({ loaders: ["x"] });
    expect(() => filled(TABLE).merge(other)).toThrow(/x cannot be merged into those of a, b/);
  });

  test("continuing from a saved state gives the same bits at any cut", () => {
    const rows = fc.array(
      fc.record({
        loader: fc.constantFrom(0 as const, 1 as const),
        loss: fc.double(),
        batchSize: fc.integer({ min: 1, max: 64 }),
        metrics: fc.dictionary(fc.constantFrom("x", "y"), fc.double()),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        rows,
        fc.nat(20),
        fc.constantFrom<AggregationStrategy>("weightedAverage", "simpleAverage", "sum", "max", "min"),
        (table, cut, aggregationStrategy) => {
          const first = filled(table.slice(0, cut), { aggregationStrategy });
          const resumed = filled(TABLE, { aggregationStrategy }); // whatever was there is replaced
          resumed.loadState(structuredClone(first.state()));
          table.slice(cut).forEach(({ loader, ...result }, i) => void resumed.update(loader, result, i, i));
          const whole = filled(table, { aggregationStrategy }).compute();
          expect(resumed.compute().global).toEqual(whole.global);
          expect(resumed.compute().perLoader).toEqual(whole.perLoader);
        },
      ),
    );
  });

  test.each([null, {}, { loaders: ["x"] }])("a state that is not one: %j", (state) => {
    expect(() => filled([]).loadState(state as never)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
  });

  test("a state of other loaders is refused with both lists", () => {
    const other = new MetricsManager({ loaders: ["x"] });
    expect(() => other.loadState(filled(TABLE).state())).toThrow(/a, b; now there are x/);
  });
});

describe("results that are not step results", () => {
  const cases: { name: string; result: unknown; says: string }[] = [
    { name: "nothing", result: undefined, says: "returned undefined" },
    { name: "a number", result: 0.3, says: "returned 0.3" },
    { name: "a promise", result: Promise.resolve({}), says: "a promise" },
    { name: "no loss", result: { batchSize: 1, lss: 2 }, says: "there is no loss; found the keys batchSize, lss" },
    { name: "no batchSize", result: { loss: 1 }, says: "batchSize is undefined" },
    { name: "batchSize 0", result: { loss: 1, batchSize: 0 }, says: "batchSize is 0" },
    { name: "batchSize NaN", result: { loss: 1, batchSize: NaN }, says: "batchSize is NaN" },
    { name: "batchSize Infinity", result: { loss: 1, batchSize: Infinity }, says: "batchSize is Infinity" },
    { name: "loss as text", result: { loss: "0.3", batchSize: 1 }, says: 'loss is "0.3"' },
    { name: "loss null", result: { loss: null, batchSize: 1 }, says: "loss is null" },
    { name: "loss without dispose", result: { loss: { read: () => 1 }, batchSize: 1 }, says: "an object with the key read" },
    { name: "a metric undefined", result: { loss: 1, batchSize: 1, metrics: { f1: undefined } }, says: "f1 is undefined" },
    { name: "a metric of big integer", result: { loss: 1, batchSize: 1, metrics: { f1: 3n } }, says: "f1 is 3n" },
    { name: "metrics null", result: { loss: 1, batchSize: 1, metrics: null }, says: "metrics is null" },
    { name: "metrics as a map", result: { loss: 1, batchSize: 1, metrics: new Map() }, says: "metrics is a Map" },
    { name: "metrics as an empty array", result: { loss: 1, batchSize: 1, metrics: [] }, says: "metrics is a list of 0" },
    {
      name: "metrics as a promise",
      result: { loss: 1, batchSize: 1, metrics: Promise.resolve({}) },
      says: "metrics is a promise",
    },
    { name: "tokens NaN", result: { loss: 1, batchSize: 1, tokens: NaN }, says: "tokens is NaN" },
    { name: "tokens as text", result: { loss: 1, batchSize: 1, tokens: "5" }, says: 'tokens is "5"' },
    { name: "updated as text", result: { loss: 1, batchSize: 1, updated: "no" }, says: 'updated is "no"' },
    { name: "timings null", result: { loss: 1, batchSize: 1, timings: null }, says: "timings is null" },
    { name: "a timing NaN", result: { loss: 1, batchSize: 1, timings: { forwardSeconds: NaN } }, says: "forwardSeconds is NaN" },
    {
      name: "a timing as text",
      result: { loss: 1, batchSize: 1, timings: { backwardSeconds: "1" } },
      says: 'backwardSeconds is "1"',
    },
    {
      name: "a misspelt timing",
      result: { loss: 1, batchSize: 1, timings: { forwardSecond: 1 } },
      says: 'Nearest: "forwardSeconds"',
    },
    { name: "metrics as an array", result: { loss: 1, batchSize: 1, metrics: [1] }, says: "metrics is a list of 1" },
    { name: "loss twice", result: { loss: 1, batchSize: 1, metrics: { loss: 1 } }, says: 'metrics has a "loss"' },
  ];
  test.each(cases)("$name", ({ result, says }) => {
    for (const before of [undefined, { loss: 1, batchSize: 1 }, { loss: 1, batchSize: 1, metrics: { f1: 1 } }]) {
      const manager = filled([]);
      if (before !== undefined) void manager.update(1, before, 1, 0);
      const values = manager.compute();
      const call = (): unknown => manager.update(1, result as StepResult, 12, 11);
      expect(call).toThrow(expect.objectContaining({ code: "ERR_STEP_RESULT", path: "step 12, loader b" }));
      expect(call).toThrow(says);
      expect(manager.compute()).toEqual(values);
    }
  });

  test.each<{ name: string; more: object; says: string }>([
    { name: "an unknown key", more: { metric: { f1: 1 } }, says: 'it has the key "metric". Nearest: "metrics"' },
    { name: "a key in another language's spelling", more: { batch_size: 4 }, says: 'Nearest: "batchSize"' },
  ])("$name is refused with the first step of its metrics", ({ more, says }) => {
    const manager = filled([]);
    const call = (): unknown => manager.update(0, { loss: 1, batchSize: 1, ...more }, 12, 11);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_STEP_RESULT", detail: expect.stringContaining(says) }));
  });

  test("a name that backends refuse", () => {
    expect(() => filled([]).update(0, { loss: 1, batchSize: 1, metrics: { "f1%": 1 } }, 1, 0)).toThrow(
      expect.objectContaining({ code: "ERR_METRIC_NAME" }),
    );
  });

  test("a loader that is not there", () => {
    expect(() => filled([]).update(2, { loss: 1, batchSize: 1 }, 1, 0)).toThrow(/no loader 2: a, b/);
  });

  test.each([
    { options: { loaders: [] }, path: "loaders", says: 'for example ["default"]' },
    { options: {}, path: "loaders", says: "Nothing is given." },
    { options: { loaders: ["a"], maxPendingScalars: 0 }, path: "maxPendingScalars", says: "an integer of at least 1" },
    {
      options: { loaders: ["a"], config: { perMetric: { f1: "mean" } } },
      path: "config.perMetric.f1",
      says: '"weightedAverage"',
    },
    { options: { loaders: ["a"], config: { aggregation: "sum" } }, path: "config.aggregation", says: "aggregationStrategy" },
    { options: { loaders: ["a", "a"] }, path: "loaders", says: "a name of its own" },
    { options: { loaders: ["a", "b"], expectedProportions: [1] }, path: "expectedProportions", says: "each of the 2 loaders" },
    { options: { loaders: ["a"], expectedProportions: [-1] }, path: "expectedProportions[0]", says: "Found -1." },
    { options: { loaders: ["a"], expectedProportion: [1] }, path: "expectedProportion", says: 'Nearest: "expectedProportions"' },
  ])("refuses the options $options", ({ options, path, says }) => {
    const call = (): unknown => new MetricsManager(options as never);
    expect(call).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: `MetricsManager.${path}` }));
    expect(call).toThrow(says);
  });
});

describe("the view and the last values", () => {
  test("one object for steps of one shape; enumerable; always the last step", () => {
    const manager = filled([]);
    void manager.update(0, { loss: 1, batchSize: 1, metrics: { f1: 0.5 } }, 1, 0);
    const view = manager.view();
    expect({ ...view }).toEqual({ loss: 1, f1: 0.5 });
    expect(Object.keys(view)).toEqual(["loss", "f1"]);
    void manager.update(1, { loss: 2, batchSize: 1, metrics: { f1: 0.75 } }, 2, 1);
    expect(manager.view()).toBe(view);
    expect({ ...view }).toEqual({ loss: 2, f1: 0.75 });
    void manager.update(1, { loss: 3, batchSize: 1 }, 3, 2);
    expect({ ...manager.view() }).toEqual({ loss: 3 });
    expect(manager.lastValues()).toEqual({ loss: 3 });
  });

  test("keys in another order are the same metrics", () => {
    const manager = filled([]);
    void manager.update(0, { loss: 1, batchSize: 1, metrics: { x: 1, y: 2 } }, 1, 0);
    void manager.update(0, { loss: 1, batchSize: 1, metrics: { y: 4, x: 3 } }, 2, 1);
    void manager.update(0, { loss: 1, batchSize: 1, metrics: { x: 5 } }, 3, 2);
    expect(manager.compute().global).toEqual({ loss: 1, x: 3, y: 3 });
  });

  test("many metrics, more than there was room for", () => {
    const names = Array.from({ length: 40 }, (_, i) => `m${i}`);
    const manager = filled([]);
    void manager.update(1, { loss: 1, batchSize: 1 }, 1, 0);
    void manager.update(1, { loss: 1, batchSize: 2, metrics: Object.fromEntries(names.map((name, i) => [name, i])) }, 2, 1);
    expect(manager.compute().perLoader["b"]).toEqual({ loss: 1, ...Object.fromEntries(names.map((name, i) => [name, i])) });
  });

  test("the first value that is not finite is reported once", () => {
    const manager = filled([]);
    void manager.update(0, { loss: 1, batchSize: 1 }, 1, 0);
    expect(manager.consumeNonFinite()).toBeNull();
    void manager.update(1, { loss: 1, batchSize: 1, metrics: { f1: -Infinity } }, 2, 5);
    void manager.update(0, { loss: NaN, batchSize: 1 }, 3, 6);
    expect(manager.consumeNonFinite()).toEqual({ metric: "f1", value: -Infinity, step: 2, batch: 5, loaderName: "b" });
    expect(manager.consumeNonFinite()).toBeNull();
  });
});

test("loaders and metrics may have any name", () => {
  const names = ["constructor", "valueOf", "toString"];
  const manager = new MetricsManager({
    loaders: names,
    config: { perMetric: Object.fromEntries([["valueOf", "max" as const]]) },
  });
  expect(manager.view()["constructor"]).toBeUndefined();
  names.forEach((_, i) => void manager.update(i, { loss: i, batchSize: 1, metrics: { constructor: i, valueOf: i } }, i + 1, i));
  expect(manager.view()["toString"]).toBeUndefined();
  expect(manager.view()["constructor"]).toBe(2);
  const { global, perLoader, proportions } = manager.compute();
  expect({ ...global }).toEqual({ loss: 1, constructor: 1, valueOf: 2 });
  expect(Object.keys(perLoader)).toEqual(names);
  expect(names.map((name) => perLoader[name]?.["loss"])).toEqual([0, 1, 2]);
  expect(names.map((name) => proportions[name]?.batches)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  expect([perLoader["hasOwnProperty"], perLoader["constructor"]?.["toString"], proportions["hasOwnProperty"]]).toEqual(
    Array(3).fill(undefined),
  );
});

describe("names without end", () => {
  test("the first 10,000 are kept; the values of others are left out and counted, and one warning says so", () => {
    const warnings: string[] = [];
    const metrics = new MetricsManager({ loaders: ["default"], onWarning: (message) => warnings.push(message) });
    for (let step = 1; step <= 10_100; step++) {
      void metrics.update(0, { loss: 1, batchSize: 1, metrics: { [`sample ${step}`]: step } }, step, step);
      expect(metrics.view()[`sample ${step}`]).toBe(step);
    }
    const { global } = metrics.compute();
    expect(Object.keys(global)).toHaveLength(10_000);
    expect(global).toMatchObject({ loss: 1, "sample 9999": 9999 });
    expect(metrics.leftOut).toBe(101);
    expect(warnings).toEqual([expect.stringMatching(/more than 10000 metric names; "sample 10000" and further ones/)]);
    void metrics.update(0, { loss: 3, batchSize: 10_100, metrics: { "sample 1": 4 } }, 1, 1);
    expect(metrics.compute().global["loss"]).toBe(2);
  });
});

test("a loader's name that no series could have is refused", () => {
  for (const name of ["__proto__", "x".repeat(81), "a//b"])
    expect(() => new MetricsManager({ loaders: ["train", name] })).toThrow(/MetricsManager\.loaders\[1\][^]*The loader name/);
});
