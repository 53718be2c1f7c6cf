import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { GenericTrainer, defineHook, type FitData, type FitResult, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

interface Trained {
  trainer: GenericTrainer<Rows>;
  result: FitResult;
  memory: MemoryBackend;
}

async function train(
  config: GenericTrainerConfig,
  data: FitData<Rows>,
  model = new LinearModel({ width: 2, kind: "logistic" }),
): Promise<Trained> {
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 2, runsDir, ...config, logging: { loggerType: "none", loggers: [memory], ...config.logging } },
    model,
    model.optimizer,
  );
  const result = await trainer.fit(data);
  return { trainer, result, memory };
}

const logistic = (count: number, seed: number, size = 8): Rows[] => linearBatches(count, size, { kind: "logistic", seed });

test("names and axes are those of the design", async () => {
  const { memory } = await train(
    {
      logging: { logEveryNSteps: 4, logLoaderProportions: true, loggerType: "none" },
      hooks: { enableLearningRateMonitor: true, enableThroughput: true },
    },
    { train: { digits: logistic(6, 1), augmented: logistic(2, 2) }, validation: { digits: logistic(2, 3) } },
  );
  const names = new Set(memory.points.map(({ name }) => name));
  expect([...names].filter((name) => !name.startsWith("throughput/")).toSorted()).toEqual([
    "epoch/augmented/train_accuracy",
    "epoch/augmented/train_loss",
    "epoch/digits/train_accuracy",
    "epoch/digits/train_loss",
    "epoch/digits/val_accuracy",
    "epoch/digits/val_loss",
    "epoch/duration_seconds",
    "epoch/train_accuracy",
    "epoch/train_loss",
    "epoch/val_accuracy",
    "epoch/val_loss",
    "final/best_train_accuracy",
    "final/best_train_augmented/accuracy",
    "final/best_train_augmented/loss",
    "final/best_train_digits/accuracy",
    "final/best_train_digits/loss",
    "final/best_train_loss",
    "final/best_val_accuracy",
    "final/best_val_digits/accuracy",
    "final/best_val_digits/loss",
    "final/best_val_loss",
    "final/early_stopped",
    "final/total_epochs",
    "final/total_steps",
    "final/train_accuracy",
    "final/train_loss",
    "final/val_accuracy",
    "final/val_loss",
    "loader_proportions/augmented_batches",
    "loader_proportions/augmented_divergence",
    "loader_proportions/digits_batches",
    "loader_proportions/digits_divergence",
    "train/accuracy_step",
    "train/augmented/loss_step",
    "train/batch_time_seconds",
    "train/digits/loss_step",
    "train/learning_rate",
    "train/loss_step",
  ]);
  expect(memory.series("train/loss_step").map(([step]) => step)).toEqual([4, 8, 12, 16]);
  expect(memory.points.filter(({ name }) => name === "epoch/val_loss").map(({ step, epoch }) => [step, epoch])).toEqual([
    [8, 0],
    [16, 1],
  ]);
  expect(memory.series("loader_proportions/digits_batches")).toEqual([
    [8, 0.75],
    [16, 0.75],
  ]);
  expect(names.has("throughput/samples_per_second")).toBe(true);
});

test("one unnamed array of batches has no series of its own", async () => {
  const { memory, result } = await train(
    { logging: { logLoaderProportions: true, loggerType: "none" } },
    { train: logistic(3, 1) },
  );
  expect(memory.points.some(({ name }) => name.includes("default"))).toBe(false);
  expect(Object.keys(result.metrics)).toEqual(["train/loss", "train/accuracy"]);
});

test("means weigh a short last batch by its samples", async () => {
  const full = {
    x: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    y: [1, 1, 1],
  };
  const short = { x: [[0, 0]], y: [0] };
  const model = new LinearModel({ width: 2, learningRate: 0 });
  const { result } = await train({ maxEpochs: 1 }, { train: [full, short], validation: [full, short] }, model);
  expect(result.metrics).toEqual({ "train/loss": 0.75, "val/loss": 0.75 });
});

test("the result says how far the run came, and what was best", async () => {
  const { result, memory, trainer } = await train({ maxEpochs: 3 }, { train: logistic(4, 1), validation: logistic(2, 3) });
  const losses = memory.series("epoch/val_loss");
  expect(result).toMatchObject({
    status: "completed",
    reason: "maxEpochs 3 reached",
    epochs: 3,
    steps: 12,
    checkpoint: null,
    dir: trainer.run.dir,
  });
  expect(result.best["val/loss"]).toEqual({ value: Math.min(...losses.map(([, loss]) => loss)), step: 12, epoch: 2 });
  expect(result.metrics["val/loss"]).toBe(losses.at(-1)?.[1]);
  expect(result.delivery.map(({ backend }) => backend)).toEqual(["training-log", "memory"]);
  expect(memory.closed).toEqual(["completed"]);
});

