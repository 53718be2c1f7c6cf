/** One loop in a separate process: `overhead-child.ts <loop> <steps> [dir]` warms up, runs, prints the time per step. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type LoggerBackend, type TrainableModel } from "trainscope";
import { bareAsync, bareDeferred, bareSync } from "./overhead-bare.js";
import { Stopwatch, type StepTime } from "./lib/stopwatch.js";
import { AsyncModel, DeferredModel, LOADERS, SyncModel, WEIGHTS, type Batch } from "./overhead-work.js";

const [loop = "", stepsText = "", dir = tmpdir()] = process.argv.slice(2);
const steps = Number(stepsText);
/** An event with three scalars takes about 80 bytes. */
const MIN_EVENT_BYTES = 70;

/** Stores three columns of numbers. */
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

type Logs = "nothing" | "toMemory" | "toTensorBoard";

function loggingTo(logs: Logs, backend: LoggerBackend): GenericTrainerConfig["logging"] {
  const logEveryNSteps = 1_000_000_000;
  if (logs === "toTensorBoard") return { loggerType: "composite", compositeLoggers: ["tensorboard"], logEveryNSteps };
  return { loggerType: "none", logEveryNSteps, loggers: logs === "toMemory" ? [backend] : [] };
}

/** The total size of event files under a directory, in bytes. */
function eventBytes(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("tfevents"));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Measures the second of two epochs; the first warms up. Times are read at the start and end of the epoch, by a hook that no step calls. */
async function trainer(model: TrainableModel<Batch>, logs: Logs): Promise<StepTime> {
  const runsDir = mkdtempSync(join(dir, "trainscope-bench-"));
  const backend = new MemoryBackend();
  const config: GenericTrainerConfig = {
    maxEpochs: 2,
    runsDir,
    logLevel: "silent",
    trainLoaderConfig: {
      samplingStrategy: "weighted",
      dataloaderWeights: WEIGHTS,
      batchesPerEpoch: steps,
    },
    logging: loggingTo(logs, backend),
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
    if (logs !== "nothing") run.hookManager.registerHook(everyStep);
    const result = await run.fit({ train: LOADERS });
    if (result.steps !== 2 * steps) throw new Error(`${result.steps} steps instead of ${2 * steps}: ${result.reason}`);
    if (logs === "toMemory" && backend.rows < 2 * steps) throw new Error(`${backend.rows} rows arrived instead of ${2 * steps}.`);
    if (logs === "toTensorBoard" && eventBytes(runsDir) < 2 * steps * MIN_EVENT_BYTES)
      throw new Error(`${eventBytes(runsDir)} bytes cannot hold ${2 * steps} events.`);
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
  sync: () => trainer(new SyncModel(), "nothing"),
  syncLogged: () => trainer(new SyncModel(), "toMemory"),
  syncTensorBoard: () => trainer(new SyncModel(), "toTensorBoard"),
  deferred: () => trainer(new DeferredModel(), "nothing"),
  deferredLogged: () => trainer(new DeferredModel(), "toMemory"),
  async: () => trainer(new AsyncModel(), "nothing"),
  asyncLogged: () => trainer(new AsyncModel(), "toMemory"),
};

const measure = LOOPS[loop];
if (measure === undefined) throw new Error(`No loop "${loop}". There are: ${Object.keys(LOOPS).join(", ")}.`);
process.stdout.write(`${JSON.stringify(await measure())}\n`);
