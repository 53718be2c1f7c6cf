import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const ROWS = 8;

/** What a step with this seed leaves in the weights of a model that drops units. */
async function weightsAfter(make: () => ReturnType<typeof tf.sequential>, shape: number[], stepSeed: number): Promise<string> {
  const net = make();
  net.setWeights(net.getWeights().map((weight, index) => tf.tensor(randoms(weight.size, index + 1), weight.shape)));
  const { model } = tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  const size = shape.reduce((product, length) => product * length, ROWS);
  await takeAll(
    await model.trainStep(
      { xs: tf.tensor(randoms(size, 9), [ROWS, ...shape]), ys: tf.ones([ROWS, 1]) },
      contextOf(1, { stepSeed }),
    ),
  );
  return JSON.stringify(bytesOf(await model.state()));
}

const dense = () => tf.layers.dense({ units: 16, activation: "tanh", inputShape: [4] });

const MODELS = {
  dropout: {
    shape: [4],
    make: () => tf.sequential({ layers: [dense(), tf.layers.dropout({ rate: 0.5 }), tf.layers.dense({ units: 1 })] }),
  },
  "dropout with a seed of its own": {
    shape: [4],
    make: () => tf.sequential({ layers: [dense(), tf.layers.dropout({ rate: 0.5, seed: 4 }), tf.layers.dense({ units: 1 })] }),
  },
  "dropout in a nested model": {
    shape: [4],
    make: () =>
      tf.sequential({
        layers: [
          dense(),
          tf.sequential({ layers: [tf.layers.dropout({ rate: 0.5, inputShape: [16] })] }),
          tf.layers.dense({ units: 1 }),
        ],
      }),
  },
  "spatial dropout": {
    shape: [6, 4],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.spatialDropout1d({ rate: 0.5, inputShape: [6, 4] }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 1 }),
        ],
      }),
  },
  "lstm with both dropouts": {
    shape: [5, 3],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.lstm({ units: 4, dropout: 0.4, recurrentDropout: 0.4, inputShape: [5, 3] }),
          tf.layers.dense({ units: 1 }),
        ],
      }),
  },
  "gru in a wrapper": {
    shape: [5, 3],
    make: () =>
      tf.sequential({
        layers: [
          tf.layers.bidirectional({
            layer: tf.layers.gru({ units: 4, dropout: 0.4 }) as never,
            mergeMode: "concat",
            inputShape: [5, 3],
          }),
          tf.layers.dense({ units: 1 }),
        ],
      }),
  },
};

describe.each(BACKENDS)("random layers on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each(Object.entries(MODELS))(
    "%s: the same step seed drops the same, another drops others",
    async (_name, { make, shape }) => {
      const first = await weightsAfter(make, shape, 5);
      expect(await weightsAfter(make, shape, 5)).toBe(first);
      expect(await weightsAfter(make, shape, 6)).not.toBe(first);
      expect(await weightsAfter(make, shape, 0)).toBe(await weightsAfter(make, shape, 0));
    },
  );

  test("two dropout layers draw from different streams", async () => {
    const net = tf.sequential({
      layers: [
        tf.layers.dropout({ rate: 0.5, inputShape: [400] }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 1, useBias: false, kernelInitializer: "zeros" }),
      ],
    });
    // With zero weights and targets of one, the gradient of a weight is its input times -2: zero where it was dropped.
    const { model } = tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
    await takeAll(await model.trainStep({ xs: tf.ones([1, 400]), ys: tf.ones([1, 1]) }, contextOf(1, { wantsGradients: true })));
    const [gradient] = [...model.gradients()];
    const kept = [...((await gradient?.read()) as Float32Array)].filter((value) => value !== 0).length;
    expect(kept).toBeGreaterThan(60);
    expect(kept).toBeLessThan(140);
    model.dispose();
  });

  test("the user's seed is still what a saved model holds", () => {
    const layer = tf.layers.dropout({ rate: 0.5, seed: 4 });
    const net = tf.sequential({ layers: [dense(), layer, tf.layers.dense({ units: 1 })] });
    tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    expect(layer.getConfig()).toMatchObject({ rate: 0.5, seed: 4 });
    expect(net.toJSON(null, true)).toContain('"seed":4');
  });

  test("layers that no seed reaches are named in the warnings", async () => {
    const net = tf.sequential({
      layers: [dense(), tf.layers.gaussianNoise({ stddev: 1, name: "hiss" }), tf.layers.dense({ units: 1 })],
    });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    await model.prepare();
    expect(model.warnings.join("\n")).toMatch(/Random numbers of hiss cannot be seeded/);
  });
});
