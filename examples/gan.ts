// Two models in one loop: a generator of points on a ring, and a discriminator that tells them from real ones. Checkpoints hold both with their
// optimizers, so that a run with `enableModelCheckpointHook` and `resume: "auto"` resumes exactly.
import * as tf from "@tensorflow/tfjs";
import { defineHook, GenericTrainer } from "trainscope";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "trainscope/tfjs";
import { startWasm } from "./digits/backend.js";

await startWasm();

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
const generator = tf.sequential({
  layers: [
    tf.layers.dense({ units: 16, inputShape: [2], activation: "tanh", kernelInitializer: seeded(1) }),
    tf.layers.dense({ units: 2, kernelInitializer: seeded(2) }),
  ],
});
const discriminator = tf.sequential({
  layers: [
    tf.layers.dense({ units: 32, inputShape: [2], activation: "relu", kernelInitializer: seeded(3) }),
    tf.layers.dense({ units: 1, kernelInitializer: seeded(4) }),
  ],
});

/** How far the discriminator is from giving every point the label 1 (real) or 0 (made). */
function misjudged(points: tf.Tensor, label: number, training: boolean): tf.Tensor {
  const logits = discriminator.apply(points, { training }) as tf.Tensor;
  return tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, label), logits);
}

/** How far from the ring of radius 1 the generated points are, on average. */
function distance(points: tf.Tensor): tf.Tensor {
  return points.norm("euclidean", 1).sub(1).abs().mean();
}

const { model, optimizers } = tfjsModel(tf, {
  parts: {
    generator: { model: generator, optimizer: tf.train.adam(0.005, 0.5) },
    discriminator: { model: discriminator, optimizer: tf.train.adam(0.005, 0.5), gradientClip: { norm: 1 } },
  },
  metricNames: ["d_loss", "g_loss", "distance"],
  step({ xs }: TfjsBatch, { minimize, seed, training }) {
    const real = xs as tf.Tensor;
    const noise = tf.randomNormal(real.shape, 0, 1, "float32", seed); // the step's own seed: a resumed run draws the same
    const make = () => generator.apply(noise, { training }) as tf.Tensor;
    const made = make();
    const d = minimize("discriminator", () => misjudged(real, 1, training).add(misjudged(made, 0, training)));
    const g = minimize("generator", () => misjudged(make(), 1, training));
    return { loss: d.add(g), metrics: { d_loss: d, g_loss: g, distance: distance(made) } };
  },
});

const angles = tf.randomUniform([512], 0, 2 * Math.PI, "float32", 7);
const ring = tf.stack([angles.cos(), angles.sin()], 1);
const points = { xs: ring, ys: ring };

const trainer = new GenericTrainer(
  { runName: "gan", maxEpochs: 60, seed: 1, logging: { loggerType: "none" } },
  model,
  optimizers,
);
trainer.hookManager.registerHook(
  defineHook("distance", {
    onValidationEnd: (_, epoch, metrics) => {
      if (epoch % 20 === 19) console.log(`epoch ${epoch + 1}: ${metrics["val/distance"]?.toFixed(3)} from the ring`);
    },
  }),
);
const { status, metrics } = await trainer.fit({
  train: tfjsLoader(tf, points, { batchSize: 64, shuffle: true }),
  validation: tfjsLoader(tf, points, { batchSize: 512 }),
});
console.log(`${status}: the generated points are ${metrics["val/distance"]?.toFixed(3)} from the ring`);
