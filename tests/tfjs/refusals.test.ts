import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel } from "../../src/tfjs/index.js";
import { GRADIENT_KERNELS } from "../../src/tfjs/kernels.js";
import { BACKENDS, contextOf, takeAll, tf, trainsConvolutions, useBackend } from "./harness.js";

type Layer = ReturnType<typeof tf.layers.dense>;
const seen = { "1d": [8, 3], "2d": [8, 8, 3], "3d": [4, 4, 4, 1], video: [3, 5, 5, 1], words: [4] };

/** Layers whose gradients need kernels of their own, with the shape of one sample. */
const LAYERS: readonly { make: () => unknown; shape: number[] }[] = [
  { make: () => tf.layers.conv1d({ filters: 2, kernelSize: 3 }), shape: seen["1d"] },
  { make: () => tf.layers.conv2d({ filters: 2, kernelSize: 3 }), shape: seen["2d"] },
  { make: () => tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3 }), shape: seen["2d"] },
  { make: () => tf.layers.conv3d({ filters: 2, kernelSize: 2 }), shape: seen["3d"] },
  { make: () => tf.layers.separableConv2d({ filters: 2, kernelSize: 3 }), shape: seen["2d"] },
  { make: () => tf.layers.depthwiseConv2d({ kernelSize: 3 }), shape: seen["2d"] },
  { make: () => tf.layers.convLstm2d({ filters: 2, kernelSize: 2 }), shape: seen.video },
  { make: () => tf.layers.embedding({ inputDim: 5, outputDim: 3, inputShape: [4] }), shape: seen.words },
  { make: () => tf.layers.maxPooling1d({ poolSize: 2 }), shape: seen["1d"] },
  { make: () => tf.layers.maxPooling2d({}), shape: seen["2d"] },
  { make: () => tf.layers.maxPooling3d({ poolSize: 2, strides: 2, padding: "valid" }), shape: seen["3d"] },
  { make: () => tf.layers.averagePooling1d({ poolSize: 2 }), shape: seen["1d"] },
  { make: () => tf.layers.averagePooling2d({}), shape: seen["2d"] },
  { make: () => tf.layers.averagePooling3d({ poolSize: 2, strides: 2, padding: "valid" }), shape: seen["3d"] },
  { make: () => tf.layers.upSampling2d({ size: [2, 2] }), shape: seen["2d"] },
  { make: () => tf.layers.batchNormalization(), shape: seen["1d"] },
  { make: () => tf.layers.layerNormalization(), shape: seen["1d"] },
  { make: () => tf.layers.lstm({ units: 2 }), shape: seen["1d"] },
  { make: () => tf.layers.gru({ units: 2 }), shape: seen["1d"] },
  { make: () => tf.layers.simpleRNN({ units: 2 }), shape: seen["1d"] },
  {
    make: () => tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) as never, mergeMode: "concat" }),
    shape: seen["1d"],
  },
  { make: () => tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 2, kernelSize: 2 }) }), shape: seen.video },
  { make: () => tf.layers.prelu(), shape: seen["1d"] },
  { make: () => tf.layers.dropout({ rate: 0.5 }), shape: seen["1d"] },
];

/** The layer under test, after a trained layer where its input can have one. */
function modelAround(layer: Layer, shape: number[]) {
  const stack = shape === seen.words ? [] : [tf.layers.dense({ units: shape.at(-1) as number, inputShape: shape })];
  const output = (layer.computeOutputShape([null, ...shape]) as (number | null)[]).slice(1) as number[];
  const size = output.reduce((product, length) => product * length, 1);
  return tf.sequential({ layers: [...stack, layer, tf.layers.reshape({ targetShape: [size] }), tf.layers.dense({ units: 1 })] });
}

describe.each(BACKENDS)("what cannot be trained is refused on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("the table of gradient kernels says for every layer what really happens", async () => {
    const covered = new Set<string>();
    for (const { make, shape } of LAYERS) {
      const layer = make() as Layer;
      covered.add(layer.getClassName());
      const net = modelAround(layer, shape);
      const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
      const refused = await model.prepare().then(
        () => null,
        (error: unknown) => error,
      );
      const step = async () => takeAll(await model.trainStep({ xs: tf.ones([2, ...shape]), ys: tf.ones([2, 1]) }, contextOf(1)));
      if (refused === null) await expect(step(), layer.getClassName()).resolves.toBeDefined();
      else await expect(step(), layer.getClassName()).rejects.toMatchObject({ code: "ERR_MODEL" });
    }
    expect(Object.keys(GRADIENT_KERNELS).filter((name) => !covered.has(name))).toEqual([]);
  });

  test("a convolution", async () => {
    const net = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], name: "edges" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1, name: "score" }),
      ],
    });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    if (trainsConvolutions(backend)) {
      await expect(model.prepare()).resolves.toBeUndefined();
    } else {
      await expect(model.prepare()).rejects.toMatchObject({
        code: "ERR_MODEL",
        path: "model layer edges",
        message: expect.stringMatching(
          /"edges" \(Conv2D\) needs Conv2DBackpropFilter, which the backend "wasm" lacks[^]*setBackend\("cpu"\)[^]*tfjs-node/,
        ),
      });
    }
  });

  test("a frozen convolution trains what comes after it", async () => {
    const frozen = tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], trainable: false });
    const net = tf.sequential({ layers: [frozen, tf.layers.flatten(), tf.layers.dense({ units: 1 })] });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    await model.prepare();
    await takeAll(await model.trainStep({ xs: tf.ones([2, 8, 8, 1]), ys: tf.ones([2, 1]) }, contextOf(1)));
    expect([...model.parameters()]).toHaveLength(2);
    expect(Object.keys(await model.state())).toHaveLength(4);
  });

  test("a convolution in a loss function says the ways out at its first step", async () => {
    const filter = tf.variable(tf.ones([3, 3, 1, 1]) as ReturnType<typeof tf.tensor4d>);
    const { model } = tfjsModel(tf, {
      variables: { filter },
      optimizer: tf.train.sgd(0.1),
      loss: (batch: { xs: ReturnType<typeof tf.tensor4d> }) => tf.conv2d(batch.xs, filter, 1, "same").mean(),
    });
    await model.prepare();
    const step = () => model.trainStep({ xs: tf.ones([1, 4, 4, 1]) }, contextOf(1));
    if (trainsConvolutions(backend)) await expect(takeAll(await step())).resolves.toEqual({ loss: expect.any(Number) });
    else expect(step).toThrow(/Conv2DBackpropFilter[^]*Ways out/);
  });

  test("the slow backend is named in the warnings", async () => {
    const { model } = tfjsModel(tf, {
      model: tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }),
      optimizer: "sgd",
      loss: "meanSquaredError",
    });
    expect(model.warnings).toEqual([]);
    await model.prepare();
    expect(model.warnings.join()).toMatch(backend === "cpu" ? /"cpu".*slower/ : /^$/);
  });
});

