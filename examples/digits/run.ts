/**
 * The digits example: 7,200 real digits in two named loaders, clean and shifted, and validation on 800 others. `main.ts` runs it, and tests
 * the best weights on digits that this file never sees.
 */
import * as tf from "@tensorflow/tfjs";
import { defineHook, GenericTrainer, type FitResult, type GenericTrainerConfig, type LoggerBackend } from "trainscope";
import { tfjsModel } from "trainscope/tfjs";
import { startWasm } from "./backend.js";
import { digitLoader, loadDigits } from "./data.js";
import { digitModel, MODEL } from "./model.js";
import { DEFAULTS } from "./options.js";

export interface DigitsOptions {
  /** Console, TensorBoard, gradients, weights, images, early stopping, checkpoints, throughput, system metrics, progress bar. Default true; false disables all of them. */
  everything?: boolean | undefined;
  /** Maximum number of epochs, of 125 batches of 64 each. Default 32. */
  epochs?: number | undefined;
  /** At the start; it falls to a hundredth. Default 0.05. */
  learningRate?: number | undefined;
  seed?: number | undefined;
  runName?: string | undefined;
  /** "auto" resumes the run of that name from its last checkpoint. Default "never". */
  resume?: GenericTrainerConfig["resume"];
  /** Default "runs". */
  runsDir?: string | undefined;
  /** Additional backends. */
  loggers?: readonly LoggerBackend[] | undefined;
  signal?: AbortSignal | undefined;
}

export interface DigitsRun {
  result: FitResult;
  /** With the best weights, those of the lowest `val/clean/loss`; without hooks with the last. */
  net: tf.LayersModel;
  /** Wall time of `fit`, and the CPU time of this process during it. */
  seconds: number;
  cpuSeconds: number;
  /** Train samples per second of `seconds`, which include validation. */
  samplesPerSecond: number;
}

const BATCH_SIZE = 64;
const MOMENTUM = 0.9;
/** Pixels that a digit of the shifted loaders is moved by, at most. */
const SHIFT = 2;
/** The share of the batches that each loader gives: most digits are shifted, so that the model learns more from few. */
const SHARES = { clean: 0.4, shifted: 0.6 };

export async function runDigits(options: DigitsOptions = {}): Promise<DigitsRun> {
  const { seed = DEFAULTS.seed, learningRate = DEFAULTS.learningRate, signal } = options;
  await startWasm();
  const { train, validation } = loadDigits();

  const net = digitModel(tf, seed);
  const { model, optimizers } = tfjsModel(tf, {
    model: net,
    optimizer: tf.train.momentum(learningRate, MOMENTUM, true),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const trainer = new GenericTrainer(digitsConfig(options), model, optimizers);

  let samplesBefore = 0; // of the attempts that this one resumes
  trainer.hookManager.registerHook(defineHook("before", { onTrainStart: ({ state }) => void (samplesBefore = state.samples) }));

  const started = { ms: performance.now(), cpu: process.cpuUsage() };
  const result = await trainer.fit(
    {
      train: {
        clean: digitLoader(tf, train, { batchSize: BATCH_SIZE }),
        shifted: digitLoader(tf, train, { batchSize: BATCH_SIZE, shift: SHIFT }),
      },
      validation: {
        clean: digitLoader(tf, validation, { batchSize: 400, shuffle: false }),
        shifted: digitLoader(tf, validation, { batchSize: 400, shift: SHIFT, shuffle: false }),
      },
    },
    { signal },
  );
  const seconds = (performance.now() - started.ms) / 1000;
  const { user, system } = process.cpuUsage(started.cpu);
  return {
    result,
    net,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    samplesPerSecond: (trainer.state.samples - samplesBefore) / seconds,
  };
}

function digitsConfig({
  everything = true,
  epochs = DEFAULTS.epochs,
  learningRate = DEFAULTS.learningRate,
  seed = DEFAULTS.seed,
  runName,
  resume,
  runsDir,
  loggers,
}: DigitsOptions): GenericTrainerConfig {
  /** Part of the training recipe, so enabled also without logging: cosine decay of the learning rate. */
  const schedule: GenericTrainerConfig["hooks"] = {
    enableLearningRateSchedule: true,
    learningRateScheduleConfig: { kind: "cosine", minLr: learningRate / 100 },
  };
  const training: GenericTrainerConfig = {
    maxEpochs: epochs,
    params: { ...MODEL, momentum: MOMENTUM, shift: SHIFT, shiftedShare: SHARES.shifted }, // the trainer adds learning rate, batch size, optimizer
    seed,
    runName,
    resume,
    runsDir,
    trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: SHARES, batchesPerEpoch: 125 },
  };
  if (!everything) {
    return {
      ...training,
      logLevel: "silent",
      logging: { loggerType: "none", loggers },
      hooks: { enableLoggingHook: false, ...schedule },
    };
  }
  return {
    ...training,
    logging: { loggerType: "composite", compositeLoggers: ["console", "tensorboard"], loggers, logLoaderProportions: true },
    hooks: {
      ...schedule,
      enableGradientMonitor: true,
      gradientMonitorConfig: { histogram: true },
      enableWeightHistograms: true,
      enableSampleImages: true,
      enableConfusionMatrix: true,
      confusionMatrixConfig: { scores: "none" }, // the classes are about as large as each other: accuracy says the same
      enableModelGraph: true,
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "val/clean/loss", patience: 8, restoreBest: true },
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { monitor: "val/clean/loss", maxCheckpoints: 2, saveTopK: 1 },
      enableLearningRateMonitor: true,
      enableTerminateOnNaN: true,
      enableThroughput: true,
      enableProgressBar: true,
    },
    system: { enabled: true, intervalSeconds: 5 },
  };
}
