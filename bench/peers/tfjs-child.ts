/** TensorFlow.js on wasm: `tfjs-child.ts <bare|fit|fitLogged|trainer|trainerLogged> <steps>`; linear 10 to 1, batches of 32. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { defineHook, GenericTrainer, type LoggerBackend } from "trainscope";
import { tfjsModel } from "trainscope/tfjs";
import { Stopwatch } from "../lib/stopwatch.js";

const [mode = "", stepsText = ""] = process.argv.slice(2);
const steps = Number(stepsText);
const BATCH = 32;

tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
setWasmPaths(`${dirname(wasm)}/`);
await tf.setBackend("wasm");
if (tf.getBackend() !== "wasm") throw new Error(`The backend is ${tf.getBackend()}, not wasm.`);

function makeModel(): tf.LayersModel {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [10] })] });
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  return model;
}

const batches = Array.from({ length: 100 }, (_, i) => ({
  xs: tf.randomNormal([BATCH, 10], 0, 1, "float32", i) as tf.Tensor2D,
  ys: tf.randomNormal([BATCH, 1], 0, 1, "float32", 1000 + i) as tf.Tensor2D,
}));

const rows: [number, number, number][] = [];
const memory: LoggerBackend = {
  name: "memory",
  logMetrics: (metrics, step) => void rows.push([metrics["my/loss"] ?? 0, step, metrics["my/twice"] ?? 0]),
};

async function bare(): Promise<void> {
  const model = makeModel();
  const optimizer = tf.train.sgd(0.01);
  for (let step = 0; step < steps; step++) {
    const { xs, ys } = batches[step % batches.length] as (typeof batches)[number];
    const loss = optimizer.minimize(() => tf.losses.meanSquaredError(ys, model.apply(xs) as tf.Tensor), true);
    rows.push([loss?.dataSync()[0] ?? 0, step, 0]);
    loss?.dispose();
  }
}

async function fit(logged: boolean): Promise<void> {
  const model = makeModel();
  const xs = tf.concat(batches.map((batch) => batch.xs));
  const ys = tf.concat(batches.map((batch) => batch.ys));
  const callbacks = logged
    ? { onBatchEnd: (batch: number, logs?: tf.Logs) => void rows.push([logs?.loss ?? 0, batch, 2 * (logs?.loss ?? 0)]) }
    : {};
  await model.fit(xs, ys, {
    batchSize: BATCH,
    epochs: Math.round(steps / batches.length),
    shuffle: false,
    verbose: 0,
    callbacks,
  });
}

async function trainer(logged: boolean): Promise<void> {
  const runsDir = mkdtempSync(join(tmpdir(), "trainscope-bench-"));
  const { model, optimizers } = tfjsModel(tf, { model: makeModel(), disposeBatches: false });
  const run = new GenericTrainer(
    {
      maxSteps: steps,
      runsDir,
      logLevel: "silent",
      trainLoaderConfig: { batchesPerEpoch: steps },
      logging: { loggerType: "none", loggers: logged ? [memory] : [] },
    },
    model,
    optimizers,
  );
  const log = defineHook("log", {
    onTrainBatchEnd(view, _batch, _index, _name, metrics) {
      const { step } = view.state;
      view.logger.logMetrics({ "my/loss": metrics.loss ?? 0, "my/step": step, "my/twice": 2 * (metrics.loss ?? 0) }, step);
    },
  });
  if (logged) run.hookManager.registerHook(log);
  await run.fit({ train: batches });
  rmSync(runsDir, { recursive: true, force: true });
}

const MODES: Readonly<Record<string, () => Promise<void>>> = {
  bare,
  fit: () => fit(false),
  fitLogged: () => fit(true),
  trainer: () => trainer(false),
  trainerLogged: () => trainer(true),
};

const measured = MODES[mode];
if (measured === undefined) throw new Error(`No mode "${mode}". There are: ${Object.keys(MODES).join(", ")}.`);
await measured();
const stopwatch = new Stopwatch();
await measured();
process.stdout.write(`${JSON.stringify(stopwatch.perStep(steps))}\n`);