describe("options are refused when tfjsModel is called", () => {
  beforeEach(async () => useBackend(BACKENDS[0] as string));
  const built = () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
  const optimizer = tf.train.sgd(1);

  test.each([
    { name: "no optimizer", options: () => ({ model: built(), loss: "meanSquaredError" }), says: /no optimizer was given/ },
    { name: "no loss", options: () => ({ model: built(), optimizer }), says: /no loss was given/ },
    {
      name: "an unknown loss",
      options: () => ({ model: built(), optimizer, loss: "meanSquareError" }),
      says: /no loss "meanSquareError"[^]*Nearest: "meanSquaredError"/,
    },
    {
      name: "an unknown metric",
      options: () => ({ model: built(), optimizer, loss: "hinge", metrics: ["acuracy"] }),
      says: /no metric "acuracy"[^]*Nearest: "accuracy"/,
    },
    {
      name: "an unknown optimizer",
      options: () => ({ model: built(), optimizer: "adan", loss: "hinge" }),
      says: /no optimizer "adan"[^]*Nearest: "adam"/,
    },
    {
      name: "a model without layers",
      options: () => ({ model: tf.sequential(), optimizer, loss: "hinge" }),
      says: /no layers yet/,
    },
    {
      name: "a model without trainable weights",
      options: () => ({
        model: tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], trainable: false })] }),
        optimizer,
        loss: "hinge",
      }),
      says: /no trainable weights/,
    },
  ])("$name", ({ options, says }) => {
    expect(() => tfjsModel(tf, options())).toThrow(says);
  });

  test.each([
    {
      name: "a misspelt key",
      options: () => ({ model: built(), optimiser: optimizer }),
      path: "tfjsModel.optimiser",
      says: /no key "optimiser" here\.\nNearest: "optimizer"/,
    },
    {
      name: "a key of the other kind",
      options: () => ({ variables: [tf.variable(tf.scalar(1))], optimizer, loss: () => tf.scalar(1), metrics: ["mae"] }),
      path: "tfjsModel.metrics",
      says: /no key "metrics" here/,
    },
    { name: "neither kind", options: () => ({ modle: built() }), path: "tfjsModel", says: /the key modle\..*\nNearest: "model"/ },
    { name: "nothing", options: () => undefined, path: "tfjsModel", says: /Found undefined\. Allowed: \{ model \}/ },
    { name: "no model", options: () => ({ model: {} }), path: "tfjsModel.model", says: /Allowed: a tf\.LayersModel/ },
    {
      name: "no variables",
      options: () => ({ variables: [tf.scalar(1)], optimizer, loss: () => tf.scalar(1) }),
      path: "tfjsModel.variables",
      says: /Found a list of 1\. Allowed: an array of tf\.variable/,
    },
    {
      name: "an optimizer's name where only an optimizer will do",
      options: () => ({ variables: [tf.variable(tf.scalar(1))], optimizer: "sgd", loss: () => tf.scalar(1) }),
      path: "tfjsModel.optimizer",
      says: /Found "sgd"\. Allowed: a tf\.train optimizer/,
    },
    {
      name: "no loss function",
      options: () => ({ variables: [tf.variable(tf.scalar(1))], optimizer }),
      path: "tfjsModel.loss",
      says: /Nothing is given\. Allowed: a function/,
    },
    {
      name: "no flag",
      options: () => ({ model: built(), optimizer, loss: "hinge", disposeBatches: 0 }),
      path: "tfjsModel.disposeBatches",
      says: /Found 0\. Allowed: true or false/,
    },
  ])("$name", ({ options, path, says }) => {
    const refused = expect.objectContaining({ code: "ERR_CONFIG", path, detail: expect.stringMatching(says) as string });
    expect(() => tfjsModel(tf, options() as never)).toThrow(refused as Error);
  });

  test("a loss function that returns a promise", async () => {
    const w = tf.variable(tf.scalar(1));
    const { model } = tfjsModel(tf, { variables: [w], optimizer, loss: (async () => w) as never });
    expect(() => model.trainStep([], contextOf(1))).toThrow(/`loss` returned a promise/);
  });

  test("a batch that was disposed", async () => {
    const { model } = tfjsModel(tf, { model: built(), optimizer, loss: "meanSquaredError" });
    const batch = { xs: tf.ones([1, 2]), ys: tf.ones([1, 2]) };
    await takeAll(await model.trainStep(batch, contextOf(1)));
    expect(() => model.trainStep(batch, contextOf(2))).toThrow(/disposed already[^]*disposeBatches: false/);
  });
});
