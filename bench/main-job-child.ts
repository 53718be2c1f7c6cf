/**
 * The training steps of the digits example: `main-job-child.ts <off|logging|everything> <steps>`. Prints, for the steps after
 * a warm-up: milliseconds per step, the part of them outside of the model, and the time spent in system sampling.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type TrainerView } from "trainscope";
import { SystemMetricsLogger } from "trainscope/system";
import { tfjsModel } from "trainscope/tfjs";
import { startWasm } from "../examples/digits/backend.js";
import { digitLoader, loadDigits } from "../examples/digits/data.js";
import { digitModel } from "../examples/digits/model.js";

export interface MainJobTime {
  stepMs: number;
  outsideMs: number;
  samplingPercent: number;
}

const [mode = "", stepsText = ""] = process.argv.slice(2);
const steps = Number(stepsText);
const WARM_UP = 100;

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-bench-"));
const base: GenericTrainerConfig = {
  maxSteps: WARM_UP + steps,
  seed: 7,
  runsDir,
  trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] },
};
const logging: GenericTrainerConfig = {
  ...base,
  logging: { loggerType: "console", logLoaderProportions: true },
  hooks: { enableThroughput: true, enableLearningRateMonitor: true, enableProgressBar: true, enableMetricTracker: true },
};
const MODES: Readonly<Record<string, GenericTrainerConfig>> = {
  off: {
    ...base,
    logLevel: "silent",
    logging: { loggerType: "none", logPerLoaderMetrics: false, logGlobalMetrics: false },
    hooks: { enableLoggingHook: false },
  },
  logging,
  everything: { ...logging, hooks: { ...logging.hooks, enableGradientMonitor: true, enableTerminateOnNaN: true } },
};

const config = MODES[mode];
if (config === undefined) throw new Error(`No mode "${mode}". There are: ${Object.keys(MODES).join(", ")}.`);

await startWasm();
const { train } = loadDigits();
const net = digitModel(tf, 7);
const { model, optimizers } = tfjsModel(tf, {
  model: net,
  optimizer: tf.train.momentum(0.05, 0.9, true),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});

let insideMs = 0;
const trainStep = model.trainStep.bind(model);
model.trainStep = (batch, context) => {
  const startMs = performance.now();
  const result = trainStep(batch, context);
  insideMs += performance.now() - startMs;
  return result;
};

let system: SystemMetricsLogger | null = null;
let before = { trainMs: 0, waitMs: 0, insideMs: 0, samplingMs: 0 };

function now(view: TrainerView): typeof before {
  const { trainSeconds, dataWaitSeconds } = view.state.clock;
  return { trainMs: trainSeconds * 1000, waitMs: dataWaitSeconds * 1000, insideMs, samplingMs: system?.timeInSamplingMs ?? 0 };
}

/** Samples system metrics like the trainer's own hook, but exposes the time it takes. */
const measure = defineHook("measure", {
  onTrainStart(view) {
    if (mode === "everything") system = new SystemMetricsLogger({ logger: view.logger });
  },
  onTrainBatchEnd(view) {
    const { step } = view.state;
    if (step === WARM_UP) before = now(view);
    if (step % 10 === 0) system?.logMetrics(step);
  },
  async onTrainEnd() {
    await system?.close();
  },
});

const trainer = new GenericTrainer(config, model, optimizers);
trainer.hookManager.registerHook(measure);
await trainer.fit({
  train: { clean: digitLoader(tf, train, { batchSize: 64 }), shifted: digitLoader(tf, train, { batchSize: 64, shift: 2 }) },
});
const after = now(trainer);
rmSync(runsDir, { recursive: true, force: true });

const trainMs = after.trainMs - before.trainMs;
const outsideMs = trainMs - (after.waitMs - before.waitMs) - (after.insideMs - before.insideMs);
const time: MainJobTime = {
  stepMs: trainMs / steps,
  outsideMs: outsideMs / steps,
  samplingPercent: (100 * (after.samplingMs - before.samplingMs)) / trainMs,
};
process.stdout.write(`\n${JSON.stringify(time)}\n`);
