// TensorFlow.js programs. TensorFlow.js's own declarations do not pass `skipLibCheck: false`; ours are checked with program.ts.
import * as tf from "@tensorflow/tfjs";
import { GenericTrainer, type BatchOf, type DataLoader } from "trainscope";
import { tfjsCallback, tfjsLoader, tfjsModel, tfjsSeedWeights, tfjsSplit, type TfjsBatch } from "trainscope/tfjs";

const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
const given = tfjsModel(tf, { model: net, optimizer: tf.train.adam(1e-3), loss: "meanSquaredError", metrics: ["mse"] });
const loader: DataLoader<TfjsBatch> = tfjsLoader(
  tf,
  { xs: tf.zeros([4, 2]), ys: tf.zeros([4, 1]) },
  { batchSize: 2, shuffle: true },
);

export async function main(): Promise<number | undefined> {
  const result = await new GenericTrainer({ maxEpochs: 1 }, given.model, given.optimizers).fit({ train: loader });
  return result.metrics["train/loss"];
}

/** Batches have the types of what went into the loader. */
export async function typed(): Promise<number | undefined> {
  const data = { xs: { image: tf.zeros([4, 2]) as tf.Tensor2D }, ys: tf.zeros([4]) as tf.Tensor1D };
  const split = tfjsSplit(tf, data, { validationSplit: 0.5, batchSize: 2, shuffle: true });
  const w = tf.variable(tf.zeros([2, 1]) as tf.Tensor2D);
  const { model, optimizers } = tfjsModel(tf, {
    variables: { w },
    optimizer: tf.train.sgd(0.1),
    loss: ({ xs, ys }: BatchOf<typeof split.train>) => xs.image.matMul(w).as1D().sub(ys).square().mean(),
  });
  const result = await new GenericTrainer({ maxEpochs: 1 }, model, optimizers).fit(split);
  return result.metrics["val/loss"];
}

/** A dataset's elements are typed too, and one that TensorFlow.js has batched is `{ xs, ys }`. */
export const elements: DataLoader<{ xs: tf.Tensor; ys: tf.Tensor }> = tfjsLoader(tf, tf.data.array([{ xs: [1, 2], ys: 3 }]), {
  batchSize: 1,
});
export const batches: DataLoader<TfjsBatch> = tfjsLoader(tf, tf.data.array([{ xs: [1, 2], ys: 3 }]).batch(1));

/** `model.fit` takes the callback alone and in lists. */
export async function fit(): Promise<tf.History> {
  tfjsSeedWeights(tf, net, 7);
  const ours = tfjsCallback(tf, { logger: { name: "mine", logMetrics: (metrics, step) => console.log(step, metrics) } });
  await net.fit(tf.zeros([4, 2]), tf.zeros([4, 1]), { callbacks: ours });
  return net.fit(tf.zeros([4, 2]), tf.zeros([4, 1]), { callbacks: [tf.callbacks.earlyStopping(), ours] });
}
