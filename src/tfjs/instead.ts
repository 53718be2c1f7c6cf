import { ELSEWHERE } from "../support/elsewhere.js";
import type { Instead } from "../support/option-keys.js";

const WEIGHTED =
  "Of a LayersModel it is an option of tfjsModel: tfjsModel(tf, { model, classWeight: { 0: 1, 1: 5 } }).\n" +
  "A loss function over variables weights its own samples: with one-hot targets, loss.mul(ys.mul([1, 5]).sum(-1)).";
const SAMPLES =
  "TensorFlow.js weights no samples of a LayersModel: model.fit refuses sampleWeight too.\n" +
  "A loss function does it: tfjsModel(tf, { variables, loss, optimizer }), with the weights among the xs: { xs: { features, weights }, ys }.";

/** Options of `model.fit`, `model.compile` and Keras, for `tfjsModel` and `tfjsLoader`. */
export const TRAINING_INSTEAD: Instead = new Map([
  ...ELSEWHERE,
  ["classWeight", WEIGHTED],
  ["lossWeights", "TensorFlow.js adds the losses of several outputs as they are: put each weight into its loss function."],
  ["sampleWeight", SAMPLES],
]);

/** Keys that data may have beside `xs` and `ys`, where a batch has only these two. */
export const DATA_INSTEAD: Instead = new Map([
  ["sampleWeight", SAMPLES],
  ["sampleWeights", SAMPLES],
  ["weights", SAMPLES],
  ["classWeight", WEIGHTED],
]);
