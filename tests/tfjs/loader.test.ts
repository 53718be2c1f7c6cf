import { beforeEach, describe, expect, test } from "vitest";
import type { DataLoader } from "../../src/contract/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { tfjsLoader, tfjsModel } from "../../src/tfjs/index.js";
import type { TfjsBatch, TfjsTensor } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, takeAll, tf, useBackend } from "./harness.js";

/** The first column of the inputs of every batch of a pass; disposes them. */
async function rowsOf(loader: DataLoader<TfjsBatch>, pass: number, most = Infinity): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const batch of loader.batches(pass)) {
    const xs = batch.xs as TfjsTensor;
    const width = xs.size / (xs.shape[0] ?? 1);
    rows.push([...xs.dataSync()].filter((_, index) => index % width === 0));
    tf.dispose(batch as never);
    if (rows.length >= most) break;
  }
  return rows;
}

const source = (samples = 10) => ({
  xs: tf.tensor2d(Array.from({ length: samples }, (_, i) => [i, -i])),
  ys: tf.tensor1d(Array.from({ length: samples }, (_, i) => i * 10)),
});

describe.each(BACKENDS)("tfjsLoader on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("batches in order, the last one short or left out", async () => {
    const loader = tfjsLoader(tf, source(), { batchSize: 4 });
    expect(loader.length).toBe(3);
    expect(await rowsOf(loader, 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    const full = tfjsLoader(tf, source(), { batchSize: 4, dropLast: true });
    expect(full.length).toBe(2);
    expect(await rowsOf(full, 0)).toHaveLength(2);
  });

  test("shuffles inputs and targets alike, by seed and pass", async () => {
    const orders = async (seed: number, pass: number) => {
      const loader = tfjsLoader(tf, source(), { batchSize: 3, shuffle: true });
      loader.seed?.(seed);
      for await (const { xs, ys } of loader.batches(pass)) {
        const [first] = (xs as TfjsTensor).dataSync();
        expect((ys as TfjsTensor).dataSync()[0]).toBe((first as number) * 10);
        tf.dispose({ xs, ys } as never);
      }
      return (await rowsOf(loader, pass)).flat();
    };
    const order = await orders(7, 0);
    expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await orders(7, 0)).toEqual(order);
    expect(await orders(7, 1)).not.toEqual(order);
    expect(await orders(8, 0)).not.toEqual(order);
  });

  test("a saved position continues in mid-pass with the next batch", async () => {
    const data = source();
    const make = (seed: number) => {
      const loader = tfjsLoader(tf, data, { batchSize: 3, shuffle: true });
      loader.seed?.(seed);
      return loader;
    };
    const whole = await rowsOf(make(3), 5);
    const stopped = make(3);
    await rowsOf(stopped, 5, 2);
    const resumed = make(99);
    await resumed.loadState?.(JSON.parse(JSON.stringify(stopped.state?.())));
    expect(await rowsOf(resumed, 5)).toEqual(whole.slice(2));
    expect((await rowsOf(resumed, 6)).flat()).toHaveLength(10);
    const other = tfjsLoader(tf, source(4), { batchSize: 3 });
    await other.loadState?.(stopped.state?.() ?? null);
    expect(() => other.batches(5)).toThrow(/samples: 10, shuffle: true; now it has samples: 4, shuffle: false/);
    expect(() => other.loadState?.("x")).toThrow(/"x" is not a position of tfjsLoader/);
  });

  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const dataset = (samples = 10) => tf.data.array(range(samples).map((i) => ({ xs: [i], ys: [i] })));
  test.each([
    { name: "tensors", make: (batchSize: number) => tfjsLoader(tf, source(), { batchSize }) },
    { name: "shuffled tensors", make: (batchSize: number) => tfjsLoader(tf, source(), { batchSize, shuffle: true }) },
    { name: "a dataset", make: (batchSize: number) => tfjsLoader(tf, dataset(), { batchSize }) },
    { name: "a shuffled dataset", make: (batchSize: number) => tfjsLoader(tf, dataset(), { batchSize, shuffle: 4 }) },
  ])("$name: a saved position continues with the next sample, also with another batch size", async ({ make }) => {
    for (const [before, now, stopAt] of [
      [2, 4, 2],
      [4, 2, 1],
      [3, 5, 3],
      [4, 4, 3],
    ] as const) {
      const first = make(before);
      first.seed?.(3);
      const start = await rowsOf(first, 1, stopAt);
      const second = make(now);
      second.seed?.(99);
      await second.loadState?.(JSON.parse(JSON.stringify(first.state?.())));
      const tensors = tf.memory().numTensors;
      const rest = await rowsOf(second, 1);
      expect(tf.memory().numTensors).toBe(tensors);
      const whole = make(10);
      whole.seed?.(3);
      expect([...start, ...rest].flat()).toEqual((await rowsOf(whole, 1)).flat());
    }
  });

  test.each([
    {
      name: "another size",
      now: () => tfjsLoader(tf, dataset(12), { batchSize: 2 }),
      says: /elements: 10.*; now it has elements: 12/,
    },
    {
      name: "shuffled",
      now: () => tfjsLoader(tf, dataset(), { batchSize: 2, shuffle: 3 }),
      says: /shuffle: 0.*; now it has shuffle: 3/,
    },
  ])("a position in a dataset is refused over one of $name", async ({ now, says }) => {
    const first = tfjsLoader(tf, dataset(), { batchSize: 2 });
    await rowsOf(first, 0, 2);
    const second = now();
    await second.loadState?.(first.state?.() ?? null);
    expect(() => second.batches(0)).toThrow(says);
  });

  test("a position behind the end of a dataset that does not know its size is refused", async () => {
    const sizeless = (samples: number) =>
      tfjsLoader(
        tf,
        dataset(samples).filter(() => true),
        { batchSize: 2 },
      );
    const first = sizeless(10);
    await rowsOf(first, 0, 4);
    const second = sizeless(6);
    await second.loadState?.(first.state?.() ?? null);
    await expect(rowsOf(second, 0)).rejects.toThrow(/ended after 6 elements of pass 0, and the saved run had taken 8/);
  });

  test("keeps nothing alive beyond the batch, and leaves the source alone", async () => {
    const data = source();
    const loader = tfjsLoader(tf, data, { batchSize: 3, shuffle: true });
    const before = tf.memory().numTensors;
    for (const batch of loader.batches(0) as Iterable<TfjsBatch>) {
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose(batch as never);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(data.xs.isDisposed).toBe(false);
  });

  test("several tensors by name or in a list", async () => {
    const parts = { xs: { a: tf.zeros([5, 2]), b: tf.ones([5]) }, ys: [tf.zeros([5, 1]), tf.ones([5, 3])] };
    const [batch] = [...(tfjsLoader(tf, parts, { batchSize: 2 }).batches(0) as Iterable<TfjsBatch>)];
    expect((batch?.xs as Record<string, TfjsTensor>)["b"]?.shape).toEqual([2]);
    expect((batch?.ys as TfjsTensor[])[1]?.shape).toEqual([2, 3]);
  });

  test("refuses what has no batches", () => {
    expect(() => tfjsLoader(tf, { xs: tf.zeros([3, 1]), ys: tf.zeros([2]) })).toThrow(/hold 3, 2 samples/);
    expect(() => tfjsLoader(tf, { xs: tf.zeros([3, 1]) } as never)).toThrow(/Found undefined; the source is \{ xs, ys \}/);
    expect(() => tfjsLoader(tf, null as never)).toThrow(/Found null\. Allowed: \{ xs, ys \} of tensors, or a tf\.data\.Dataset/);
    expect(() => tfjsLoader(tf, source(3), { batchSize: 4, dropLast: true })).toThrow(/do not fill one batch/);
  });

  test.each([
    { options: { batchSize: 0 }, path: "tfjsLoader.batchSize", detail: "Found 0. Allowed: an integer of at least 1." },
    { options: { shuffle: 1 }, path: "tfjsLoader.shuffle", detail: "Found 1. Allowed: true or false." },
    {
      options: { batch_size: 8 },
      path: "tfjsLoader.batch_size",
      detail: 'There is no key "batch_size" here.\nNearest: "batchSize".\nAvailable: batchSize, shuffle, dropLast.',
    },
  ])("refuses the options $options", ({ options, path, detail }) => {
    const refused = expect.objectContaining({ code: "ERR_CONFIG", path, detail }) as Error;
    expect(() => tfjsLoader(tf, source(), options as object)).toThrow(refused);
  });

  test("a dataset has options of its own", () => {
    const dataset = tf.data.array([{ xs: [1], ys: [1] }]);
    expect(() => tfjsLoader(tf, dataset, { shuffle: true } as never)).toThrow(/Found true\. Allowed: an integer of at least 1/);
    expect(() => tfjsLoader(tf, dataset, { dropLast: true } as never)).toThrow(/no key "dropLast" here/);
    for (const [key, nearest] of Object.entries({
      batch_size: "batchSize",
      shuffel: "shuffle",
      classWeight: "batchSize, shuffle",
    }))
      expect(() => tfjsLoader(tf, dataset, { [key]: 2 } as never)).toThrow(new RegExp(`no key "${key}" here[^]*${nearest}`));
  });

  test("shuffles as arrayLoader does, for every seed and pass", async () => {
    const samples = Array.from({ length: 10 }, (_, i) => i);
    for (const [seed, pass] of [
      [7, 0],
      [7, 1],
      [8, 0],
    ] as const) {
      const arrays = arrayLoader(samples, { batchSize: 3, shuffle: true });
      const tensors = tfjsLoader(tf, source(), { batchSize: 3, shuffle: true });
      arrays.seed?.(seed);
      tensors.seed?.(seed);
      const order = [...(arrays.batches(pass) as Iterable<number[]>)];
      expect(order.flat()).not.toEqual(samples);
      expect(await rowsOf(tensors, pass)).toEqual(order);
    }
  });

  test("a tf.data.Dataset, batched here or before, shuffled by seed and pass", async () => {
    const dataset = tf.data.array(Array.from({ length: 7 }, (_, i) => ({ xs: [i, 0], ys: [i] })));
    const loader = tfjsLoader(tf, dataset, { batchSize: 3 });
    expect(loader.length).toBe(3);
    expect(loader.replays).toBe(true);
    expect(await rowsOf(loader, 0)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await rowsOf(loader, 1)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await rowsOf(tfjsLoader(tf, dataset.batch(4)), 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
    expect(tfjsLoader(tf, dataset.batch(4)).length).toBe(2);
    const shuffled = async (seed: number, pass: number) => {
      const made = tfjsLoader(tf, dataset, { batchSize: 7, shuffle: 7 });
      made.seed?.(seed);
      return (await rowsOf(made, pass)).flat().join();
    };
    expect(await shuffled(1, 0)).toBe(await shuffled(1, 0));
    expect(new Set(await Promise.all([0, 1, 2, 3].map(async (pass) => shuffled(1, pass)))).size).toBeGreaterThan(1);
    expect(
      tfjsLoader(
        tf,
        tf.data.generator(function* endless() {
          while (true) yield { xs: [1], ys: [1] };
        }),
      ).length,
    ).toBeUndefined();
  });

  test.each(["tensors", "dataset", "array"] as const)("a model learns from %s, at constant memory", async (kind) => {
    const xs = tf.tensor2d(Array.from({ length: 30 }, (_, i) => [i / 15 - 1]));
    const ys = xs.mul(3).add(1) as typeof xs;
    const samples = Array.from({ length: 30 }, (_, i) => ({ x: i / 15 - 1, y: (i / 15 - 1) * 3 + 1 }));
    const loaders: Record<typeof kind, () => DataLoader<TfjsBatch>> = {
      tensors: () => tfjsLoader(tf, { xs, ys }, { batchSize: 8, shuffle: true }),
      dataset: () => tfjsLoader(tf, tf.data.array(samples.map(({ x, y }) => ({ xs: [x], ys: [y] }))), { batchSize: 8 }),
      array: () =>
        arrayLoader(samples, {
          batchSize: 8,
          shuffle: true,
          collate: (chosen) => ({ xs: tf.tensor2d(chosen.map(({ x }) => [x])), ys: tf.tensor2d(chosen.map(({ y }) => [y])) }),
        }),
    };
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const { model } = tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0.2), loss: "meanSquaredError" });
    const loader = loaders[kind]();
    const counts = new Set<number>();
    let step = 0;
    for (let pass = 0; pass < 30; pass++) {
      for await (const batch of loader.batches(pass)) await takeAll(await model.trainStep(batch, contextOf(++step)));
      counts.add(tf.memory().numTensors);
    }
    const [slope, intercept] = net.getWeights().map((weight) => weight.dataSync()[0]);
    expect(slope).toBeCloseTo(3, 1);
    expect(intercept).toBeCloseTo(1, 1);
    expect([...counts]).toHaveLength(1);
  });
});
