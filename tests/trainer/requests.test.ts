/** What users give to `fit`, `requestStop` and `requestCheckpoint`: nothing is accepted that does nothing. */
import { describe, expect, test } from "vitest";
import { GenericTrainer, defineHook } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
const train = linearBatches(2, 4);

function newTrainer(maxEpochs = 4): GenericTrainer<Rows> {
  return new GenericTrainer<Rows>({ maxEpochs, runsDir, logging: { loggerType: "none" } }, new LinearModel({ width: 2 }));
}

describe("fit refuses", () => {
  test.each([
    [{ train, val: train }, 'Name it "validation".', "val"],
    [{ train, validationData: train }, 'Name it "validation".', "validationData"],
    [{ train, valdation: train }, 'Nearest: "validation".', "valdation"],
    [{ train, sampleWeight: [1] }, "Weigh the samples", "sampleWeight"],
    [{ train, classWeight: { 0: 1 } }, "Classes are weighted by tfjsModel", "classWeight"],
    [{ train, epochs: 5 }, "maxEpochs", "epochs"],
    [{ train, callbacks: [] }, "registerHook", "callbacks"],
    [{ train, constructor: 1 }, "Available: train, validation.", "constructor"],
    [{ x: train }, 'Name it "train"', "x"],
    [{ validation: train }, "no train loaders", "train"],
    [{ train: null }, "null is not a loader", "train"],
    [train, "fit({ train: loader })", "fit"],
    [undefined, "fit({ train: loader })", "fit"],
    [null, "fit({ train: loader })", "fit"],
    ["data.csv", "fit({ train: loader })", "fit"],
  ])("%j", async (data, says, path) => {
    const fitting = newTrainer().fit(data as never);
    await expect(fitting).rejects.toMatchObject({ code: "ERR_LOADER_DATA", path });
    await expect(fitting).rejects.toThrow(says);
  });
});

test.each([
  ["requestStop", { froce: true }, 'There is no key "froce" here.\nNearest: "force".'],
  ["requestStop", { force: "yes" }, "Allowed: true, false."],
  ["requestCheckpoint", { kep: true }, 'Nearest: "keep".'],
] as const)("%s refuses the options %j", (method, options, says) => {
  const refusal = (): void => newTrainer()[method]("because", options as never);
  for (const line of says.split("\n")) expect(refusal).toThrow(line);
});

test.each([
  [undefined, "no reason was given"],
  ["", "no reason was given"],
  ["  ", "no reason was given"],
  [new RangeError("loss is NaN"), "loss is NaN"],
  [5, "5"],
  ["enough", "enough"],
])("requestStop(%o) is reported as %j", async (reason, reported) => {
  const trainer = newTrainer();
  trainer.hookManager.registerHook(
    defineHook<Rows>("stopper", { onTrainBatchEnd: (view) => view.requestStop(reason as string) }),
  );
  const result = await trainer.fit({ train });
  expect(result).toMatchObject({ status: "stopped", reason: reported, steps: 1 });
});

test.each([{ force: true }, { reason: "x" }, []])("requestStop(%j): options in place of the reason are refused", (given) => {
  expect(() => newTrainer().requestStop(given as never)).toThrow('Write requestStop("why", { … })');
  expect(() => newTrainer().requestCheckpoint(given as never)).toThrow('Write requestCheckpoint("why", { … })');
});

test("a run whose only epoch updates nothing is warned of", async () => {
  const model = new LinearModel({ width: 2 });
  const step = model.trainStep.bind(model);
  Object.assign(model, { trainStep: (batch: Rows) => ({ ...step(batch), updated: false }) });
  const trainer = new GenericTrainer<Rows>({ maxEpochs: 1, runsDir, logging: { loggerType: "none" } }, model);
  const warnings: string[] = [];
  trainer.events.on("warning", ({ message }) => warnings.push(message));
  await trainer.fit({ train });
  expect(warnings).toEqual([expect.stringContaining("has updated no weights in 2 batches")]);
});

test("the parts of a run's own failure are in its error event", async () => {
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none", loggers: [memory] } },
    new LinearModel({ width: 2 }),
  );
  const thrown = new AggregateError([new RangeError("first")], "many", { cause: new Error("root") });
  trainer.hookManager.registerHook(
    defineHook<Rows>("breaks", {
      onTrainBatchEnd: () => {
        throw thrown;
      },
    }),
  );
  await expect(trainer.fit({ train })).rejects.toMatchObject({ code: "ERR_HOOK" });
  expect(memory.events.find(({ name }) => name === "error")?.data["cause"]).toBe(thrown);
});

test("a stop from onEpochEnd ends the run there: no hook of a next epoch is called", async () => {
  const calls: string[] = [];
  const trainer = newTrainer();
  trainer.hookManager.registerHook(
    defineHook<Rows>("stopper", {
      onEpochStart: (_view, epoch) => void calls.push(`start ${epoch}`),
      onEpochEnd: (view, epoch) => {
        calls.push(`end ${epoch}`);
        if (epoch === 1) view.requestStop("two are enough");
      },
      onStop: (_view, reason) => void calls.push(reason),
    }),
  );
  const result = await trainer.fit({ train });
  expect(result).toMatchObject({ status: "stopped", epochs: 2, steps: 4 });
  expect(calls).toEqual(["start 0", "end 0", "start 1", "end 1", "two are enough"]);
});

test("a listener of stopRequested that requests a stop again ends in one stop", async () => {
  const trainer = newTrainer();
  let heard = 0;
  trainer.events.on("stopRequested", () => {
    heard++;
    trainer.requestStop("me too");
  });
  trainer.hookManager.registerHook(defineHook<Rows>("stopper", { onTrainBatchEnd: (view) => view.requestStop("enough") }));
  expect(await trainer.fit({ train })).toMatchObject({ status: "stopped", reason: "enough", steps: 1 });
  expect(heard).toBe(1);
});

const getter = (name: string, inherit: object = new Error("plain")): object =>
  Object.defineProperty(inherit, name, {
    get() {
      throw new Error("the getter broke");
    },
  });

test.each([
  ["a message getter that throws", () => getter("message")],
  ["a stack getter that throws", () => getter("stack")],
  ["a name getter that throws", () => getter("name")],
  ["a cause getter that throws", () => getter("cause")],
  ["a toString that throws", () => ({ toString: () => getter("x") && null })],
  ["an object without a prototype", () => Object.create(null) as object],
  ["a revoked proxy", () => revoked()],
])("a step that throws what has %s fails with a result, and leaves no lock", async (_name, thrown) => {
  const model = Object.assign(new LinearModel({ width: 2 }), {
    trainStep: () => {
      throw thrown();
    },
  });
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 1,
      runsDir,
      logging: { loggerType: "none" },
      hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
    },
    model,
  );
  await expect(trainer.fit({ train })).rejects.toMatchObject({ code: "ERR_STEP", result: { status: "failed", steps: 0 } });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
