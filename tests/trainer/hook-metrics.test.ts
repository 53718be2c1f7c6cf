/** Metrics that a hook adds to those of a validation: monitored, logged, saved and reported like the model's own. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { GenericTrainer, defineHook, type GenericTrainerConfig, type TrainerHooks, type TrainerView } from "../../src/index.js";
import type { ImageData, StepContext, StepResult } from "../../src/contract/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** A logistic regression with one output, which it gives where it is requested. */
class Classifier extends LinearModel {
  constructor() {
    super({ width: 2, kind: "logistic", learningRate: 0.05 });
  }

  override evalStep(batch: Rows, context?: StepContext): StepResult {
    const result = super.evalStep(batch);
    if (context?.wantsOutputs !== true) return result;
    const [a = 0, b = 0, bias = 0] = this.weights;
    const data = Float32Array.from(batch.x, ([x = 0, y = 0]) => 1 / (1 + Math.exp(-(a * x + b * y + bias))));
    const shape = [data.length, 1];
    return {
      ...result,
      outputs: { predictions: { shape, dtype: "F32", data }, targets: { shape, dtype: "F32", data: Float32Array.from(batch.y) } },
    };
  }
}

/** Also keeps what tells pictures apart: to compare their pixels one by one takes seconds. */
class Album extends MemoryBackend {
  readonly pictures: [name: string, step: number, digest: string][] = [];

  logImage(name: string, image: ImageData, step: number): void {
    this.pictures.push([name, step, createHash("sha256").update(image.data).digest("hex")]);
  }
}

const rows = (count: number, seed: number): Rows[] => linearBatches(count, 8, { kind: "logistic", seed });

async function train(config: GenericTrainerConfig, hooks: TrainerHooks<Rows>[] = [], signal?: AbortSignal) {
  const album = new Album();
  const model = new Classifier();
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 4, runsDir, ...config, logging: { loggerType: "none", loggers: [album] } },
    model,
    model.optimizer,
  );
  for (const hook of hooks) trainer.hookManager.registerHook(hook);
  const validation = { near: rows(3, 5), far: rows(2, 9) };
  const result = await trainer.fit({ train: rows(4, 1), validation }, signal === undefined ? {} : { signal });
  return { album, model, result };
}

const matrix = { enableConfusionMatrix: true, enableModelCheckpointHook: true } as const;

test("the scores of a confusion matrix: monitored, logged once, saved with checkpoints, in the result", async () => {
  const { album, result } = await train({
    hooks: {
      ...matrix,
      enableEarlyStoppingHook: true,
      earlyStoppingConfig: { monitor: "val/far/f1", mode: "max", stoppingThreshold: 0.01, minDelta: 0 },
      modelCheckpointConfig: { monitor: "val/f1", mode: "max" },
    },
  });
  expect(result.status).toBe("stopped");
  expect(result.reason).toContain("val/far/f1");
  const names = [...new Set(album.points.map(({ name }) => name))].filter((name) => name.endsWith("f1")).toSorted();
  expect(names).toEqual(
    [
      "epoch/far/val_f1",
      "epoch/near/val_f1",
      "epoch/val_f1",
      "final/best_val_f1",
      "final/best_val_far/f1",
      "final/best_val_near/f1",
      "final/val_f1",
    ].toSorted(),
  );
  expect(album.series("epoch/val_f1")).toEqual([[4, result.metrics["val/f1"]]]);
  expect(result.best["val/near/f1"]).toMatchObject({ step: 4, epoch: 0 });
  expect(album.warnings).toEqual([]);
  expect(album.pictures.map(([name, step]) => [name, step])).toEqual([
    ["confusion/val/near", 4],
    ["confusion/val/far", 4],
  ]);
});

describe("a run in two parts has the pictures and scores of one in one part", () => {
  /** Interrupts the third validation after its first batch. */
  const inValidation = (controller: AbortController): TrainerHooks<Rows> => {
    let validations = 0;
    return defineHook<Rows>("inValidation", {
      onValidationStart: () => void validations++,
      onValidationBatchEnd: () => {
        if (validations === 3) controller.abort(new Error("as by a signal"));
      },
    });
  };
  const between = (controller: AbortController): TrainerHooks<Rows> =>
    defineHook<Rows>("between", {
      onTrainBatchEnd: ({ state }) => {
        if (state.step === 10) controller.abort(new Error("as by a signal"));
      },
    });

  test.each([
    { name: "cut in a validation", cut: inValidation },
    { name: "cut between two", cut: between },
  ])("$name", async ({ name, cut }) => {
    const hooks = {
      ...matrix,
      confusionMatrixConfig: { everyNValidations: 2, scores: "perClass" },
    } as const;
    const whole = await train({ hooks: { ...hooks, enableModelCheckpointHook: false } });
    const controller = new AbortController();
    const config = { runName: name, resume: "auto", hooks } as const;
    const first = await train(config, [cut(controller)], controller.signal);
    expect(first.result.status).toBe("interrupted");
    const second = await train(config);
    const of = (...albums: Album[]): unknown[] => [
      albums.flatMap(({ pictures }) => pictures),
      albums.flatMap(({ points }) => points.filter(({ name: metric }) => /^epoch\/.*(precision|recall|f1)/.test(metric))),
    ];
    expect(of(first.album, second.album)).toEqual(of(whole.album));
    expect(second.result.metrics).toEqual(whole.result.metrics);
    expect(whole.album.pictures).toHaveLength(4);
  });
});

