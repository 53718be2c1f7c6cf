// TensorFlow.js programs. TensorFlow.js's own declarations do not pass `skipLibCheck: false`; ours are checked with program.ts.
import * as tf from "@tensorflow/tfjs";
import { GenericTrainer, type DataLoader } from "trainscope";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "trainscope/tfjs";

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
