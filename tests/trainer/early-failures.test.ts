import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import {
  GenericTrainer,
  TrainerHooks,
  arrayLoader,
  type FitData,
  type GenericTrainerConfig,
  type TrainableModel,
} from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const rows = linearBatches(2, 4, { kind: "logistic" });

interface Case {
  name: string;
  config?: GenericTrainerConfig;
  data?: FitData<Rows>;
  model?: (inner: LinearModel) => TrainableModel<Rows>;
  code: string;
  path?: string;
  says: string;
}

class NeedsDisk extends TrainerHooks {
  constructor() {
    super();
    throw new Error("no disk");
  }
}

const stopOn = (monitor: string): GenericTrainerConfig => ({
  hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { monitor, mode: "min" } },
});
const withoutNames = (inner: LinearModel): TrainableModel<Rows> => ({
  trainStep: (b) => inner.trainStep(b),
  evalStep: (b) => inner.evalStep(b),
  state: () => inner.state(),
  loadState() {},
});

const named = (filename: string): GenericTrainerConfig => ({
  hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { filename } },
});

test.each<Case>([
  {
    name: "a metric in the name of checkpoints that is misspelt",
    config: named("{epoch}-{val/acuracy}"),
    code: "ERR_UNKNOWN_MONITOR",
    path: "hooks.modelCheckpointConfig.filename",
    says: 'Nearest: "val/accuracy"',
  },
  {
    name: "a misspelt monitor",
    config: stopOn("val/los"),
    code: "ERR_UNKNOWN_MONITOR",
    path: "hooks.earlyStoppingConfig.monitor",
    says: 'Nearest: "val/loss"',
  },
  {
    name: "a monitor found missing by one evalStep",
    config: stopOn("val/acuracy"),
    model: withoutNames,
    code: "ERR_UNKNOWN_MONITOR",
    says: 'Nearest: "val/accuracy"',
  },
  {
    name: "a validation monitor without validation data",
    config: stopOn("val/loss"),
    data: { train: rows },
    code: "ERR_UNKNOWN_MONITOR",
    says: "Available: train/loss, train/accuracy",
  },
  {
    name: "a misspelt legacy metric",
    config: { earlyStoppingPatience: 3, earlyStoppingMetric: "val_los" },
    code: "ERR_UNKNOWN_MONITOR",
    path: "earlyStoppingMetric",
    says: 'Nearest: "val/loss"',
  },
  {
    name: "a strategy for a misspelt metric",
    config: { metrics: { perMetric: { acuracy: "max" } } },
    code: "ERR_UNKNOWN_MONITOR",
    path: "metrics.perMetric.acuracy",
    says: 'Nearest: "accuracy"',
  },
  {
    name: "a direction for a misspelt metric",
    config: { metrics: { directions: { "val/acuracy": "max" } } },
    code: "ERR_UNKNOWN_MONITOR",
    path: "metrics.directions.val/acuracy",
    says: 'Nearest: "val/accuracy"',
  },
  {
    name: "validation without evalStep",
    model: (inner) => ({ trainStep: (b) => inner.trainStep(b), state: () => inner.state(), loadState() {} }),
    code: "ERR_MODEL",
    says: "no evalStep",
  },
  {
    name: "too few weights",
    config: { trainLoaderConfig: { dataloaderWeights: [1, 2], samplingStrategy: "weighted" } },
    code: "ERR_LOADER_DATA",
    says: "2",
  },
  { name: "no batches", data: { train: [] }, code: "ERR_LOADER_DATA", says: "" },
  {
    name: "a hook whose constructor throws",
    config: { hooks: { hookClasses: [NeedsDisk] } },
    code: "ERR_HOOK_LOAD",
    says: "no disk",
  },
])("$name fails before the first step, and leaves no directory", async ({ config, data, model, code, path, says }) => {
  let steps = 0;
  const inner = new LinearModel({ width: 2, kind: "logistic" });
  const trained = model?.(inner) ?? inner;
  const counted: TrainableModel<Rows> = Object.assign(Object.create(trained) as TrainableModel<Rows>, {
    trainStep: (...args: Parameters<TrainableModel<Rows>["trainStep"]>) => (steps++, trained.trainStep(...args)),
  });
  const trainer = new GenericTrainer<Rows>({ maxEpochs: 1, runsDir, logging: { loggerType: "none" }, ...config }, counted);
  const error: unknown = await trainer
    .fit(data ?? { train: { a: rows }, validation: { a: rows } })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(says) as unknown,
    ...(path === undefined ? {} : { path }),
  });
  expect(steps).toBe(0);
  expect(readdirSync(runsDir)).toEqual([]);
});

test("one stateful loader cannot train and validate", async () => {
  const loader = arrayLoader([1, 2, 3], { batchSize: 1, collate: () => linearBatches(1, 4)[0] as Rows });
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  await expect(trainer.fit({ train: { a: loader }, validation: loader })).rejects.toMatchObject({
    code: "ERR_LOADER_DATA",
    path: "validation",
  });
});

test("a loader with half a position is refused for that, also where it trains and validates", async () => {
  const loader = { batches: () => rows, state: () => 0 };
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  const fit = trainer.fit({ train: loader, validation: loader });
  await expect(fit).rejects.toThrow(/has state, which is [^]*needs two methods/);
});

test.each([
  { name: "no model", model: null, says: "found null" },
  { name: "a model without state", model: { trainStep() {}, loadState() {} }, says: "no method state" },
])("$name is refused by the constructor", ({ model, says }) => {
  expect(() => new GenericTrainer({ maxEpochs: 1 }, model as never)).toThrow(says);
});

test("an optimizer without a learning rate is refused by the constructor", () => {
  expect(() => new GenericTrainer({ maxEpochs: 1 }, new LinearModel({ width: 2 }), { name: "adam" } as never)).toThrow(
    "optimizers[0]",
  );
});

test.each([
  { name: "a misspelt option", options: { singal: new AbortController().signal }, path: "fit.singal", says: 'Nearest: "signal"' },
  {
    name: "a controller in place of its signal",
    options: { signal: new AbortController() },
    path: "fit.signal",
    says: "an AbortSignal",
  },
])("fit refuses $name, and may be called again", async ({ options, path, says }) => {
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  const data = { train: linearBatches(2, 4) };
  await expect(trainer.fit(data, options as never)).rejects.toMatchObject({
    code: "ERR_CONFIG",
    path,
    message: expect.stringContaining(says) as unknown,
  });
  expect((await trainer.fit(data)).status).toBe("completed");
});

test("a signal is known by its shape: one that is no EventTarget of Node interrupts as well", async () => {
  const signal = { aborted: true, reason: new Error("enough"), addEventListener: () => {}, removeEventListener: () => {} };
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  const result = await trainer.fit({ train: linearBatches(2, 4) }, { signal: signal as unknown as AbortSignal });
  expect(result).toMatchObject({ status: "interrupted", reason: "enough" });
});

test("a second fit is an error, the first one's result stays", async () => {
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    new LinearModel({ width: 2 }),
  );
  const first = trainer.fit({ train: linearBatches(2, 4) });
  await expect(trainer.fit({ train: linearBatches(2, 4) })).rejects.toMatchObject({ code: "ERR_ALREADY_FIT" });
  expect((await first).status).toBe("completed");
});