test("values that are not added again are gone; a backend without pictures counts them", async () => {
  const once = defineHook<Rows>("once", {
    produces: ["val/mine"],
    onValidationEnd: (trainer, epoch) => {
      if (epoch === 0) trainer.addMetrics({ "val/mine": 3 });
    },
    onTrainEpochEnd: (trainer) => trainer.addMetrics({ "train/mine": 4 }),
  });
  const { album, result } = await train({ maxEpochs: 2, hooks: { enableConfusionMatrix: true } }, [once]);
  expect(album.series("epoch/val_mine")).toEqual([[4, 3]]);
  expect(album.series("epoch/train_mine")).toEqual([
    [4, 4],
    [8, 4],
  ]);
  expect(result.metrics).toMatchObject({ "train/mine": 4 });
  expect(result.metrics).not.toHaveProperty("val/mine");

  const plain = new MemoryBackend();
  const model = new Classifier();
  const config = {
    maxEpochs: 2,
    runsDir,
    logging: { loggerType: "none", loggers: [plain] },
    hooks: { enableConfusionMatrix: true },
  } as const;
  const { delivery } = await new GenericTrainer<Rows>(config, model, model.optimizer).fit({
    train: rows(2, 1),
    validation: rows(2, 2),
  });
  expect(delivery.find(({ backend }) => backend === "memory")).toMatchObject({ dropped: 2 });
});

test.each<{ name: string; values: object; says: RegExp }>([
  {
    name: "a name of neither split",
    values: { score: 1 },
    says: /ERR_METRIC_NAME[^]*At addMetrics: [^]*begin it with val\/ or train\//,
  },
  { name: "a name that no backend takes", values: { "val/ü": 1 }, says: /ERR_METRIC_NAME/ },
  { name: "no object", values: null as never, says: /ERR_METRIC_VALUE[^]*not an object with a number for each name/ },
  { name: "a name of the other split", values: { "train/score": 1 }, says: /ERR_METRIC_NAME[^]*in onTrainEpochEnd only/ },
  { name: "a name of the model's", values: { "val/loss": 0 }, says: /ERR_METRIC_NAME[^]*"val\/loss" has a value already/ },
  { name: "a text", values: { "val/score": "0.5" }, says: /ERR_METRIC_VALUE[^]*At addMetrics: [^]*not a number/ },
])("$name is refused", async ({ values, says }) => {
  const adding = defineHook<Rows>("adding", { onValidationEnd: (trainer) => trainer.addMetrics(values as never) });
  await expect(train({ maxEpochs: 1 }, [adding])).rejects.toThrow(says);
});

test.each(["onTrainStart", "onTrainBatchEnd", "onEpochEnd", "onTrainEpochEnd"] as const)(
  "a metric of the validation that is added in %s is refused: it would not be logged",
  async (method) => {
    const late = defineHook<Rows>("late", { [method]: (trainer: TrainerView) => trainer.addMetrics({ "val/score": 1 }) });
    await expect(train({ maxEpochs: 1 }, [late])).rejects.toThrow(
      /ERR_METRIC_NAME[^]*"val\/score" can be added in onValidationEnd only/,
    );
  },
);

test("a metric that two hooks add is refused", async () => {
  const adding = (key: string): TrainerHooks<Rows> =>
    defineHook<Rows>(key, { onValidationEnd: (trainer) => trainer.addMetrics({ "val/score": 1 }) });
  await expect(train({ maxEpochs: 1 }, [adding("one"), adding("two")])).rejects.toThrow(/hook two[^]*has a value already/);
});

test("a monitor that nothing produces is refused before the first step, and the scores are among the available names", async () => {
  const hooks = { ...matrix, modelCheckpointConfig: { monitor: "val/far/f2", mode: "max" } } as const;
  await expect(train({ hooks })).rejects.toThrow(/ERR_UNKNOWN_MONITOR[^]*val\/far\/f1/);
});
