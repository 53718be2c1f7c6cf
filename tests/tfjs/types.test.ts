import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import type {
  TensorOf,
  Tfjs,
  TfjsBatch,
  TfjsDataset,
  TfjsLayersModel,
  TfjsOptimizer,
  TfjsTensor,
  TfjsVariable,
} from "../../src/tfjs/types.js";

/** Compiles only while the first type fits the second. */
function fits<Wanted>(...given: Wanted[]): number {
  return given.length;
}

test("the real TensorFlow.js fits the structural types without a cast", () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  const input = tf.input({ shape: [2] });
  const functional = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor });
  const batch: { xs: tf.Tensor2D; ys: tf.Tensor1D } = { xs: tf.zeros([1, 2]), ys: tf.tensor1d([1]) };
  expect(fits<Tfjs>(tf)).toBe(1);
  expect(fits<TfjsTensor>(tf.scalar(1), batch.xs)).toBe(2);
  expect(fits<TfjsVariable>(tf.variable(tf.scalar(1)))).toBe(1);
  expect(fits<TfjsLayersModel>(model, functional)).toBe(2);
  expect(fits<TfjsOptimizer>(tf.train.adam(), tf.train.sgd(1), tf.train.momentum(1, 0.9))).toBe(3);
  expect(fits<TfjsBatch>(batch, { xs: [batch.xs], ys: { out: batch.ys } })).toBe(2);
  expect(fits<TfjsDataset<unknown>>(tf.data.array([1, 2]))).toBe(1);
  const tensor: TensorOf<typeof tf> = tf.scalar(1) as tf.Tensor;
  expect(tensor.mul(2).dataSync()[0]).toBe(2);
});
