// A run as a user of the package would write it, for every runtime: `program.mjs RUNS_DIR RUN_NAME [pauseMs]`.
// With `pauseMs` each step takes that long, so that the run can be stopped in its middle.
import * as tf from "@tensorflow/tfjs";
import { GenericTrainer, defineHook } from "trainscope";
import { tfjsLoader, tfjsModel } from "trainscope/tfjs";

const [runsDir, runName, pauseMs = "0"] = process.argv.slice(2);
const points = tf.randomUniform([200, 2], -1, 1, "float32", 7);
const inside = points.square().sum(1, true).less(0.5).toFloat();
const initial = (seed) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
const hidden = tf.layers.dense({ units: 16, activation: "relu", inputShape: [2], ...initial(1) });
const net = tf.sequential({ layers: [hidden, tf.layers.dense({ units: 1, activation: "sigmoid", ...initial(2) })] });
net.compile({ optimizer: tf.train.adam(0.05), loss: "binaryCrossentropy", metrics: ["accuracy"] });

const { model, optimizers } = tfjsModel(tf, { model: net });
const trainer = new GenericTrainer(
  {
    maxEpochs: 3,
    seed: 7,
    runsDir,
    runName,
    resume: "auto",
    logging: { loggerType: "tensorboard", logEveryNSteps: 1 },
    system: { enabled: true, intervalSteps: 5 },
    hooks: {
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { everyNSteps: 4, compress: "gzip" },
      enableWeightHistograms: true,
      weightHistogramsConfig: { histogramFreq: 5 },
      enableThroughput: true,
    },
  },
  model,
  optimizers,
);
const pace = defineHook("pace", {
  onTrainBatchEnd: () => (pauseMs === "0" ? undefined : new Promise((resolve) => setTimeout(resolve, Number(pauseMs)))),
});
trainer.hookManager.registerHook(pace);
trainer.events.on("checkpointSaved", () => process.stdout.write("saved\n"));
const train = tfjsLoader(tf, { xs: points, ys: inside }, { batchSize: 20, shuffle: true });
const result = await trainer.fit({ train, validation: tfjsLoader(tf, { xs: points, ys: inside }) });
const weights = net.getWeights().flatMap((weight) => [...weight.dataSync()]);
process.stdout.write(`${JSON.stringify({ status: result.status, steps: result.steps, weights, metrics: result.metrics })}\n`);
