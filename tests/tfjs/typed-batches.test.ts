import * as tf from "@tensorflow/tfjs";
import { expect, expectTypeOf, test } from "vitest";
import type { BatchOf, DataLoader } from "../../src/contract/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { defineHook } from "../../src/hooks/index.js";
import { tfjsLoader, tfjsModel, tfjsSplit, type TfjsBatch } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";

const xs = tf.zeros([4, 2]) as tf.Tensor2D;
const ys = tf.zeros([4]) as tf.Tensor1D;

test("a loader of tensors gives batches of their own types", () => {
  const plain = tfjsLoader(tf, { xs, ys }, { batchSize: 2 });
  expectTypeOf<BatchOf<typeof plain>>().toEqualTypeOf<TfjsBatch<tf.Tensor2D, tf.Tensor1D>>();
  const named = tfjsLoader(tf, { xs: { image: xs, age: ys }, ys: { label: ys } });
  expectTypeOf<BatchOf<typeof named>["xs"]>().toEqualTypeOf<{ image: tf.Tensor2D; age: tf.Tensor1D }>();
  expectTypeOf<BatchOf<typeof named>["ys"]>().toEqualTypeOf<{ label: tf.Tensor1D }>();
  const listed = tfjsLoader(tf, { xs: [xs, ys], ys: [ys] });
  expectTypeOf<BatchOf<typeof listed>["xs"]>().toEqualTypeOf<[tf.Tensor2D, tf.Tensor1D]>();
  const many: tf.Tensor2D[] = [xs, xs];
  const array = tfjsLoader(tf, { xs: many, ys });
  expectTypeOf<BatchOf<typeof array>["xs"]>().toEqualTypeOf<tf.Tensor2D[]>();
  const { train, validation } = tfjsSplit(tf, { xs, ys }, { validationSplit: 0.5 });
  expectTypeOf<typeof train>().toEqualTypeOf<DataLoader<TfjsBatch<tf.Tensor2D, tf.Tensor1D>>>();
  expectTypeOf<typeof validation>().toEqualTypeOf<typeof train>();
  const general: DataLoader<TfjsBatch> = plain;
  expect(general.length).toBe(2);
});

test("a loader of a dataset gives its elements, grouped where they are", () => {
  const elements = tf.data.array([{ xs: [1, 2], ys: 3 }]);
  const grouped = tfjsLoader(tf, elements, { batchSize: 1 });
  expectTypeOf<BatchOf<typeof grouped>>().toEqualTypeOf<{ xs: tf.Tensor; ys: tf.Tensor }>();
  const batches = tf.data.array([0]).map(() => ({ xs: { image: xs }, ys }));
  const whole = tfjsLoader(tf, batches);
  expectTypeOf<BatchOf<typeof whole>>().toEqualTypeOf<{ xs: { image: tf.Tensor2D }; ys: tf.Tensor1D }>();
  const unknown = tfjsLoader(tf, elements.batch(1)); // TensorFlow.js forgets the type of the elements
  expectTypeOf<typeof unknown>().toEqualTypeOf<DataLoader<TfjsBatch>>();
  const said = tfjsLoader<{ states: tf.Tensor2D }>(tf, elements.batch(1));
  expectTypeOf<typeof said>().toEqualTypeOf<DataLoader<{ states: tf.Tensor2D }>>();
  expect(grouped.length).toBe(1);
});

test("arrayLoader gives arrays of its samples, or what collate makes of them", () => {
  const samples = [{ pixels: [1], label: 2 }];
  const plain = arrayLoader(samples, { batchSize: 1 });
  expectTypeOf<BatchOf<typeof plain>>().toEqualTypeOf<{ pixels: number[]; label: number }[]>();
  const collated = arrayLoader(samples, {
    batchSize: 1,
    collate: (chosen) => ({ xs: tf.tensor2d(chosen.map(({ pixels }) => pixels)), ys: tf.tensor1d([1]) }),
  });
  expectTypeOf<BatchOf<typeof collated>>().toEqualTypeOf<{ xs: tf.Tensor2D; ys: tf.Tensor1D }>();
  const list = [{ xs, ys }];
  expectTypeOf<BatchOf<typeof list>>().toEqualTypeOf<{ xs: tf.Tensor2D; ys: tf.Tensor1D }>();
  expect(collated.length).toBe(1);
});

test("a function model, its trainer and its hooks have the loader's batches", () => {
  const { train, validation } = tfjsSplit(tf, { xs: { image: xs }, ys }, { validationSplit: 0.5 });
  type Batch = BatchOf<typeof train>;
  const w = tf.variable(tf.zeros([2, 1]) as tf.Tensor2D);
  const { model, optimizers } = tfjsModel(tf, {
    variables: { w },
    optimizer: tf.train.sgd(1),
    loss: (batch: Batch, info) => {
      expectTypeOf(batch.xs.image).toEqualTypeOf<tf.Tensor2D>();
      expectTypeOf(info.seed).toEqualTypeOf<number>();
      return tf.losses.meanSquaredError(batch.ys, batch.xs.image.matMul(w).reshape([-1])) as tf.Scalar;
    },
  });
  const trainer = new GenericTrainer({ maxEpochs: 1 }, model, optimizers);
  expectTypeOf(trainer).toEqualTypeOf<GenericTrainer<Batch>>();
  trainer.hookManager.registerHook(
    defineHook("look", {
      onTrainBatchStart(_trainer, batch) {
        expectTypeOf(batch.ys).toEqualTypeOf<tf.Tensor1D>();
      },
    }),
  );
  expectTypeOf(trainer.fit).parameter(0).toHaveProperty("train");
  expectTypeOf({ train, validation }).toExtend<Parameters<typeof trainer.fit>[0]>();
});

test("a LayersModel takes typed loaders, and a trainer that names them gives hooks their batches", () => {
  const train = tfjsLoader(tf, { xs, ys });
  const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
  const trainer = new GenericTrainer<BatchOf<typeof train>>({ maxEpochs: 1 }, model, optimizers);
  expectTypeOf({ train }).toExtend<Parameters<typeof trainer.fit>[0]>();
  trainer.hookManager.registerHook(
    defineHook("look", { onTrainBatchStart: (_trainer, batch) => void expectTypeOf(batch.xs).toEqualTypeOf<tf.Tensor2D>() }),
  );
  const general = new GenericTrainer({ maxEpochs: 1 }, model, optimizers);
  expectTypeOf({ train }).toExtend<Parameters<typeof general.fit>[0]>();
});
