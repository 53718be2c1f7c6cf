import { beforeEach, describe, expect, test } from "vitest";
import type { StepResult } from "../../src/contract/index.js";
import { tfjsModel } from "../../src/tfjs/index.js";
import type { TfjsBatch } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, countReads, randoms, take, takeAll, tf, useBackend } from "./harness.js";

const SAMPLES = 16;

/** Three classes that a line can tell apart. */
function batchOf(seed: number): { xs: ReturnType<typeof tf.tensor2d>; ys: ReturnType<typeof tf.tensor2d> } {
  const values = randoms(SAMPLES * 4, seed);
  const classes = Array.from({ length: SAMPLES }, (_, i) =>
    (values[i * 4] ?? 0) > 0.3 ? 2 : (values[i * 4 + 1] ?? 0) > 0 ? 1 : 0,
  );
  return {
    xs: tf.tensor2d(values, [SAMPLES, 4]),
    ys: tf.tidy(() => tf.oneHot(tf.tensor1d(classes, "int32"), 3).toFloat() as ReturnType<typeof tf.tensor2d>),
  };
}

function network(options: { dropout?: number; penalty?: number } = {}) {
  const { dropout = 0, penalty = 0 } = options;
  return tf.sequential({
    layers: [
      tf.layers.dense({
        units: 8,
        activation: "relu",
        inputShape: [4],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
        ...(penalty > 0 ? { kernelRegularizer: tf.regularizers.l2({ l2: penalty }) } : {}),
      }),
      tf.layers.batchNormalization(),
      ...(dropout > 0 ? [tf.layers.dropout({ rate: dropout })] : []),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }) }),
    ],
  });
}

