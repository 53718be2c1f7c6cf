// A loop that stays with TensorFlow.js's model.fit, with the logging of a trainer: the console, TensorBoard and a training log.
import * as tf from "@tensorflow/tfjs";
import { TrainingLogBackend } from "trainscope/log";
import { CompositeLogger, ConsoleBackend } from "trainscope/loggers";
import { TensorBoardBackend } from "trainscope/tensorboard";
import { tfjsCallback, tfjsSeedWeights } from "trainscope/tfjs";

const xs = tf.randomUniform([600, 2], -1, 1, "float32", 7); // task: is the point inside a circle?
const ys = xs.square().sum(1, true).less(0.5).toFloat();

const hidden = tf.layers.dense({ units: 16, activation: "relu", inputShape: [2] });
const net = tf.sequential({ layers: [hidden, tf.layers.dense({ units: 1, activation: "sigmoid" })] });
net.compile({ optimizer: tf.train.adam(0.05), loss: "binaryCrossentropy", metrics: ["accuracy"] });
tfjsSeedWeights(tf, net, 7);

const logger = new CompositeLogger([
  new ConsoleBackend(),
  new TensorBoardBackend({ dir: "runs/model-fit/tensorboard" }),
  new TrainingLogBackend({ dir: "runs/model-fit/log", metrics: true }),
]);
const earlyStopping = tf.callbacks.earlyStopping({ monitor: "val_loss", patience: 3 });
const { epoch } = await net.fit(xs, ys, {
  epochs: 30,
  batchSize: 50,
  validationSplit: 0.2,
  verbose: 0,
  callbacks: [earlyStopping, tfjsCallback(tf, { logger, logEveryNSteps: 10 })],
});
const reports = await logger.close("completed");
console.log(`${epoch.length} epochs, ${reports.map(({ backend, delivered }) => `${backend} ${delivered}`).join(", ")} records`);
