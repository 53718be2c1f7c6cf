import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  arrayLoader,
  defineHook,
  type DataLoader,
  type FitData,
  type GenericTrainerConfig,
  type SamplingStrategy,
  type TrainerHooks,
} from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt, trained, type Attempt } from "./harness.js";

const home = temporaryRuns();
let count = 0;

/** Eight samples a batch, shuffled; the last batch of a pass is short. */
function loader(samples: number, seed: number): DataLoader<Rows> {
  const rows = linearBatches(samples, 1, { kind: "logistic", seed });
  return arrayLoader(rows, {
    batchSize: 8,
    shuffle: true,
    collate: (some) => ({ x: some.map(({ x }) => x[0]!), y: some.map(({ y }) => y[0]!) }),
  });
}

const named = (): FitData<Rows> => ({
  train: { a: loader(50, 1), b: loader(30, 2) },
  validation: { a: loader(20, 3), b: loader(12, 4) },
});

interface Case {
  name: string;
  config?: GenericTrainerConfig;
  data?: () => FitData<Rows>;
  hooks?: () => TrainerHooks<Rows>[];
  /** Either the first attempt has fewer epochs, or it is interrupted after a step. */
  first: { maxEpochs: number } | { interruptAt: number };
  /** Moves the run's directory in between. */
  moves?: boolean;
}

const weighted: GenericTrainerConfig = { trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] } };

const alone: GenericTrainerConfig = { trainLoaderConfig: {} };

/** Halves the learning rate at every epoch's end: work that comes after the checkpoint of that epoch. */
const halving = (): TrainerHooks<Rows> =>
  defineHook("halving", {
    onEpochEnd: (trainer) => {
      for (const optimizer of trainer.optimizers) optimizer.learningRate /= 2;
    },
  });

/** Logs a metric in the last hook method of every second epoch: what is checked there was measured since the checkpoint before. */
const scoring = (): TrainerHooks<Rows> =>
  defineHook("scoring", {
    produces: ["score/loss"],
    onEpochEnd: (trainer, epoch, metrics) => {
      if (epoch % 2 === 1) trainer.logger.logMetrics({ "score/loss": metrics["val/loss"] ?? NaN }, trainer.state.step);
    },
  });

/** Requests a checkpoint from inside `onCheckpoint`. */
const requesting = (): TrainerHooks<Rows> =>
  defineHook("requesting", { onCheckpoint: (trainer) => trainer.requestCheckpoint("mine") });

/** A source that is awaited, with or without a position of its own. */
function asyncLoader(rows: readonly Rows[], stateful: boolean): DataLoader<Rows> {
  let at = 0;
  let start = 0;
  return {
    length: rows.length,
    async *batches() {
      for (at = start, start = 0; at < rows.length;) {
        await Promise.resolve();
        yield rows[at++]!;
      }
    },
    ...(stateful ? { state: () => at, loadState: (state: unknown) => void (start = state as number) } : {}),
  };
}

const strategies: Case[] = (["weighted", "roundRobin", "sequential", "alternating", "proportional"] as SamplingStrategy[]).map(
  (samplingStrategy) => ({
    name: `${samplingStrategy}, in the middle of an epoch`,
    config: {
      trainLoaderConfig: {
        samplingStrategy,
        ...(samplingStrategy === "alternating" ? { blockSize: 2 } : {}),
        ...(samplingStrategy === "weighted" ? { dataloaderWeights: [0.7, 0.3] } : {}),
      },
    },
    first: { interruptAt: 17 },
  }),
);

const CASES: Case[] = [
  { name: "an epoch's boundary", first: { maxEpochs: 2 } },
  ...strategies,
  { name: "the last batch of an epoch", first: { interruptAt: 11 } },
  { name: "the first batch of an epoch", first: { interruptAt: 12 } },
  {
    name: "a checkpoint requested inside onCheckpoint",
    config: { hooks: { enableModelCheckpointHook: false } },
    hooks: () => [requesting()],
    first: { maxEpochs: 3 },
  },
  { name: "a schedule in onEpochEnd", hooks: () => [halving()], first: { maxEpochs: 2 } },
  { name: "a schedule in onEpochEnd, in the middle of an epoch", hooks: () => [halving()], first: { interruptAt: 25 } },
  {
    name: "an async loader with its own state",
    config: alone,
    data: () => ({ train: asyncLoader(linearBatches(9, 8, { kind: "logistic" }), true), validation: named().validation }),
    first: { interruptAt: 13 },
  },
  {
    name: "an async loader without",
    config: alone,
    data: () => ({ train: asyncLoader(linearBatches(9, 8, { kind: "logistic" }), false), validation: named().validation }),
    first: { interruptAt: 13 },
  },
  {
    name: "an array of batches",
    config: alone,
    data: () => ({
      train: linearBatches(9, 8, { kind: "logistic" }),
      validation: linearBatches(3, 8, { kind: "logistic", seed: 7 }),
    }),
    first: { interruptAt: 14 },
  },
  {
    name: "a whole number of batches an epoch, with loaders that go round",
    config: { trainLoaderConfig: { ...weighted.trainLoaderConfig, batchesPerEpoch: 15 } },
    first: { interruptAt: 22 },
  },
  {
    name: "one iterator over several epochs, read again up to its place",
    config: { ...alone, trainLoaderConfig: { batchesPerEpoch: 4 } },
    data: () => ({ train: asyncLoader(linearBatches(9, 8, { kind: "logistic" }), false), validation: named().validation }),
    first: { interruptAt: 15 },
  },
  {
    name: "early stopping half-way through its patience",
    config: {
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "val/loss", patience: 3, minDelta: 0.05 } },
    },
    first: { interruptAt: 40 },
  },
  {
    name: "early stopping on a metric that a hook logs every second epoch, late",
    config: {
      hooks: {
        enableEarlyStoppingHook: true,
        earlyStoppingConfig: { monitor: "score/loss", mode: "min", patience: 2, minDelta: 0.05, restoreBest: true },
      },
    },
    hooks: () => [scoring()],
    first: { interruptAt: 30 },
  },
  {
    name: "cuts on a plateau",
    config: {
      hooks: { enableReduceLROnPlateau: true, reduceLROnPlateauConfig: { patience: 2, minDelta: 0.02, monitor: "val/b/loss" } },
    },
    first: { interruptAt: 30 },
  },
  {
    name: "a schedule and gradients",
    config: {
      maxSteps: 60,
      hooks: {
        enableLearningRateSchedule: true,
        learningRateScheduleConfig: { kind: "cosine", totalSteps: 60, warmupSteps: 5 },
        enableLearningRateMonitor: true,
        enableGradientMonitor: false,
        enableMetricTracker: true,
      },
    },
    first: { interruptAt: 31 },
  },
  { name: "validation by steps", config: { validation: { everyNSteps: 5 } }, first: { interruptAt: 18 } },
  { name: "gzip", config: { hooks: { modelCheckpointConfig: { compress: "gzip" } } }, first: { interruptAt: 17 } },
  {
    name: "saving that is waited for",
    config: { hooks: { modelCheckpointConfig: { async: false } } },
    first: { interruptAt: 17 },
  },
  { name: "a moved directory", first: { interruptAt: 17 }, moves: true },
];

