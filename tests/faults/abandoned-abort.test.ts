/** An `AbortSignal` ends a run that hangs, wherever it hangs, `abandonAfterMs` after the abort. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FitData, LoggerBackend, TrainableModel } from "../../src/contract/index.js";
import { GenericTrainer, defineHook, type TrainerHooks } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

interface Hanging {
  name: string;
  model?: Partial<TrainableModel<Rows>>;
  train?: FitData<Rows>["train"];
  hook?: Parameters<typeof defineHook<Rows>>[1];
  backend?: LoggerBackend;
}

/** Aborts, and never returns. */
type Hang = () => Promise<never>;

const CASES: readonly { where: string; make: (hang: Hang) => Omit<Hanging, "name"> }[] = [
  { where: "trainStep", make: (hang) => ({ model: { trainStep: hang } }) },
  { where: "evalStep", make: (hang) => ({ model: { evalStep: hang } }) },
  { where: "a loader", make: (hang) => ({ train: { batches: () => ({ [Symbol.asyncIterator]: () => ({ next: hang }) }) } }) },
  { where: "onTrainStart", make: (hang) => ({ hook: { onTrainStart: hang } }) },
  { where: "onTrainBatchStart", make: (hang) => ({ hook: { onTrainBatchStart: hang } }) },
  { where: "onTrainBatchEnd", make: (hang) => ({ hook: { onTrainBatchEnd: hang } }) },
  { where: "onValidationEnd", make: (hang) => ({ hook: { onValidationEnd: hang } }) },
  { where: "onEpochEnd", make: (hang) => ({ hook: { onEpochEnd: hang } }) },
  { where: "onTrainEnd", make: (hang) => ({ hook: { onTrainEnd: hang } }) },
  { where: "a backend's close", make: (hang) => ({ backend: { name: "slow", logMetrics() {}, close: hang } }) },
];

function fit({ name, model, train, hook, backend }: Hanging, controller: AbortController, abandonAfterMs: number) {
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 1,
      runsDir,
      runName: name.replaceAll(/\W/g, "-"),
      logging: { loggerType: "none", loggers: backend === undefined ? [] : [backend] },
    },
    Object.assign(new LinearModel({ width: 2 }), model),
  );
  if (hook !== undefined) trainer.hookManager.registerHook(defineHook<Rows>("slow", hook) as TrainerHooks<Rows>);
  const data = { train: train ?? linearBatches(3, 4), validation: linearBatches(1, 4) };
  return trainer.fit(data, { signal: controller.signal, abandonAfterMs });
}

test.each(CASES)("$where", async ({ where, make }) => {
  const controller = new AbortController();
  const hang: Hang = () => {
    setTimeout(() => controller.abort(new Error("enough")), 1);
    return new Promise<never>(() => {});
  };
  const result = await fit({ name: where, ...make(hang) }, controller, 50);
  const abortedInTime = where !== "onTrainEnd" && where !== "a backend's close"; // there, the run was complete
  if (abortedInTime) expect(result).toMatchObject({ status: "interrupted", reason: "enough" });
  expect(existsSync(join(result.dir, "summary.json"))).toBe(true);
});

test("a look at the first validation batch that hangs is refused: nothing was trained", async () => {
  const controller = new AbortController();
  const model = new LinearModel({ width: 2 });
  Object.assign(model, { metricNames: undefined, evalStep: () => new Promise<never>(() => {}) });
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 1,
      runsDir,
      runName: "look",
      earlyStoppingPatience: 2,
      earlyStoppingMetric: "val_accuracy",
      earlyStoppingMode: "max",
      logging: { loggerType: "none" },
    },
    model,
  );
  setTimeout(() => controller.abort(new Error("enough")), 1);
  const data = { train: linearBatches(3, 4), validation: linearBatches(1, 4) };
  await expect(trainer.fit(data, { signal: controller.signal, abandonAfterMs: 20 })).rejects.toMatchObject({
    code: "ERR_ABANDONED",
    message: expect.stringContaining("20 ms (abandonAfterMs) after the abort") as unknown,
  });
});

test("Infinity waits for the step, which then is part of the run", async () => {
  const controller = new AbortController();
  const inner = new LinearModel({ width: 2 });
  const trainStep = (batch: Rows) =>
    new Promise<ReturnType<LinearModel["trainStep"]>>((resolve) => {
      controller.abort(new Error("enough"));
      setTimeout(() => resolve(inner.trainStep(batch)), 100);
    });
  const result = await fit({ name: "patient", model: { trainStep } }, controller, Infinity);
  expect(result).toMatchObject({ status: "interrupted", reason: "enough", steps: 1 });
});

test.each([-1, 1.5, Number.NaN, 2 ** 31, "5"])("abandonAfterMs %s is refused", async (abandonAfterMs) => {
  const fitting = fit({ name: "refused" }, new AbortController(), abandonAfterMs as number);
  await expect(fitting).rejects.toThrow("Infinity");
});
