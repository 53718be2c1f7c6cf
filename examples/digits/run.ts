/**
 * The digits example: 7,200 real digits in two named loaders, clean and shifted, and validation on 800 others. `main.ts` runs it, and tests
 * the best weights on digits that this file never sees.
 */
import * as tf from "@tensorflow/tfjs";
import { GenericTrainer, type FitResult, type GenericTrainerConfig } from "trainscope";
import { tfjsModel } from "trainscope/tfjs";
import { startWasm } from "./backend.js";
import { digitLoader, loadDigits } from "./data.js";
import { digitModel, MODEL } from "./model.js";
import { DEFAULTS, type CommandLine } from "./options.js";

const BATCH_SIZE = 64;
const MOMENTUM = 0.9;
/** Pixels that a digit of the shifted loaders is moved by, at most. */
const SHIFT = 2;
/** The share of the batches that each loader gives: most digits are shifted, so that the model learns more from few. */
const SHARES = { clean: 0.4, shifted: 0.6 };

export interface DigitsOptions extends Partial<CommandLine> {
  /** Logs, pictures, early stopping, checkpoints. Default true; false trains without all of them. */
  everything?: boolean;
}

export interface DigitsRun {
  result: FitResult;
  /** With the best weights, those of the lowest `val/clean/loss`; with `everything: false` with the last. */
  net: tf.LayersModel;
}

/** Trains. What `options` leave out is as on the command line. */
export async function runDigits({ everything = true, ...options }: DigitsOptions = {}): Promise<DigitsRun> {
  const settings = { ...DEFAULTS, ...options };
  await startWasm();
  const net = digitModel(tf, settings.seed);
  const { model, optimizers } = tfjsModel(tf, {
    model: net,
    optimizer: tf.train.momentum(settings.learningRate, MOMENTUM, true),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const recipe = recipeOf(settings);
  const trainer = new GenericTrainer(everything ? observed(recipe) : silent(recipe), model, optimizers);

  const { train, validation } = loadDigits();
  const result = await trainer.fit({
    train: {
      clean: digitLoader(tf, train, { batchSize: BATCH_SIZE }),
      shifted: digitLoader(tf, train, { batchSize: BATCH_SIZE, shift: SHIFT }),
    },
    validation: {
      clean: digitLoader(tf, validation, { batchSize: 400, shuffle: false }),
      shifted: digitLoader(tf, validation, { batchSize: 400, shift: SHIFT, shuffle: false }),
    },
  });
  return { result, net };
}

/** What decides what is learned. */
function recipeOf({ epochs, learningRate, seed, runName, runsDir, resume }: CommandLine): GenericTrainerConfig {
  return {
    maxEpochs: epochs,
    seed,
    params: { ...MODEL, momentum: MOMENTUM, shift: SHIFT, shiftedShare: SHARES.shifted }, // the trainer adds learning rate, batch size, optimizer
    trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: SHARES, batchesPerEpoch: 125 },
    hooks: {
      enableLearningRateSchedule: true,
      learningRateScheduleConfig: { kind: "cosine", minLr: learningRate / 100 },
    },
    runName,
    runsDir,
    resume: resume === true ? "auto" : "never",
  };
}

/** The recipe, and all that shows and keeps how the training goes. */
function observed(recipe: GenericTrainerConfig): GenericTrainerConfig {
  return {
    ...recipe,
    logging: { loggerType: "composite", compositeLoggers: ["console", "tensorboard"], logLoaderProportions: true },
    hooks: {
      ...recipe.hooks,
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "val/clean/loss", patience: 8, restoreBest: true },
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { monitor: "val/clean/loss", maxCheckpoints: 2, saveTopK: 1 },
      enableConfusionMatrix: true,
      confusionMatrixConfig: { scores: "none" }, // the classes are about as large as each other: accuracy says the same
      enableGradientMonitor: true,
      gradientMonitorConfig: { histogram: true },
      enableWeightHistograms: true,
      enableSampleImages: true,
      enableModelGraph: true,
      enableLearningRateMonitor: true,
      enableTerminateOnNaN: true,
      enableThroughput: true,
      enableProgressBar: true,
    },
    system: { enabled: true, intervalSeconds: 5 },
  };
}

/** The recipe alone. */
function silent(recipe: GenericTrainerConfig): GenericTrainerConfig {
  return {
    ...recipe,
    logLevel: "silent",
    logging: { loggerType: "none" },
    hooks: { ...recipe.hooks, enableLoggingHook: false },
  };
}