function configOf({ config = {} }: Case, runsDir: string): GenericTrainerConfig {
  const hooks = { enableModelCheckpointHook: true, ...config.hooks };
  return { maxEpochs: 6, seed: 3, ...weighted, ...config, runsDir, runName: "run", hooks };
}

describe("run(6) is run(part) and a resume, to the last bit", () => {
  test.each(CASES)("$name", async (given) => {
    const data = given.data ?? named;
    const hooks = given.hooks ?? (() => []);
    const dirs = [1, 2].map(() => join(home, `case-${++count}`));
    const [wholeDir, partsDir] = dirs as [string, string];
    const whole = await attempt({ config: configOf(given, wholeDir), data: data(), hooks: hooks() });

    const config = configOf(given, partsDir);
    const shorter = "maxEpochs" in given.first ? { maxEpochs: given.first.maxEpochs } : {};
    const interruption = "interruptAt" in given.first ? { interruptAt: given.first.interruptAt } : {};
    const first = await attempt({ config: { ...config, ...shorter }, data: data(), hooks: hooks(), ...interruption });
    expect(first.result.status).toBe("interruptAt" in given.first ? "interrupted" : "completed");
    const runsDir = given.moves === true ? moved(partsDir) : partsDir;
    const second = await attempt({ config: { ...config, runsDir, resume: "must" }, data: data(), hooks: hooks() });
    expectSame(whole, [first, second]);
  });
});

function expectSame(whole: Attempt, parts: [Attempt, Attempt]): void {
  const [first, second] = parts;
  expect(second.trainer.run.resumedFromStep).toBe(first.result.steps);
  expect(second.trainer.run.runId).toBe(first.trainer.run.runId);
  expect(second.model.bytes).toBe(whole.model.bytes);
  expect(second.model.optimizer.learningRate).toBe(whole.model.optimizer.learningRate);
  expect(trained(parts)).toEqual(trained([whole]));
  const { status, epochs, steps, best, metrics, history } = second.result;
  expect({ status, epochs, steps, best, metrics, history }).toEqual({
    status: whole.result.status,
    epochs: whole.result.epochs,
    steps: whole.result.steps,
    best: whole.result.best,
    metrics: whole.result.metrics,
    history: whole.result.history,
  });
}

function moved(runsDir: string): string {
  const elsewhere = join(home, `moved-${++count}`);
  mkdirSync(elsewhere);
  cpSync(runsDir, elsewhere, { recursive: true });
  rmSync(runsDir, { recursive: true });
  return elsewhere;
}

test("three attempts, each interrupted by the next save", async () => {
  const runsDir = join(home, `case-${++count}`);
  const config: GenericTrainerConfig = {
    maxEpochs: 6,
    seed: 3,
    ...weighted,
    runsDir,
    runName: "run",
    hooks: { enableModelCheckpointHook: true },
  };
  const whole = await attempt({ config: { ...config, runName: "whole" }, data: named() });
  const attempts: Attempt[] = [];
  for (const interruptAt of [5, 19, 20, 44])
    attempts.push(await attempt({ config: { ...config, resume: "auto" }, data: named(), interruptAt }));
  attempts.push(await attempt({ config: { ...config, resume: "auto" }, data: named() }));
  expect(attempts.at(-1)?.model.bytes).toBe(whole.model.bytes);
  expect(trained(attempts)).toEqual(trained([whole]));
  expect(attempts.map(({ trainer }) => trainer.run.attempt)).toEqual([1, 2, 3, 4, 5]);
  const files = readdirSync(join(runsDir, "run")).filter((file) => file.startsWith("config"));
  expect(files.toSorted()).toEqual([
    "config.resume-1.yaml",
    "config.resume-2.yaml",
    "config.resume-3.yaml",
    "config.resume-4.yaml",
    "config.yaml",
  ]);
});
