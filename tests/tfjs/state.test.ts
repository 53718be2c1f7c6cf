import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9, true),
  adagrad: () => tf.train.adagrad(0.05),
  adadelta: () => tf.train.adadelta(0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  // TensorFlow.js subtracts this epsilon under a root: a positive one gives NaN for a gradient of zero.
  rmspropCentered: () => tf.train.rmsprop(0.01, 0.9, 0.5, -1e-7, true),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01, 0.9, 0.999, undefined, 0.01),
} as const;

function batchOf(step: number) {
  return { xs: tf.tensor2d(randoms(12, step), [4, 3]), ys: tf.tensor2d(randoms(4, step + 1000), [4, 1]) };
}

/** Layers without names: their automatic names differ with every call in one process. */
function training(optimizer: () => ReturnType<typeof tf.train.sgd>, seed: number) {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 4,
        activation: "tanh",
        inputShape: [3],
        kernelInitializer: tf.initializers.glorotUniform({ seed }),
      }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: 0.3, seed: 1 }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: seed + 1 }) }),
    ],
  });
  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: optimizer(), loss: "meanSquaredError" });
  const [first] = optimizers;
  if (first === undefined) throw new TypeError("no optimizer");
  return { model, optimizer: first, net };
}

describe.each(BACKENDS)("state on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[])(
    "%s: four steps, a new model, six steps are bitwise ten steps",
    async (name) => {
      const whole = training(OPTIMIZERS[name] as () => ReturnType<typeof tf.train.sgd>, 1);
      for (let step = 1; step <= 10; step++) await takeAll(await whole.model.trainStep(batchOf(step), contextOf(step)));

      const first = training(OPTIMIZERS[name] as () => ReturnType<typeof tf.train.sgd>, 1);
      for (let step = 1; step <= 4; step++) await takeAll(await first.model.trainStep(batchOf(step), contextOf(step)));
      const second = training(OPTIMIZERS[name] as () => ReturnType<typeof tf.train.sgd>, 77);
      const saved = { model: await first.model.state(), optimizer: await first.optimizer.state() };
      second.model.loadState(saved.model);
      await second.optimizer.loadState(saved.optimizer);
      expect(bytesOf(await second.model.state())).toEqual(bytesOf(saved.model));
      expect(bytesOf(await second.optimizer.state())).toEqual(bytesOf(saved.optimizer));
      const tensors = tf.memory().numTensors;
      for (let step = 5; step <= 10; step++) await takeAll(await second.model.trainStep(batchOf(step), contextOf(step)));

      expect(tf.memory().numTensors).toBe(tensors);
      for (const { data } of Object.values(await whole.model.state()))
        expect(data.every((value) => Number.isFinite(value))).toBe(true);
      expect(bytesOf(await second.model.state())).toEqual(bytesOf(await whole.model.state()));
      expect(bytesOf(await second.optimizer.state())).toEqual(bytesOf(await whole.optimizer.state()));
    },
  );

  test.each(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[])(
    "%s: the learning rate that is set is the one that is used",
    async (name) => {
      const updates = async (learningRate: number): Promise<number> => {
        const { model, optimizer } = training(OPTIMIZERS[name] as () => ReturnType<typeof tf.train.sgd>, 1);
        optimizer.learningRate = learningRate;
        expect(optimizer.learningRate).toBe(learningRate);
        const weights = async () => Object.values(await model.state())[0]?.data as Float32Array;
        const before = await weights();
        await takeAll(await model.trainStep(batchOf(1), contextOf(1)));
        const after = await weights();
        return before.reduce((sum, value, index) => sum + Math.abs(value - (after[index] as number)), 0);
      };
      expect(await updates(0)).toBe(0);
      expect(await updates(0.02)).toBeGreaterThan(0);
      expect((await updates(0.02)) / (await updates(0.01))).toBeCloseTo(2, 1);
    },
  );

  test("a state before the first step goes back to before the first step", async () => {
    const { model, optimizer } = training(OPTIMIZERS.adam as never, 1);
    const fresh = { model: await model.state(), optimizer: await optimizer.state() };
    for (let step = 1; step <= 3; step++) await takeAll(await model.trainStep(batchOf(step), contextOf(step)));
    model.loadState(fresh.model);
    await optimizer.loadState(fresh.optimizer);
    expect(bytesOf(await optimizer.state())).toEqual(bytesOf(fresh.optimizer));
    expect(Object.keys(fresh.optimizer).sort()).toEqual(["accBeta1", "accBeta2", "iterations"]);
  });

  test("a saved state is a copy: training on does not change it, nor what it was loaded into", async () => {
    const { model } = training(OPTIMIZERS.sgd, 1);
    const saved = await model.state();
    const bytes = bytesOf(saved);
    await takeAll(await model.trainStep(batchOf(1), contextOf(1)));
    expect(bytesOf(saved)).toEqual(bytes);
    model.loadState(saved);
    for (const tensor of Object.values(saved)) tensor.data.fill(0 as never);
    expect(bytesOf(await model.state())).toEqual(bytes);
  });

  test("names count layers within the model, keep given names, and hold the moving averages", async () => {
    const inner = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
    const net = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [2], name: "encoder" }),
        tf.layers.dense({ units: 2 }),
        inner,
        tf.layers.batchNormalization({ scale: false }),
        tf.layers.reshape({ targetShape: [2, 1] }),
        tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 1 }) as never, mergeMode: "sum" }),
      ],
    });
    const { model } = tfjsModel(tf, { model: net, optimizer: "adam", loss: "meanSquaredError" });
    const names = Object.keys(await model.state());
    // The inner layer was made first.
    expect(names).toEqual(
      expect.arrayContaining(["encoder/kernel", "encoder/bias", "dense_Dense2/kernel", "dense_Dense1/kernel"]),
    );
    expect(names).toEqual(
      expect.arrayContaining([
        "batch_normalization_BatchNormalization1/moving_mean",
        "bidirectional_Bidirectional1/forward_lstm_LSTM1/kernel",
      ]),
    );
    expect(names).toHaveLength(2 * 3 + 3 + 6);
    expect([...model.parameters()].map(({ name }) => name)).not.toContain("batch_normalization_BatchNormalization1/moving_mean");
  });

  test("a state that does not fit is refused by name and changes nothing", async () => {
    const { model, optimizer } = training(OPTIMIZERS.adam as never, 1);
    const saved = await model.state();
    const bytes = bytesOf(saved);
    const [name] = Object.keys(saved) as [string];
    const { [name]: gone, ...rest } = saved;
    expect(() => model.loadState(rest)).toThrow(`lacks "${name}"`);
    expect(() => model.loadState({ ...saved, extra: gone as never })).toThrow('"extra"');
    expect(() => model.loadState({ ...saved, [name]: { shape: [1], dtype: "F32", data: new Float32Array(1) } })).toThrow(
      /was saved as F32 \[1\], here it is F32 \[3, 4\]/,
    );
    expect(bytesOf(await model.state())).toEqual(bytes);
    expect(() => optimizer.loadState({ iterations: { shape: [], dtype: "I64", data: BigInt64Array.of(1n) } })).toThrow(
      /lacks "accBeta1"/,
    );
  });
});
