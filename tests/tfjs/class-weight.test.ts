import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { type LayersModelOptions, tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, randoms, take, takeAll, tf, useBackend } from "./harness.js";
import { type Case, KINDS, withFit, withFitDataset, withTrainer } from "./oracle.js";

const SAMPLES = 10;
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
const xs = (): Tf.Tensor => tf.tensor2d(randoms(SAMPLES * 4, 1), [SAMPLES, 4]);
const labels = (classes: number, at = (label: number): number => label): Tf.Tensor1D =>
  tf.tensor1d(Array.from({ length: SAMPLES }, (_, i) => at((i * i) % classes)));
const oneHot = (classes: number): Tf.Tensor => tf.tidy(() => tf.oneHot(labels(classes).toInt(), classes).toFloat());

function dense(units: number, activation: "sigmoid" | "softmax" | "tanh"): Tf.LayersModel {
  const layer = tf.layers.dense({ units, activation, inputShape: [4], kernelInitializer: seeded(1) });
  return tf.sequential({ layers: [layer] });
}

/** A yes or no, and a choice of 3. */
function branches(): Tf.LayersModel {
  const input = tf.input({ shape: [4] });
  const sure = tf.layers.dense({ units: 1, name: "sure", activation: "sigmoid", kernelInitializer: seeded(1) }).apply(input);
  const kind = tf.layers.dense({ units: 3, name: "kind", activation: "softmax", kernelInitializer: seeded(2) }).apply(input);
  return tf.model({ inputs: input, outputs: [sure as Tf.SymbolicTensor, kind as Tf.SymbolicTensor] });
}

const one = (
  name: string,
  loss: Case["loss"],
  classWeight: NonNullable<Case["classWeight"]>,
  model: () => Tf.LayersModel,
  ys: () => Tf.Tensor,
): Case => ({ name, loss, classWeight, model, metrics: ["accuracy"], data: () => ({ xs: xs(), ys: ys() }) });
const both = { sure: "binaryCrossentropy", kind: "categoricalCrossentropy" } as const;
const two = (name: string, classWeight: NonNullable<Case["classWeight"]>): Case => ({
  name,
  loss: both,
  classWeight,
  model: branches,
  data: () => ({ xs: xs(), ys: [labels(2), oneHot(3)] }),
});

const CASES: readonly Case[] = [
  one(
    "one-hot",
    "categoricalCrossentropy",
    { 0: 1, 1: 5, 2: 0.3 },
    () => dense(3, "softmax"),
    () => oneHot(3),
  ),
  one(
    "a list",
    "categoricalCrossentropy",
    [1, 5, 0.3],
    () => dense(3, "softmax"),
    () => oneHot(3),
  ),
  one(
    "indices",
    "sparseCategoricalCrossentropy",
    { 0: 1, 1: 5, 2: 0 },
    () => dense(3, "softmax"),
    () => labels(3),
  ),
  one(
    "yes or no",
    "binaryCrossentropy",
    { 0: 1, 1: 7 },
    () => dense(1, "sigmoid"),
    () => labels(2),
  ),
  one(
    "-1 or 1",
    "hinge",
    { "-1": 2, 1: 3 },
    () => dense(1, "tanh"),
    () => labels(2, (label) => 2 * label - 1),
  ),
  one(
    "a list of one output",
    "binaryCrossentropy",
    [{ 0: 1, 1: 7 }],
    () => dense(1, "sigmoid"),
    () => labels(2),
  ),
  two("two outputs in order", [
    { 0: 1, 1: 7 },
    { 0: 1, 1: 2, 2: 3 },
  ]),
  two("two outputs, one of them weighted", { kind: { 0: 1, 1: 2, 2: 3 } }),
  two("two outputs in order, one of them weighted", [{ 0: 1, 1: 7 }, null]),
];

