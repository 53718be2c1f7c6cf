import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { tfjsLoader, tfjsModel } from "../../src/tfjs/index.js";
import { TRAINING_INSTEAD } from "../../src/tfjs/instead.js";
import type { TfjsVariable } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

beforeEach(async () => useBackend(BACKENDS[0] as string));

const built = (units = 2) =>
  tf.sequential({
    layers: [tf.layers.dense({ units, inputShape: [2], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) })],
  });
const plain = { optimizer: "sgd", loss: "meanSquaredError" };

/** Two outputs: `a` and `b`. */
function forked() {
  const input = tf.input({ shape: [2] });
  const outputs = ["a", "b"].map((name) => tf.layers.dense({ units: 1, name }).apply(input) as Tf.SymbolicTensor);
  return tf.model({ inputs: input, outputs });
}

describe("options that tfjsModel does not have", () => {
  test.each([
    ["epochs", /maxEpochs, maxSteps, trainLoaderConfig\.batchesPerEpoch/],
    ["batchSize", /an option of tfjsLoader and arrayLoader/],
    ["batch_size", /an option of tfjsLoader and arrayLoader/],
    ["steps_per_epoch", /trainLoaderConfig\.batchesPerEpoch/],
    ["callbacks", /registerHook\(defineHook\(name, \{ … \}\)\)[^]*enableEarlyStoppingHook/],
    ["validationData", /trainer\.fit\(\{ train, validation \}\)/],
    ["validation_split", /trainer\.fit\(\{ train, validation \}\)/],
    ["class_weight", /Nearest: "classWeight"/],
    ["clipnorm", /gradientClip: \{ norm: 1 \} \}\), or \{ value: 0\.5 \}/],
    ["gradient_clip_val", /tfjsModel\(tf, \{ model, gradientClip/],
    ["gradient_accumulation_steps", /tfjsModel\(tf, \{ model, accumulateSteps: 4 \}\)/],
    ["sampleWeight", /tfjsModel\(tf, \{ variables, loss, optimizer \}\)/],
    ["lossWeights", /put each weight into its loss function/],
    ["learningRate", /tf\.train\.adam\(0\.001\)/],
    ["verbose", /logLevel, logging, hooks\.enableProgressBar/],
    ["metric", /Nearest: "metrics"/],
    ["constructor", /Available: model, optimizer/],
  ])("%s", (key, says) => {
    const refused = expect.objectContaining({
      code: "ERR_CONFIG",
      path: `tfjsModel.${key}`,
      detail: expect.stringMatching(says) as string,
    }) as Error;
    expect(() => tfjsModel(tf, { model: built(), ...plain, [key]: 1 })).toThrow(refused);
    expect(TRAINING_INSTEAD.has("constructor")).toBe(false);
  });

  test("a loss function's form says the same, and has a batchSize of its own", () => {
    const form = { variables: [tf.variable(tf.scalar(1))], optimizer: tf.train.sgd(1), loss: () => tf.scalar(1) };
    expect(() => tfjsModel(tf, { ...form, epochs: 3 } as never)).toThrow(/maxEpochs/);
    expect(() => tfjsModel(tf, { ...form, classWeight: { 0: 1 } } as never)).toThrow(
      /ERR_CONFIG at tfjsModel\.classWeight[^]*Of a LayersModel[^]*loss\.mul\(ys\.mul\(\[1, 5\]\)\.sum\(-1\)\)/,
    );
    expect(() => tfjsModel(tf, { ...form, batchSize: 32 } as never)).toThrow(
      /Found 32\. Allowed: a function that counts[^]*option of the loader/,
    );
  });

  test("no tf", () => {
    const refused = /ERR_CONFIG at tf\s+Found an object with the key model\. Allowed: the tf that your program imports/;
    expect(() => tfjsModel({ model: built() } as never, undefined as never)).toThrow(refused);
    expect(() => tfjsLoader(undefined as never, { xs: tf.ones([1, 1]), ys: tf.ones([1]) })).toThrow(
      /Found undefined\. Allowed: the tf/,
    );
  });

  test("a bare model", () => {
    expect(() => tfjsModel(tf, built() as never)).toThrow(
      /Found a LayersModel\. Pass it with its options: tfjsModel\(tf, \{ model: net/,
    );
    expect(() => tfjsModel(tf, forked() as never)).toThrow(/Found a LayersModel/);
  });
});

describe("losses and metrics of several outputs", () => {
  test.each<{ name: string; given: object; path: string; says: RegExp }>([
    {
      name: "an unknown output's metric",
      given: { metrics: { aa: "mae" } },
      path: "tfjsModel.metrics",
      says: /no output "aa"\. Nearest: "a"/,
    },
    {
      name: "an unknown output's loss",
      given: { loss: { a: "hinge", c: "hinge" } },
      path: "tfjsModel.loss",
      says: /no output "c"/,
    },
    {
      name: "an output without a loss",
      given: { loss: { a: "hinge" } },
      path: "tfjsModel.loss",
      says: /The output "b" has no loss/,
    },
    {
      name: "an output called constructor",
      given: { loss: { a: "hinge", b: "hinge", constructor: "hinge" } },
      path: "tfjsModel.loss",
      says: /no output "constructor"/,
    },
    {
      name: "a short list of losses",
      given: { loss: ["hinge"] },
      path: "tfjsModel.loss",
      says: /Found 1 losses; the model has 2 outputs: a, b/,
    },
    {
      name: "a number for a loss",
      given: { loss: 5 },
      path: "tfjsModel.loss",
      says: /Found 5 for every output\. Allowed: a name/,
    },
    {
      name: "a nested list of metrics",
      given: { metrics: [["mae"], ["mse"]] },
      path: "tfjsModel.metrics",
      says: /Found a list of 1[^]*For one output, name it/,
    },
  ])("$name", ({ given, path, says }) => {
    const refused = expect.objectContaining({ code: "ERR_MODEL", path, detail: expect.stringMatching(says) as string }) as Error;
    expect(() => tfjsModel(tf, { model: forked(), ...plain, ...given })).toThrow(refused);
  });

  test("those that the model was compiled with", () => {
    const model = forked();
    model.compile({ optimizer: "sgd", loss: "hinge", metrics: { bb: "mae" } });
    expect(() => tfjsModel(tf, { model })).toThrow(/model\.compile metrics[^]*no output "bb"\. Nearest: "b"/);
  });

  test("several metrics of one output", () => {
    const { model } = tfjsModel(tf, { model: forked(), ...plain, metrics: { b: ["mae", "mse"] } });
    expect(model.metricNames).toEqual(["a_loss", "b_loss", "b_mae", "b_mse"]);
  });
});

describe("what a loss function returns", () => {
  const step = (returned: (w: Tf.Variable) => unknown) => {
    const w = tf.variable(tf.scalar(1));
    const { model } = tfjsModel(tf, { variables: { w }, optimizer: tf.train.sgd(1), loss: () => returned(w) as never });
    const before = tf.memory().numTensors;
    return { run: () => model.trainStep([], contextOf(1)), leaked: () => tf.memory().numTensors - before };
  };

  test.each<{ name: string; returned: (w: Tf.Variable) => unknown; says: RegExp }>([
    {
      name: "a misspelt key",
      returned: (w) => ({ loss: w.square(), metric: {} }),
      says: /the unknown key "metric"\. Nearest: "metrics"/,
    },
    {
      name: "a misspelt output",
      returned: (w) => ({ loss: w.square(), outputs: { prediction: w } }),
      says: /"outputs\.prediction"\. Nearest: "predictions"/,
    },
    {
      name: "a metric as text",
      returned: (w) => ({ loss: w.square(), metrics: { acc: "0.5" } }),
      says: /returned "0\.5" as the metric "acc"/,
    },
    {
      name: "a metric that is undefined",
      returned: (w) => ({ loss: w.square(), metrics: { acc: undefined } }),
      says: /undefined as the metric/,
    },
  ])("$name", ({ returned, says }) => {
    const { run, leaked } = step(returned);
    expect(run).toThrow(
      expect.objectContaining({ code: "ERR_STEP_RESULT", detail: expect.stringMatching(says) as string }) as Error,
    );
    expect(leaked()).toBe(0);
  });

  test("a metric may have any name", async () => {
    const { run } = step((w) => ({ loss: w.square(), metrics: JSON.parse('{ "__proto__": 3, "constructor": 4 }') as object }));
    const { loss, metrics } = await run();
    await takeAll({ loss, batchSize: 1 });
    expect(Object.entries(metrics ?? {})).toEqual([
      ["__proto__", 3],
      ["constructor", 4],
    ]);
  });
});

describe("the ways out that the messages name", () => {
  const xs = () => tf.tensor2d(randoms(16, 1), [8, 2]);
  const kernel = (net: Tf.LayersModel) => [...(net.getWeights()[0] as Tf.Tensor).dataSync()];

  test("class weights in a loss function do what classWeight of model.fit does", async () => {
    const softmax = () => tf.sequential({ layers: [...built().layers, tf.layers.softmax({ inputShape: [2] })] });
    const ys = () => tf.oneHot(tf.tensor1d([0, 1, 0, 1, 1, 0, 0, 1], "int32"), 2).toFloat() as Tf.Tensor2D;
    const [fitted, trained] = [softmax(), softmax()];
    fitted.compile({ optimizer: tf.train.sgd(0.5), loss: "categoricalCrossentropy" });
    await fitted.fit(xs(), ys(), { batchSize: 8, epochs: 1, shuffle: false, verbose: 0, classWeight: { 0: 1, 1: 5 } });
    const { model } = tfjsModel(tf, {
      model: trained,
      optimizer: tf.train.sgd(0.5),
      loss: (yTrue, yPred) => tf.metrics.categoricalCrossentropy(yTrue, yPred).mul(yTrue.mul([1, 5]).sum(-1)),
    });
    await takeAll(await model.trainStep({ xs: xs(), ys: ys() }, contextOf(1)));
    expect(kernel(trained)).toEqual(kernel(fitted));
  });

  test("sample weights among the xs, in a loss function's form", async () => {
    const net = built(1);
    const { model } = tfjsModel(tf, {
      variables: net.trainableWeights.map((weight) => weight.read() as unknown as TfjsVariable),
      optimizer: tf.train.sgd(0.5),
      loss: (
        { xs: { features, weights }, ys }: { xs: { features: Tf.Tensor; weights: Tf.Tensor }; ys: Tf.Tensor },
        { training },
      ) => tf.losses.meanSquaredError(ys, net.apply(features, { training }) as Tf.Tensor, weights),
    });
    const weights = tf.tensor2d([1, 1, 1, 1, 0, 0, 0, 0], [8, 1]);
    const before = kernel(net);
    const source = { xs: { features: xs(), weights }, ys: tf.zeros([8, 1]) };
    for (const batch of tfjsLoader(tf, source, { batchSize: 8 }).batches(0) as Iterable<never>) {
      await takeAll(await model.trainStep(batch, contextOf(1)));
    }
    const half = built(1);
    half.compile({ optimizer: tf.train.sgd(0.5), loss: "meanSquaredError" });
    expect(kernel(half)).toEqual(before);
    await half.fit(xs().slice(0, 4), tf.zeros([4, 1]), { batchSize: 4, epochs: 1, shuffle: false, verbose: 0 });
    for (const [index, value] of kernel(half).entries()) expect(kernel(net)[index]).toBeCloseTo(value, 6);
  });
});