describe.each(BACKENDS)("a LayersModel on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("learns, and the user's own model has learned", async () => {
    const net = network({ dropout: 0.1 });
    const { model, optimizers } = tfjsModel(tf, {
      model: net,
      optimizer: tf.train.adam(0.02),
      loss: "categoricalCrossentropy",
      metrics: ["accuracy"],
    });
    await model.prepare();
    expect(model.metricNames).toEqual(["accuracy"]);
    expect(optimizers.map(({ name }) => name)).toEqual(["adam"]);
    const before = await takeAll(await model.evalStep(batchOf(1), contextOf(0)));
    for (let step = 1; step <= 150; step++) await takeAll(await model.trainStep(batchOf(1 + (step % 20)), contextOf(step)));
    const after = await takeAll(await model.evalStep(batchOf(1), contextOf(0)));
    expect(after["loss"]).toBeLessThan((before["loss"] as number) / 2);
    expect(after["accuracy"]).toBeGreaterThan(0.85);
    const { xs, ys } = batchOf(1);
    const [loss, accuracy] = net.evaluate(xs, ys, { batchSize: SAMPLES }) as ReturnType<typeof tf.scalar>[];
    expect(loss?.dataSync()[0]).toBeCloseTo(after["loss"] as number, 5);
    expect(accuracy?.dataSync()[0]).toBeCloseTo(after["accuracy"] as number, 5);
  });

  test("one step does what fit does with one batch", async () => {
    const [fitted, stepped] = [network({ penalty: 0.05 }), network({ penalty: 0.05 })];
    stepped.setWeights(fitted.getWeights());
    fitted.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    stepped.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    const { model } = tfjsModel(tf, { model: stepped });
    const batch = batchOf(5);
    const history = await fitted.fit(batch.xs, batch.ys, { epochs: 1, batchSize: SAMPLES, shuffle: false, verbose: 0 });
    const { loss, accuracy } = await takeAll(await model.trainStep(batch, contextOf(1)));
    expect(loss).toBeCloseTo(history.history["loss"]?.[0] as number, 5);
    expect(accuracy).toBeCloseTo(history.history["acc"]?.[0] as number, 5);
    for (const [index, weight] of fitted.getWeights().entries()) {
      const other = stepped.getWeights()[index];
      weight.dataSync().forEach((value, i) => expect(other?.dataSync()[i]).toBeCloseTo(value, 5));
    }
  });

  test("numTensors is equal at every boundary over 500 steps, also with gradients, outputs and evaluation", async () => {
    const net = network({ dropout: 0.2, penalty: 0.01 });
    const { model } = tfjsModel(tf, {
      model: net,
      optimizer: "adam",
      loss: "categoricalCrossentropy",
      metrics: ["accuracy", "mse"],
    });
    const counts = new Set<number>();
    for (let step = 1; step <= 500; step++) {
      const wants = { wantsGradients: step % 100 === 1, wantsOutputs: step % 100 === 51 };
      await takeAll(await model.trainStep(batchOf(step), contextOf(step, wants)));
      if (step % 50 === 0) {
        await takeAll(await model.evalStep(batchOf(step), contextOf(step)));
        counts.add(tf.memory().numTensors);
      }
    }
    expect([...counts]).toHaveLength(1);
    model.dispose();
  });

  test("losses stay on the device until they are read, once", async () => {
    const { model } = tfjsModel(tf, {
      model: network(),
      optimizer: "sgd",
      loss: "categoricalCrossentropy",
      metrics: ["accuracy"],
    });
    const results: StepResult[] = [];
    const reads = countReads();
    for (let step = 1; step <= 10; step++) results.push(await model.trainStep(batchOf(step), contextOf(step)));
    expect(reads.count()).toBe(0);
    for (const { loss, metrics } of results) {
      expect(await take(loss)).toBeGreaterThan(0);
      await take(metrics?.["accuracy"]);
    }
    expect(reads.count()).toBe(20);
    reads.stop();
  });

  test("gradients are kept when wanted, until the next step", async () => {
    const { model } = tfjsModel(tf, { model: network(), optimizer: "sgd", loss: "categoricalCrossentropy" });
    await takeAll(await model.trainStep(batchOf(1), contextOf(1)));
    expect([...model.gradients()]).toHaveLength(0);
    await takeAll(await model.trainStep(batchOf(2), contextOf(2, { wantsGradients: true })));
    const gradients = [...model.gradients()];
    expect(gradients.map(({ name }) => name)).toEqual([...model.parameters()].map(({ name }) => name));
    for (const gradient of gradients) {
      expect(gradient.shape).toEqual([...model.parameters()].find(({ name }) => name === gradient.name)?.shape);
      expect((await gradient.read()).some((value) => value !== 0)).toBe(true);
    }
    await takeAll(await model.trainStep(batchOf(3), contextOf(3)));
    expect([...model.gradients()]).toHaveLength(0);
  });

  test("moving averages move in training, stay in validation, and are part of the state", async () => {
    const { model } = tfjsModel(tf, { model: network(), optimizer: "sgd", loss: "categoricalCrossentropy" });
    const mean = async () =>
      Object.entries(await model.state())
        .find(([name]) => name.endsWith("moving_mean"))?.[1]
        .data.join();
    const start = await mean();
    await takeAll(await model.evalStep(batchOf(1), contextOf(1)));
    expect(await mean()).toBe(start);
    await takeAll(await model.trainStep(batchOf(1), contextOf(1)));
    expect(await mean()).not.toBe(start);
  });

  test("outputs and timings", async () => {
    const { model } = tfjsModel(tf, { model: network(), optimizer: "sgd", loss: "categoricalCrossentropy" });
    const { outputs, timings, batchSize, ...rest } = await model.trainStep(batchOf(1), contextOf(1, { wantsOutputs: true }));
    await takeAll({ ...rest, batchSize });
    expect(batchSize).toBe(SAMPLES);
    expect(outputs?.predictions).toMatchObject({ shape: [SAMPLES, 3], dtype: "F32" });
    expect(outputs?.targets?.shape).toEqual([SAMPLES, 3]);
    expect(outputs?.images).toBeUndefined();
    expect(timings?.forwardSeconds).toBeGreaterThan(0);
    expect(timings?.backwardSeconds).toBeGreaterThan(0);
    expect(timings?.optimizerSeconds).toBeGreaterThan(0);
  });

  test("image inputs come back as images", async () => {
    const net = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 3, 1] }), tf.layers.dense({ units: 1 })] });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    const pixels = randoms(12, 1);
    const evaluate = async (more: { wantsImages?: boolean }): Promise<StepResult> =>
      model.evalStep({ xs: tf.tensor(pixels, [2, 2, 3, 1]), ys: tf.ones([2, 1]) }, contextOf(1, { wantsOutputs: true, ...more }));
    const { outputs } = await evaluate({});
    const without = await evaluate({ wantsImages: false });
    expect([without.outputs?.images, without.outputs?.predictions?.shape]).toEqual([undefined, [2, 1]]);
    expect(outputs?.images).toEqual(
      [0, 6].map((begin) => ({ width: 3, height: 2, channels: 1, data: pixels.slice(begin, begin + 6) })),
    );
  });

  test("several inputs and outputs, as arrays and by name", async () => {
    const a = tf.input({ shape: [4], name: "left" });
    const b = tf.input({ shape: [2], name: "right" });
    const joined = tf.layers.concatenate().apply([a, b]) as typeof a;
    const out = tf.layers.dense({ units: 1, name: "score" }).apply(joined) as typeof a;
    const kind = tf.layers.dense({ units: 3, activation: "softmax", name: "kind" }).apply(joined) as typeof a;
    const net = tf.model({ inputs: [a, b], outputs: [out, kind] });
    const { model } = tfjsModel(tf, {
      model: net,
      optimizer: "sgd",
      loss: { score: "meanSquaredError", kind: "categoricalCrossentropy" },
      metrics: { kind: "accuracy" },
    });
    expect(model.metricNames).toEqual(["score_loss", "kind_loss", "kind_accuracy"]);
    const named = (): TfjsBatch => ({
      xs: { right: tf.ones([5, 2]), left: tf.ones([5, 4]) },
      ys: { kind: tf.oneHot(tf.zeros([5], "int32"), 3).toFloat(), score: tf.ones([5, 1]) },
    });
    const first = await takeAll(await model.evalStep(named(), contextOf(1)));
    expect(first["loss"]).toBeCloseTo((first["score_loss"] as number) + (first["kind_loss"] as number), 5);
    const listed = named();
    const { left, right } = listed.xs as Record<string, ReturnType<typeof tf.tensor>>;
    const { kind: kinds, score } = listed.ys as Record<string, ReturnType<typeof tf.tensor>>;
    const trained = await takeAll(await model.trainStep({ xs: [left!, right!], ys: [score!, kinds!] }, contextOf(1)));
    expect(Object.keys(trained)).toEqual(Object.keys(first));
    // The losses are added in another order than in validation, as TensorFlow.js does.
    for (const [name, value] of Object.entries(first)) expect(trained[name]).toBeCloseTo(value, 5);
    const missing = { xs: { left: tf.ones([5, 4]) }, ys: tf.ones([5, 1]) };
    expect(() => model.trainStep(missing, contextOf(2))).toThrow(/"right"[^]*Available: left/);
  });

  test("loss and metric functions", async () => {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
    const { model } = tfjsModel(tf, {
      model: net,
      optimizer: tf.train.sgd(0.1),
      loss: (yTrue, yPred) => yPred.sub(yTrue).abs(),
      metrics: [
        function worst(yTrue, yPred) {
          return yPred.sub(yTrue).abs().max();
        },
        () => tf.scalar(7),
      ],
    });
    expect(model.metricNames).toEqual(["worst", "metric_2"]);
    const values = await takeAll(await model.trainStep({ xs: tf.ones([3, 4]), ys: tf.tensor2d([[0], [0], [9]]) }, contextOf(1)));
    expect(values["worst"]).toBeGreaterThanOrEqual(values["loss"] as number);
    expect(values["metric_2"]).toBe(7);
  });
});
