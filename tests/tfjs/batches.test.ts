import { beforeEach, describe, expect, test } from "vitest";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, takeAll, tf, useBackend } from "./harness.js";

const SPARSE = "sparseCategoricalCrossentropy";

function trained(loss = "meanSquaredError", units = 1) {
  const net = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [4] })] });
  return tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0.1), loss }).model;
}

/** Two inputs `left` [4] and `right` [1], one output `score`. */
function joined() {
  const left = tf.input({ shape: [4], name: "left" });
  const right = tf.input({ shape: [1], name: "right" });
  const both = tf.layers.concatenate().apply([left, right]) as typeof left;
  const score = tf.layers.dense({ units: 1, name: "score" }).apply(both) as typeof left;
  return tfjsModel(tf, { model: tf.model({ inputs: [left, right], outputs: score }), optimizer: "sgd", loss: "meanSquaredError" })
    .model;
}

const xs = (samples = 3) => tf.ones([samples, 4]);
const ys = (samples = 3) => tf.ones([samples]);
const labels = (...list: number[]) => ({ xs: xs(list.length), ys: tf.tensor1d(list) });

describe.each(BACKENDS)("batches that do not fit on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each<{ name: string; batch: () => unknown; says: RegExp; model?: () => ReturnType<typeof trained> }>([
    { name: "nothing", batch: () => null, says: /The batch is null\. A batch of a LayersModel is \{ xs, ys \}/ },
    { name: "a list", batch: () => [xs(), ys()], says: /The batch is a list of 2\.[^]*`collate` of arrayLoader/ },
    { name: "a tensor", batch: xs, says: /A batch of a LayersModel is \{ xs, ys \}/ },
    { name: "no ys", batch: () => ({ xs: xs() }), says: /an object with the key xs\. A batch/ },
    { name: "ys that is undefined", batch: () => ({ xs: xs(), ys: undefined }), says: /batch\.ys is undefined/ },
    {
      name: "numbers in place of a tensor",
      batch: () => ({ xs: xs(), ys: [1, 2, 3] }),
      says: /batch\.ys holds 1 in place of a tensor[^]*`batchSize` of tfjsLoader \(a dataset\)/,
    },
    {
      name: "a typed array",
      batch: () => ({ xs: xs(), ys: new Float32Array(3) }),
      says: /batch\.ys is a Float32Array of 3\.[^]*`collate` of/,
    },
    {
      name: "two tensors for one",
      batch: () => ({ xs: xs(), ys: [ys(), ys()] }),
      says: /batch\.ys holds 2 tensors, the model has 1 outputs/,
    },
    { name: "x and y", batch: () => ({ x: xs(), y: ys() }), says: /no key "x" in \{ xs, ys \}\.\s+Nearest: "xs"/ },
    {
      name: "sample weights",
      batch: () => ({ xs: xs(), ys: ys(), sampleWeight: ys() }),
      says: /no key "sampleWeight" in[^]*model\.fit refuses sampleWeight too\.[^]*tfjsModel\(tf, \{ variables, loss, optimizer \}\)/,
    },
    { name: "in snake case", batch: () => ({ xs: xs(), ys: ys(), sample_weight: ys() }), says: /the weights among the xs/ },
    { name: "a key of its own", batch: () => ({ xs: xs(), ys: ys(), id: 3 }), says: /no key "id" in \{ xs, ys \}/ },
    { name: "samples that differ", batch: () => ({ xs: xs(3), ys: ys(2) }), says: /differ in samples: xs ".*" 3, ys ".*" 2\./ },
    { name: "no samples", batch: () => ({ xs: xs(0), ys: ys(0) }), says: /holds no samples/ },
    { name: "a scalar", batch: () => ({ xs: xs(1), ys: tf.scalar(1) }), says: /has the shape \[\][^]*a scalar has none/ },
    {
      name: "flattened samples",
      batch: () => ({ xs: tf.ones([3, 2, 2]), ys: ys() }),
      says: /\[3, 2, 2\], the model's input has \[null, 4\]\.\s+Each sample has as many values as it should: tensor\.reshape\(\[-1, 4\]\)/,
    },
    {
      name: "a class that is not there",
      model: () => trained(SPARSE, 3),
      batch: () => labels(1, 2, 3),
      says: /class index 3; the output has 3 units, for the classes 0 to 2/,
    },
    { name: "a negative class", model: () => trained(SPARSE, 3), batch: () => labels(0, -1), says: /class index -1/ },
    {
      name: "no number for a class",
      model: () => trained(SPARSE, 3),
      batch: () => labels(0, Number.NaN),
      says: /class index NaN/,
    },
    {
      name: "another name",
      model: joined,
      batch: () => ({ xs: { left: xs(), right: ys(), rigth: ys() }, ys: ys() }),
      says: /batch\.xs has "rigth", which is no input of the model\. Nearest: "right"/,
    },
    {
      name: "inputs that differ in samples",
      model: joined,
      batch: () => ({ xs: [xs(3), ys(1)], ys: ys(3) }),
      says: /xs "left" 3, xs "right" 1, ys "score" 3/,
    },
    {
      name: "a name of JavaScript",
      model: joined,
      batch: () => ({ xs: [xs(), ys()], ys: { toString: ys() } }),
      says: /no tensor "score"/,
    },
  ])("$name", ({ batch, says, model: make = trained }) => {
    const model = make();
    const before = tf.memory().numTensors;
    const refused = (where: string) =>
      expect.objectContaining({
        code: "ERR_LOADER_DATA",
        message: expect.stringMatching(says) as string,
        path: `a ${where} batch of the loader "default"`,
      }) as Error;
    expect(() => model.trainStep(batch() as TfjsBatch, contextOf(1))).toThrow(refused("training"));
    expect(() => model.evalStep(batch() as TfjsBatch, contextOf(1))).toThrow(refused("validation"));
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    {
      name: "samples that are not grouped",
      element: () => ({ xs: tf.ones([4]), ys: tf.ones([1]) }),
      says: /the shape of one sample: group samples by `batchSize` of tfjsLoader/,
    },
    {
      name: "samples of numbers that are not grouped",
      element: () => ({ xs: [1, 2, 3, 4], ys: 1 }),
      says: /batch\.xs holds 1 in place of a tensor[^]*`batchSize` of tfjsLoader/,
    },
    { name: "weights", element: () => ({ xs: xs(), ys: ys(), sampleWeight: ys() }), says: /no key "sampleWeight"/ },
  ])("a dataset with $name", async ({ element, says }) => {
    const loader = tfjsLoader(tf, tf.data.array([element()] as never));
    const step = async () => {
      for await (const batch of loader.batches(0)) await takeAll(await trained().trainStep(batch, contextOf(1)));
    };
    await expect(step()).rejects.toThrow(says);
  });

  test("added dimensions cost no memory, and leave batches that are used again as they were", async () => {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError", disposeBatches: false });
    const batch = { xs: ys(), ys: ys() };
    const context = { wantsOutputs: true, wantsGradients: true };
    await takeAll(await model.trainStep(batch, contextOf(1)));
    const before = tf.memory().numTensors;
    for (let step = 2; step < 20; step++) {
      await takeAll(await model.trainStep(batch, contextOf(step)));
      const { outputs, ...rest } = await model.evalStep(batch, contextOf(step, context));
      await takeAll(rest);
      expect(outputs?.targets?.shape).toEqual([3, 1]);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect([batch.xs.shape, batch.ys.shape, batch.xs.isDisposed]).toEqual([[3], [3], false]);
  });

  test("a loss function of its own gets its batch as it is", async () => {
    const w = tf.variable(tf.scalar(2));
    const seen: unknown[] = [];
    const { model } = tfjsModel(tf, {
      variables: { w },
      optimizer: tf.train.sgd(0.1),
      loss: (batch: { xs: ReturnType<typeof xs>; ys: ReturnType<typeof ys>; id: number }) => {
        seen.push(Object.keys(batch), batch.ys.shape);
        return batch.ys.mul(w).mean();
      },
    });
    await takeAll(await model.trainStep({ xs: xs(2), ys: ys(3), id: 1 }, contextOf(1)));
    expect(seen).toEqual([["xs", "ys", "id"], [3]]);
  });

  test("classes are looked at in the first batch of each size", async () => {
    const model = trained(SPARSE, 3);
    await takeAll(await model.trainStep(labels(0, 1, 2), contextOf(1)));
    await takeAll(await model.trainStep(labels(0, 1, 9), contextOf(2)));
    expect(() => model.trainStep(labels(0, 9), contextOf(3))).toThrow(/class index 9/);
    expect(() => model.evalStep(labels(0, 1, 9), contextOf(3))).toThrow(/class index 9/);
  });

  test("a stateful model takes batches of its own size", async () => {
    const net = tf.sequential({
      layers: [tf.layers.lstm({ units: 2, stateful: true, batchInputShape: [2, 3, 1] }), tf.layers.dense({ units: 1 })],
    });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    await takeAll(await model.trainStep({ xs: tf.ones([2, 3, 1]), ys: tf.ones([2]) }, contextOf(1)));
    const short = { xs: tf.ones([1, 3, 1]), ys: tf.ones([1]) };
    expect(() => model.trainStep(short, contextOf(2))).toThrow(
      /\[1, 3, 1\][^]*\[2, 3, 1\][^]*`batchSize: 2` and `dropLast: true`/,
    );
  });

  test.each([
    { name: "weights", source: () => ({ xs: xs(), ys: ys(), weights: ys() }), says: /no key "weights" in[^]*among the xs/ },
    { name: "x and y", source: () => ({ x: xs(), y: ys() }), says: /Nearest: "xs"/ },
    { name: "a tensor", source: xs, says: /Allowed: \{ xs, ys \} of tensors, as in tfjsLoader/ },
    { name: "a list", source: () => [xs(), ys()], says: /Found a list of 2\. Allowed: \{ xs, ys \}/ },
  ])("tfjsLoader of $name", ({ source, says }) => {
    expect(() => tfjsLoader(tf, source() as never)).toThrow(says);
  });
});
