import type * as Tf from "@tensorflow/tfjs";
import { CLASSES, SIDE } from "./data.js";

/** What the model is made of. */
export const MODEL = { hidden1: 256, hidden2: 128, dropout: 0.25 };

/** 784-256-128-10 with dropout. Every initializer is seeded, so that a run can be repeated. */
export function digitModel(tf: typeof Tf, seed: number): Tf.Sequential {
  const dense = (units: number, more: Partial<Parameters<typeof tf.layers.dense>[0]>, layer: number) =>
    tf.layers.dense({ units, kernelInitializer: tf.initializers.heNormal({ seed: seed + layer }), ...more });
  return tf.sequential({
    name: "digits",
    layers: [
      tf.layers.flatten({ inputShape: [SIDE, SIDE, 1], name: "pixels" }),
      dense(MODEL.hidden1, { activation: "relu", name: "hidden1" }, 1),
      tf.layers.dropout({ rate: MODEL.dropout, name: "dropout1" }),
      dense(MODEL.hidden2, { activation: "relu", name: "hidden2" }, 2),
      tf.layers.dropout({ rate: MODEL.dropout, name: "dropout2" }),
      dense(CLASSES, { activation: "softmax", name: "digit" }, 3),
    ],
  });
}