describe.each(BACKENDS)("classWeight on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each(CASES)("$name: as model.fit, to the bit", async (which) => {
    const wanted = await withFit(which);
    expect(wanted.refusal).toBeNull();
    for (const kind of backend === BACKENDS[0] ? KINDS : (["tensors"] as const)) {
      const got = await withTrainer(which, kind);
      expect(got.refusal).toBeNull();
      expect(got.losses, kind).toEqual(wanted.losses);
      expect(got.accuracies, kind).toEqual(wanted.accuracies);
      expect(got.weights, kind).toEqual(wanted.weights);
      expect(got.validation["loss"], "validation is not weighted").toBeCloseTo(wanted.validation["loss"] as number, 5);
    }
  });

  test("as fitDataset, to the bit", async () => {
    const which = CASES[0] as Case;
    const wanted = await withFitDataset(which);
    const got = await withTrainer(which, "dataset");
    expect(got.losses).toEqual(wanted.losses);
    expect(got.weights).toEqual(wanted.weights);
  });

  test("the metrics of several outputs are those of trainOnBatch's model.fit: losses are weighted, others are not", async () => {
    const compiled = (): Tf.LayersModel => {
      const net = branches();
      net.compile({ optimizer: tf.train.sgd(0.1), loss: both, metrics: { kind: "categoricalCrossentropy" } });
      return net;
    };
    const classWeight = { kind: { 0: 1, 1: 2, 2: 3 } };
    const fitted = compiled();
    const logs: Record<string, number>[] = [];
    await fitted.fit(xs(), [labels(2), oneHot(3)], {
      batchSize: SAMPLES,
      shuffle: false,
      verbose: 0,
      classWeight: classWeight as never,
      callbacks: { onBatchEnd: (_, log) => void logs.push(log as Record<string, number>) },
    });
    const { model } = tfjsModel(tf, { model: compiled(), classWeight });
    const got = await takeAll(await model.trainStep({ xs: xs(), ys: [labels(2), oneHot(3)] }, contextOf(1)));
    const { batch: _batch, size: _size, ...wanted } = logs[0] as Record<string, number>;
    expect(Object.values(got)).toEqual(Object.values(wanted));
    expect(new Set(Object.values(got)).size, "all differ").toBe(4);
  });

  test("a class without a weight is refused, and leaves no tensor behind", async () => {
    const { model } = tfjsModel(tf, {
      model: dense(3, "softmax"),
      optimizer: "sgd",
      loss: "categoricalCrossentropy",
      classWeight: { 0: 1, 2: 3 },
    });
    const step = () => model.trainStep({ xs: xs(), ys: oneHot(3) }, contextOf(1));
    const before = tf.memory().numTensors;
    expect(step).toThrow(
      /ERR_LOADER_DATA[^]*holds the class 1, which has no weight\. classWeight has weights of 0, 2\.\s+Add \{ 1: 1 \}/,
    );
    expect(tf.memory().numTensors).toBe(before);
    await take((await model.evalStep({ xs: xs(), ys: oneHot(3) }, contextOf(1))).loss);
  });

  test("steps leave no tensor behind", async () => {
    const { model } = tfjsModel(tf, {
      model: dense(3, "softmax"),
      optimizer: "adam",
      loss: "categoricalCrossentropy",
      classWeight: [1, 5, 2],
    });
    const counts: number[] = [];
    for (let step = 1; step <= 4; step++) {
      await takeAll(await model.trainStep({ xs: xs(), ys: oneHot(3) }, contextOf(step)));
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});

describe("class weights that are refused", () => {
  beforeEach(async () => useBackend(BACKENDS[0] as string));
  const lost = (yTrue: Tf.Tensor, yPred: Tf.Tensor) => tf.losses.meanSquaredError(yTrue, yPred) as Tf.Tensor;

  test.each<{ name: string; classWeight: unknown; says: RegExp; model?: () => Tf.LayersModel; path?: string }>([
    { name: "a number", classWeight: 5, says: /Found 5\. Allowed: weights by class index/ },
    { name: "nothing in it", classWeight: {}, says: /Allowed: weights by class index/ },
    { name: "no class", classWeight: { 0: 1, dog: 2 }, says: /Found the class "dog"/ },
    {
      name: "a class that there is not",
      classWeight: { 0: 1, 3: 2 },
      says: /no class 3: the output .* has 3 units, for the classes 0 to 2/,
    },
    {
      name: "below 0",
      classWeight: { 0: -1 },
      says: /Found -1 as the weight of the class 0\. Allowed: a finite number of at least 0/,
    },
    { name: "NaN", classWeight: { 0: Number.NaN }, says: /Found NaN/ },
    { name: "text", classWeight: { 0: "2" }, says: /Found "2"/ },
    {
      name: "one for two outputs",
      classWeight: { 0: 1, 1: 2 },
      model: branches,
      says: /has 2 outputs\. Give weights by output name: \{ sure:/,
    },
    {
      name: "three for two outputs",
      classWeight: [{ 0: 1 }, { 0: 1 }, { 0: 1 }],
      model: branches,
      says: /3 outputs; the model has 2: sure, kind/,
    },
    { name: "a number for an output", classWeight: [{ 0: 1 }, 5], model: branches, says: /Found 5 for the output "kind"/ },
    { name: "another output", classWeight: { knid: { 0: 1 } }, model: branches, says: /no output "knid"[^]*"kind"/ },
    {
      name: "sequences",
      classWeight: { 0: 1 },
      model: () => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [5, 2] })] }),
      says: /more than one choice of classes a sample: its shape is \[null, 5, 3\]/,
    },
  ])("$name", ({ classWeight, says, model = () => dense(3, "softmax") }) => {
    const options = { model: model(), optimizer: "sgd", loss: "meanSquaredError", classWeight } as LayersModelOptions;
    const refused = { code: "ERR_CONFIG", path: "tfjsModel.classWeight", detail: expect.stringMatching(says) as string };
    expect(() => tfjsModel(tf, options)).toThrow(expect.objectContaining(refused) as Error);
  });

  test("a loss of one number for the batch, which model.fit weights by the mean of the weights", () => {
    const { model } = tfjsModel(tf, { model: dense(3, "softmax"), optimizer: "sgd", loss: lost, classWeight: [1, 5, 2] });
    const before = tf.memory().numTensors;
    expect(() => model.trainStep({ xs: xs(), ys: oneHot(3) }, contextOf(1))).toThrow(
      /ERR_STEP_RESULT[^]*returned the shape \[\] for 10 samples/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