test("the run's directory holds the config, the log and the summary, non-finite numbers as strings", async () => {
  const model = new LinearModel({ width: 2, learningRate: 1e200 });
  const { result, trainer } = await train({ runName: "diverges", maxEpochs: 2 }, { train: linearBatches(3, 4) }, model);
  const summary = JSON.parse(readFileSync(join(result.dir, "summary.json"), "utf8")) as Record<string, unknown>;
  expect(summary).toMatchObject({
    status: "completed",
    runName: "diverges",
    runId: trainer.run.runId,
    steps: 6,
    error: null,
    metrics: { "train/loss": "NaN" },
  });
  expect(parse(readFileSync(join(result.dir, "config.yaml"), "utf8"))).toMatchObject({
    maxEpochs: 2,
    runName: "diverges",
    seed: 0,
    logging: { logEveryNSteps: 50 },
  });
  expect(existsSync(join(result.dir, "log"))).toBe(false); // loggerType "none", and nothing to warn of
});

test("summary.json has no secret that an error or a reason quotes, and keeps metrics of any name", async () => {
  const quoting = defineHook("quoting", {
    onTrainEnd: () => {
      throw new TypeError("no answer from https://me:hunter2@host/?token=hunter3");
    },
  });
  const model = new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>({ maxEpochs: 1, runsDir, logging: { loggerType: "none" } }, model, model.optimizer);
  trainer.hookManager.registerHook(quoting);
  trainer.hookManager.registerHook(
    defineHook("names", { onTrainEnd: ({ metrics }) => void ((metrics as Record<string, number>)["train/loss_per_token"] = 7) }),
  );
  await expect(trainer.fit({ train: linearBatches(2, 4) })).rejects.toMatchObject({ code: "ERR_HOOK" });
  const text = readFileSync(join(trainer.run.dir, "summary.json"), "utf8");
  expect(text).not.toMatch(/hunter[23]/);
  expect(JSON.parse(text)).toMatchObject({ status: "failed", metrics: { "train/loss_per_token": 7 } });
});

test("a run that is there already is refused with the ways out, before anything is trained", async () => {
  mkdirSync(join(runsDir, "taken"));
  await expect(train({ runName: "taken" }, { train: logistic(2, 1) })).rejects.toMatchObject({
    code: "ERR_RUN_EXISTS",
    message: expect.stringMatching(/resume: "auto" or "must".*another runName/s) as unknown,
  });
});

test("unnamed runs that start in the same second get their own directories", async () => {
  const results = await Promise.all([1, 2, 3].map(() => train({}, { train: logistic(2, 1) })));
  expect(new Set(results.map(({ result }) => result.dir)).size).toBe(3);
});

test("the same seed gives the same run, another seed another", async () => {
  const data = { train: { a: logistic(9, 1), b: logistic(9, 2) } };
  const config = {
    trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3], batchesPerEpoch: 6 },
  } as const;
  const losses = [];
  for (const seed of [1, 1, 2]) losses.push((await train({ ...config, seed }, data)).result.metrics["train/loss"]);
  expect(losses[0]).toBe(losses[1]);
  expect(losses[2]).not.toBe(losses[0]);
});

test("what a hook logs and announces can be monitored", async () => {
  const model = new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 9,
      runsDir,
      logging: { loggerType: "none" },
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "mine/score", mode: "max", patience: 2 } },
    },
    model,
  );
  trainer.hookManager.registerHook(
    defineHook("scorer", {
      produces: ["mine/score"],
      onTrainEpochEnd: (view, epoch) => view.logger.logMetrics({ "mine/score": 5 - epoch }, view.state.step),
    }),
  );
  const result = await trainer.fit({ train: linearBatches(2, 4) });
  expect(result).toMatchObject({ status: "stopped", epochs: 3, best: { "mine/score": { value: 5, epoch: 0 } } });
});

test("minEpochs holds early stopping, which asks again", async () => {
  const { result } = await train(
    {
      maxEpochs: 9,
      minEpochs: 5,
      hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor: "train/loss", patience: 1, minDelta: 100 } },
    },
    { train: logistic(2, 1) },
  );
  expect(result).toMatchObject({ status: "stopped", epochs: 5 });
});
