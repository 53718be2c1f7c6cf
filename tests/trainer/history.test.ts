import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MetricTrackerHook } from "../../src/hooks/index.js";
import {
  GenericTrainer,
  defineHook,
  type FitData,
  type FitResult,
  type GenericTrainerConfig,
  type StepContext,
  type StepResult,
  type TrainerHooks,
} from "../../src/index.js";
import { RateModel } from "../support/rate-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** The loss of step n is n; there is an `f1` in the epochs 1 and 2. */
class CountingModel extends RateModel {
  override trainStep(_batch?: number, context?: StepContext): StepResult {
    const { step = 0, epoch = 0 } = context ?? {};
    const f1 = epoch === 1 || epoch === 2 ? { metrics: { f1: epoch } } : {};
    return { ...super.trainStep(), loss: step, ...f1 };
  }
}

async function train(
  config: GenericTrainerConfig,
  hooks: readonly TrainerHooks<number>[] = [],
  data: Partial<FitData<number>> = {},
  signal?: AbortSignal,
): Promise<{ result: FitResult; trainer: GenericTrainer<number> }> {
  const model = new CountingModel(0.5);
  const trainer = new GenericTrainer<number>({ runsDir, logging: { loggerType: "none" }, ...config }, model, model.optimizer);
  for (const hook of hooks) trainer.hookManager.registerHook(hook);
  const result = await trainer.fit({ train: [0, 1, 2, 3], ...data }, { signal });
  return { result, trainer };
}

describe("result.history", () => {
  test("has a value an epoch for each monitor name, NaN where there was none", async () => {
    const data = { train: { a: [0, 1, 2], b: [0] }, validation: [0, 1] };
    const { result } = await train({ maxEpochs: 4, validation: { everyNEpochs: 2 } }, [], data);
    expect(result.history).toEqual({
      "train/loss": [2.5, 6.5, 10.5, 14.5],
      "train/a/loss": [2, 6, 10, 14],
      "train/b/loss": [4, 8, 12, 16],
      "train/f1": [NaN, 1, 2, NaN],
      "train/a/f1": [NaN, 1, 2, NaN],
      "train/b/f1": [NaN, 1, 2, NaN],
      "train/learning_rate": [0.5, 0.5, 0.5, 0.5],
      "val/loss": [NaN, 1, NaN, 1],
    });
  });

  test("is in summary.json, with what JSON lacks as text, a line a metric", async () => {
    const { result } = await train({ maxEpochs: 3 });
    const text = readFileSync(join(result.dir, "summary.json"), "utf8");
    expect((JSON.parse(text) as FitResult).history).toEqual({
      "train/loss": [2.5, 6.5, 10.5],
      "train/f1": ["NaN", 1, 2],
      "train/learning_rate": [0.5, 0.5, 0.5],
    });
    expect(text).toContain('    "train/loss": [2.5,6.5,10.5]');
  });

  test("has the last of several validations of an epoch, and what hooks log where it can be monitored", async () => {
    let pass = 0;
    const counting = defineHook<number>("counting", {
      produces: ["own/pass"],
      onValidationEnd: ({ logger, state }) => logger.logMetrics({ "own/pass": ++pass }, state.step),
    });
    const config: GenericTrainerConfig = { maxEpochs: 2, validation: { everyNSteps: 2 } };
    const { result } = await train(config, [counting], { validation: [0] });
    expect(result.history["own/pass"]).toEqual([2, 4]);
    expect(Object.keys(result.history)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  });

  test("has the rate that an epoch was trained with, not the one that was cut after it", async () => {
    const hooks = { enableReduceLROnPlateau: true, reduceLROnPlateauConfig: { monitor: "val/loss", patience: 1, factor: 0.5 } };
    const { result } = await train({ maxEpochs: 4, hooks }, [], { validation: [0] });
    expect(result.history["train/learning_rate"]).toEqual([0.5, 0.5, 0.25, 0.125]);
  });

  test("ends with a part of an epoch where maxSteps or a stop ends it there, and a resume completes that epoch", async () => {
    const short = await train({ maxEpochs: 3, maxSteps: 6 });
    expect(short.result.history["train/loss"]).toEqual([2.5, 5.5]);
    expect(short.result.epochs).toBe(2);

    const hooks = { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } };
    const config: GenericTrainerConfig = { maxEpochs: 3, runName: "stopped", hooks };
    const interruption = new AbortController();
    const interrupting = defineHook<number>("interrupting", {
      onTrainBatchEnd: ({ state }) => void (state.step === 6 && interruption.abort()),
    });
    const stopped = await train(config, [interrupting], {}, interruption.signal);
    expect(stopped.result.status).toBe("interrupted");
    expect(stopped.result.history["train/loss"]).toEqual([2.5, 5.5]);
    expect(stopped.result.epochs).toBe(1);
    const resumed = await train({ ...config, resume: "must" });
    expect(resumed.result.history).toEqual((await train({ maxEpochs: 3 })).result.history);
  });

  test("is on the error of a run that failed, with the epochs that were completed", async () => {
    const failing = defineHook<number>("failing", {
      onTrainBatchEnd({ state }) {
        if (state.step === 6) throw new Error("no more");
      },
    });
    await expect(train({ maxEpochs: 3 }, [failing])).rejects.toMatchObject({
      result: { history: { "train/loss": [2.5], "train/learning_rate": [0.5] } },
    });
  });
});

test("the metric tracker that the config enables can be read", async () => {
  const { trainer } = await train({ maxEpochs: 3, hooks: { enableMetricTracker: true } });
  const tracker = trainer.hookManager.get(MetricTrackerHook);
  expect(tracker?.history("train/loss").map(({ value }) => value)).toEqual([2.5, 6.5, 10.5]);
  expect(tracker?.best("train/loss")).toEqual({ value: 2.5, step: 4, epoch: 0 });
  expect(tracker?.slope("train/loss")).toBe(4);
  expect(trainer.hookManager.get(MetricTrackerHook, "metricTracker")).toBe(tracker);
  expect(trainer.hookManager.get(MetricTrackerHook, "another")).toBe(null);
  expect((await train({ maxEpochs: 1 })).trainer.hookManager.get(MetricTrackerHook)).toBe(null);
  for (const wrong of ["metricTracker", undefined])
    expect(() => trainer.hookManager.get(wrong as never)).toThrow(/ERR_HOOK at hookManager\.get[^]*in place of a hook's class/);
});
