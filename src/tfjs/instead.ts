import type { Instead } from "../support/option-keys.js";

const LOADER = "Batches are made by the loader: it is an option of tfjsLoader and arrayLoader.";
const FIT = "Give the trainer a second loader: trainer.fit({ train, validation }).";
const WEIGHTED =
  "Of a LayersModel it is an option of tfjsModel: tfjsModel(tf, { model, classWeight: { 0: 1, 1: 5 } }).\n" +
  "A loss function over variables weights its own samples: with one-hot targets, loss.mul(ys.mul([1, 5]).sum(-1)).";
const SAMPLES =
  "TensorFlow.js weights no samples of a LayersModel: model.fit refuses sampleWeight too.\n" +
  "A loss function does it: tfjsModel(tf, { variables, loss, optimizer }), with the weights among the xs: { xs: { features, weights }, ys }.";
const CLIP =
  "Gradients are clipped by gradientClip of tfjsModel: { norm: 1 } of all of them together, or { value: 0.5 } of each element.";
const ACCUMULATE = "Gradients are accumulated by accumulateSteps of tfjsModel, over so many batches.";
const LENGTH = "How long a run is, is set in the trainer's config: maxEpochs, maxSteps, trainLoaderConfig.batchesPerEpoch.";
const HOOKS =
  "A trainer has hooks in place of callbacks: trainer.hookManager.registerHook(defineHook(name, { … })); early stopping is\nhooks.enableEarlyStoppingHook in its config.";

/** Options of `model.fit`, `model.compile` and Keras, for `tfjsModel` and `tfjsLoader`. */
export const TRAINING_INSTEAD: Instead = new Map([
  ["batchSize", LOADER],
  ["shuffle", LOADER],
  ["validationData", FIT],
  ["validationSplit", FIT],
  ["validationBatches", "The loader of the validation data says how many batches it has."],
  ["classWeight", WEIGHTED],
  ["lossWeights", "TensorFlow.js adds the losses of several outputs as they are: put each weight into its loss function."],
  ["sampleWeight", SAMPLES],
  ["epochs", LENGTH],
  ["initialEpoch", 'A run is resumed by the trainer\'s config: resume: "auto".'],
  ["batchesPerEpoch", LENGTH],
  ["stepsPerEpoch", LENGTH],
  ["callbacks", HOOKS],
  ["learningRate", "It is set in the optimizer: optimizer: tf.train.adam(0.001)."],
  ["lr", "The learning rate is set in the optimizer: optimizer: tf.train.adam(0.001)."],
  ["clipnorm", CLIP],
  ["clipNorm", CLIP],
  ["clipvalue", CLIP],
  ["clipValue", CLIP],
  ["globalClipnorm", CLIP],
  ["gradientClipVal", CLIP],
  ["maxGradNorm", CLIP],
  ["accumulateGradBatches", ACCUMULATE],
  ["gradientAccumulationSteps", ACCUMULATE],
  ["verbose", "What is printed is set in the trainer's config: logLevel, logging, hooks.enableProgressBar."],
  ["yieldEvery", "It is set in the trainer's config: yieldEveryMs."],
]);

/** Keys that data may have beside `xs` and `ys`, where a batch has only these two. */
export const DATA_INSTEAD: Instead = new Map([
  ["sampleWeight", SAMPLES],
  ["sampleWeights", SAMPLES],
  ["weights", SAMPLES],
  ["classWeight", WEIGHTED],
]);
