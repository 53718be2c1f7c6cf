/**
 * The digits example: 10,000 real digits, two named loaders, validation on held-out digits.
 * `main.ts` runs it and prints the result; benchmarks run it with all logging enabled and disabled.
 */
import * as tf from "@tensorflow/tfjs";
import { GenericTrainer, type FitResult, type GenericTrainerConfig, type LoggerBackend } from "trainscope";
import { tfjsModel } from "trainscope/tfjs";
import { startWasm } from "./backend.js";
import { digitLoader, loadDigits } from "./data.js";
import { digitModel } from "./model.js";

export interface DigitsOptions {
  /** Console, TensorBoard, gradients, weights, images, early stopping, checkpoints, throughput, system metrics, progress bar. Default true; false disables all of them. */
  everything?: boolean | undefined;
  /** Maximum number of epochs, of 125 batches of 64 each. Default 32. */
  epochs?: number | undefined;
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
  /** Wall time of `fit`, and the CPU time of this process during it. */
  seconds: number;
  cpuSeconds: number;
  /** Train samples per second of `seconds`, which include validation. */
  samplesPerSecond: number;
}

const BATCH_SIZE = 64;
const LEARNING_RATE = 0.05;

export async function runDigits(options: DigitsOptions = {}): Promise<DigitsRun> {
  const { seed = 7, signal } = options;
  await startWasm();
  const { train, validation } = loadDigits();

  const { model, optimizers } = tfjsModel(tf, {
    model: digitModel(tf, seed),
    optimizer: tf.train.momentum(LEARNING_RATE, 0.9, true),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const trainer = new GenericTrainer(digitsConfig(options), model, optimizers);

  const started = { ms: performance.now(), cpu: process.cpuUsage() };
  const result = await trainer.fit(
    {
      train: {
        clean: digitLoader(tf, train, { batchSize: BATCH_SIZE }),
        shifted: digitLoader(tf, train, { batchSize: BATCH_SIZE, shift: 2 }),
      },
      validation: {
        clean: digitLoader(tf, validation, { batchSize: 400, shuffle: false }),
        shifted: digitLoader(tf, validation, { batchSize: 400, shift: 2, shuffle: false }),
      },
    },
    { signal },
  );
  const seconds = (performance.now() - started.ms) / 1000;
  const { user, system } = process.cpuUsage(started.cpu);
  return { result, seconds, cpuSeconds: (user + system) / 1e6, samplesPerSecond: trainer.state.samples / seconds };
}

function digitsConfig({
  everything = true,
  epochs = 32,
  seed = 7,
  runName,
  resume,
  runsDir,
  loggers,
}: DigitsOptions): GenericTrainerConfig {
  const training: GenericTrainerConfig = {
    maxEpochs: epochs,
    seed,
    runName,
    resume,
    runsDir,
    trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: { clean: 0.7, shifted: 0.3 }, batchesPerEpoch: 125 },
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
      enablePredictionScatter: true,
      enableModelGraph: true,
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "val/clean/loss", patience: 8 },
      enableModelCheckpointHook: true,
      modelCheckpointConfig: { monitor: "val/clean/accuracy", mode: "max", maxCheckpoints: 2, saveTopK: 1 },
      enableLearningRateMonitor: true,
      enableTerminateOnNaN: true,
      enableThroughput: true,
      enableProgressBar: true,
    },
    system: { enabled: true, intervalSeconds: 5 },
  };
}

/** Part of the training recipe, so enabled also without logging: cosine decay of the learning rate to a hundredth. */
const schedule: GenericTrainerConfig["hooks"] = {
  enableLearningRateSchedule: true,
  learningRateScheduleConfig: { kind: "cosine", minLr: LEARNING_RATE / 100 },
};
