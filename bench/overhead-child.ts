/** One loop in a process of its own: `overhead-child.ts <loop> <steps>` warms up, runs, prints its time a step. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type LoggerBackend, type TrainableModel } from "trainscope";
import { bareAsync, bareDeferred, bareSync } from "./overhead-bare.js";
import { Stopwatch, type StepTime } from "./lib/stopwatch.js";
import { AsyncModel, DeferredModel, LOADERS, SyncModel, WEIGHTS, type Batch } from "./overhead-work.js";

const [loop = "", stepsText = ""] = process.argv.slice(2);
const steps = Number(stepsText);

/** Keeps three columns of numbers. */
class MemoryBackend implements LoggerBackend {
  readonly name = "memory";
  readonly #columns = [
    new Float64Array(2 * steps + 2),
    new Float64Array(2 * steps + 2),
    new Float64Array(2 * steps + 2),
  ] as const;
  rows = 0;

  logMetrics(metrics: Readonly<Record<string, number>>, step: number): void {
    const row = this.rows++;
    const [loss, accuracy, third] = this.#columns;
    loss[row] = metrics["my/loss"] ?? 0;
    accuracy[row] = metrics["my/accuracy"] ?? 0;
    third[row] = metrics["my/step"] ?? step;
  }
}

/** The second of two epochs: the first one warms up. Times are taken at the edges of the epoch, by a hook that no step calls. */
async function trainer(model: TrainableModel<Batch>, logs: boolean): Promise<StepTime> {
  const runsDir = mkdtempSync(join(tmpdir(), "trainscope-bench-"));
  const backend = new MemoryBackend();
  const config: GenericTrainerConfig = {
    maxEpochs: 2,
    runsDir,
    logLevel: "silent",
    trainLoaderConfig: {
      samplingStrategy: "weighted",
      dataloaderWeights: WEIGHTS,
      batchesPerEpoch: steps,
      exhaustion: "stopAtLongest",
    },
    logging: { loggerType: "none", logEveryNSteps: 1_000_000_000, loggers: logs ? [backend] : [] },
  };
  let stopwatch = new Stopwatch();
  let stepTime: StepTime | null = null;
  const edges = defineHook<Batch>("edges", {
    onEpochStart() {
      stopwatch = new Stopwatch();
    },
    onTrainEpochEnd() {
      stepTime = stopwatch.perStep(steps);
    },
  });
  const everyStep = defineHook<Batch>("everyStep", {
    onTrainBatchEnd(view, _batch, loaderIdx, _name, metrics) {
      const { step } = view.state;
      view.logger.logMetrics({ "my/loss": metrics.loss ?? 0, "my/accuracy": metrics.accuracy ?? 0, "my/step": loaderIdx }, step);
    },
  });
  try {
    const run = new GenericTrainer<Batch>(config, model);
    run.hookManager.registerHook(edges);
    if (logs) run.hookManager.registerHook(everyStep);
    const result = await run.fit({ train: LOADERS });
    if (result.steps !== 2 * steps) throw new Error(`${result.steps} steps instead of ${2 * steps}: ${result.reason}`);
    if (logs && backend.rows < 2 * steps) throw new Error(`${backend.rows} rows arrived instead of ${2 * steps}.`);
    if (stepTime === null) throw new Error("No epoch ended.");
    return stepTime;
  } finally {
    rmSync(runsDir, { recursive: true, force: true });
  }
}

async function bare(run: () => number | Promise<number>): Promise<StepTime> {
  await run();
  const stopwatch = new Stopwatch();
  await run();
  return stopwatch.perStep(steps);
}

const LOOPS: Readonly<Record<string, () => Promise<StepTime>>> = {
  bareSync: () => bare(() => bareSync(new SyncModel(), steps)),
  bareAsync: () => bare(() => bareAsync(new AsyncModel(), steps)),
  bareDeferred: () => bare(() => bareDeferred(new DeferredModel(), steps)),
  sync: () => trainer(new SyncModel(), false),
  syncLogged: () => trainer(new SyncModel(), true),
  deferred: () => trainer(new DeferredModel(), false),
  deferredLogged: () => trainer(new DeferredModel(), true),
  async: () => trainer(new AsyncModel(), false),
  asyncLogged: () => trainer(new AsyncModel(), true),
};

const measure = LOOPS[loop];
if (measure === undefined) throw new Error(`No loop "${loop}". There are: ${Object.keys(LOOPS).join(", ")}.`);
process.stdout.write(`${JSON.stringify(await measure())}\n`);
