// A training loop without the trainer: metrics, throughput, early stopping, system metrics, the training log and TensorBoard.
import { EARLY_STOP_START, EarlyStoppingConfig, judgeEarlyStopping, parseConfig } from "trainscope";
import { TrainingLogger } from "trainscope/log";
import { MetricsManager, ThroughputMeter } from "trainscope/metrics";
import { SystemMetricsLogger } from "trainscope/system";
import { SummaryWriter } from "trainscope/tensorboard";
import { LogisticRegression, loaderOf, makePoints, type Point } from "./plain-model.js";

const model = new LogisticRegression();
const loaders = { near: loaderOf(makePoints(1000, 1)), far: loaderOf(makePoints(500, 2)) };
const validation = loaderOf(makePoints(500, 3));

const metrics = new MetricsManager({ loaders: Object.keys(loaders), expectedProportions: [2 / 3, 1 / 3] });
const validated = new MetricsManager({ loaders: ["validation"] });
const throughput = new ThroughputMeter();
const system = new SystemMetricsLogger();
const rule = parseConfig(EarlyStoppingConfig, { monitor: "val/loss", patience: 3, minDelta: 0.005 });
await using log = new TrainingLogger({ dir: "runs/own-loop/log", experiment: "own-loop" });
await using board = new SummaryWriter("runs/own-loop/tensorboard", { resumeStep: 1 }); // removes the points of an earlier run

const startedAt = performance.now();
let progress = EARLY_STOP_START;
let step = 0;
let epoch = 0;
let isOver = false;
log.logTrainingStart({ learningRate: model.optimizer.learningRate });
for (; epoch < 50 && !isOver; epoch++) {
  metrics.reset();
  throughput.startEpoch();
  for (const [loaderIdx, loader] of Object.values(loaders).entries()) {
    for (const batch of loader.batches(epoch) as Iterable<Point[]>) {
      const result = model.trainStep(batch);
      await metrics.update(loaderIdx, result, ++step, step);
      throughput.updateBatch(result.batchSize);
    }
  }
  throughput.pause();
  validated.reset();
  for (const batch of validation.batches(0) as Iterable<Point[]>) await validated.update(0, model.evalStep(batch), step, 0);
  throughput.resume();

  const { global, perLoader, proportions } = metrics.compute();
  const valLoss = validated.compute().global["loss"] as number;
  log.logEpochSummary(epoch, global["loss"] as number, valLoss, {
    perLoader,
    proportions,
    ...throughput.getThroughput(),
    ...(await system.sample()),
  });
  board.addScalars({ "train/loss": global["loss"] as number, "val/loss": valLoss }, step);
  const verdict = judgeEarlyStopping(rule, progress, valLoss, { step, epoch });
  progress = verdict.progress;
  isOver = verdict.stop;
  if (isOver) console.log(verdict.reason);
}
await system.close();
const best = progress.trueBest; // `progress.best` is the last one that was better by more than `minDelta`
log.logTrainingComplete(epoch, (performance.now() - startedAt) / 1000, { val_loss: best?.value });
console.log(`best validation loss ${best?.value.toFixed(4)} after ${epoch} epochs, log in ${log.path}`);
