import { expect, test } from "vitest";
import { GenericTrainer, TrainerHooks, type GenericTrainerConfig, type HookMethodName } from "../../src/index.js";
import { HOOK_METHODS } from "../../src/hooks/hook-methods.js";
import { AsyncLinearModel, LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** A hook that writes down every call of a hook method, with the run's step. */
function scribe(
  calls: string[],
  act: (method: HookMethodName, trainer: GenericTrainer<Rows>) => void = () => {},
): TrainerHooks<Rows> {
  const hook = new TrainerHooks<Rows>() as TrainerHooks<Rows> & Record<string, unknown>;
  for (const method of HOOK_METHODS) {
    hook[method] = (trainer: GenericTrainer<Rows>) => {
      calls.push(`${method} ${trainer.state.step}`);
      act(method, trainer);
    };
  }
  return hook;
}

async function train(
  config: GenericTrainerConfig,
  options: { validation?: boolean; async?: boolean; act?: Parameters<typeof scribe>[1] } = {},
): Promise<{ calls: string[]; status: string; reason: string }> {
  const model = options.async === true ? new AsyncLinearModel({ width: 2 }) : new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>({ runsDir, ...config, logging: { loggerType: "none", ...config.logging } }, model);
  const calls: string[] = [];
  trainer.hookManager.registerHook(scribe(calls, options.act));
  const { status, reason } = await trainer.fit({
    train: linearBatches(3, 4),
    ...(options.validation === false ? {} : { validation: linearBatches(2, 4) }),
  });
  return { calls, status, reason };
}

const batch = (step: number): string[] => [`onTrainBatchStart ${step - 1}`, `onTrainBatchEnd ${step}`];
const validation = (step: number): string[] => [
  `onValidationStart ${step}`,
  `onValidationBatchEnd ${step}`,
  `onValidationBatchEnd ${step}`,
  `onValidationEnd ${step}`,
];

test.each([{ async: false }, { async: true }])(
  "every hook method, in the order of the loop (async model: $async)",
  async ({ async }) => {
    const { calls, status, reason } = await train({ maxEpochs: 1, logging: { logEveryNSteps: 2 } }, { async });
    expect(calls).toEqual([
      "onTrainStart 0",
      "onEpochStart 0",
      ...batch(1),
      ...batch(2),
      "onLogInterval 2",
      ...batch(3),
      "onLogInterval 3",
      "onTrainEpochEnd 3",
      ...validation(3),
      "onCheckpoint 3",
      "onEpochEnd 3",
      "onTrainEnd 3",
    ]);
    expect({ status, reason }).toEqual({ status: "completed", reason: "maxEpochs 1 reached" });
  },
);

test("a stop in mid-epoch runs onStop and no epoch-end hooks or validation", async () => {
  const { calls, status, reason } = await train(
    { maxEpochs: 3 },
    { act: (method, trainer) => method === "onTrainBatchEnd" && trainer.state.step === 2 && trainer.requestStop("enough") },
  );
  expect(calls.slice(-4)).toEqual(["onTrainBatchStart 1", "onTrainBatchEnd 2", "onStop 2", "onTrainEnd 2"]);
  expect({ status, reason }).toEqual({ status: "stopped", reason: "enough" });
});

test("a stop at the epoch's end runs onEpochEnd, then onStop", async () => {
  const { calls } = await train(
    { maxEpochs: 3 },
    { act: (method, trainer) => method === "onValidationEnd" && trainer.requestStop("enough") },
  );
  expect(calls.slice(-4)).toEqual(["onCheckpoint 3", "onEpochEnd 3", "onStop 3", "onTrainEnd 3"]);
});

test("maxSteps ends the epoch as its last batch does", async () => {
  const { calls, reason } = await train({ maxSteps: 2 }, { validation: false });
  expect(calls.slice(-7)).toEqual([
    ...batch(2),
    "onLogInterval 2",
    "onTrainEpochEnd 2",
    "onCheckpoint 2",
    "onEpochEnd 2",
    "onTrainEnd 2",
  ]);
  expect(reason).toBe("maxSteps 2 reached");
});

test("validation by steps replaces validation by epochs", async () => {
  const { calls } = await train({ maxEpochs: 2, validation: { everyNSteps: 2 } });
  expect(calls.filter((call) => call.startsWith("onValidationEnd"))).toEqual([
    "onValidationEnd 2",
    "onValidationEnd 4",
    "onValidationEnd 6",
  ]);
});

test("validation every second epoch", async () => {
  const { calls } = await train({ maxEpochs: 4, validation: { everyNEpochs: 2 } });
  expect(calls.filter((call) => call.startsWith("onValidationStart"))).toEqual(["onValidationStart 6", "onValidationStart 12"]);
});

test("the last step of an epoch is logged once, also when it is a log boundary", async () => {
  const { calls } = await train({ maxEpochs: 2, logging: { logEveryNSteps: 3 } }, { validation: false });
  expect(calls.filter((call) => call.startsWith("onLogInterval"))).toEqual(["onLogInterval 3", "onLogInterval 6"]);
});

test("a request to stop before minEpochs is dropped, and is repeated", async () => {
  const { calls, reason } = await train(
    { maxEpochs: 9, minEpochs: 3 },
    { act: (method, trainer) => method === "onTrainEpochEnd" && trainer.requestStop(`epoch ${trainer.state.epoch}`) },
  );
  expect(reason).toBe("epoch 2");
  expect(calls.filter((call) => call.startsWith("onEpochStart"))).toHaveLength(3);
});

test("a request to stop made once before minSteps does not latch", async () => {
  const { status } = await train(
    { maxEpochs: 2, minSteps: 5 },
    { act: (method, trainer) => method === "onTrainBatchEnd" && trainer.state.step === 1 && trainer.requestStop("too early") },
  );
  expect(status).toBe("completed");
});

test("a forced stop counts before minEpochs too", async () => {
  const { status, reason } = await train(
    { maxEpochs: 9, minEpochs: 3 },
    { act: (method, trainer) => method === "onTrainBatchEnd" && trainer.requestStop("NaN", { force: true }) },
  );
  expect({ status, reason }).toEqual({ status: "stopped", reason: "NaN" });
});

test("micro-batches do not advance the step", async () => {
  const model = new LinearModel({ width: 2 });
  let batches = 0;
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" } },
    {
      trainStep: (rows) => ({ ...model.trainStep(rows), updated: ++batches % 2 === 0 }),
      state: () => model.state(),
      loadState: (state) => model.loadState(state),
    },
  );
  const result = await trainer.fit({ train: linearBatches(6, 4) });
  expect([result.steps, trainer.state.batch, trainer.state.samples]).toEqual([3, 6, 24]);
});

test("the sanity validation runs before the start, and none of its values are kept", async () => {
  const seen: string[] = [];
  const model = new LinearModel({ width: 2 });
  const trainer = new GenericTrainer<Rows>(
    { maxEpochs: 1, runsDir, logging: { loggerType: "none" }, validation: { numSanitySteps: 1 } },
    {
      metricNames: [],
      trainStep: (rows) => (seen.push("train"), model.trainStep(rows)),
      evalStep: (rows) => (seen.push("eval"), { ...model.evalStep(rows), loss: seen.length }),
      state: () => model.state(),
      loadState: (state) => model.loadState(state),
    },
  );
  const result = await trainer.fit({
    train: linearBatches(1, 4),
    validation: { a: linearBatches(2, 4), b: linearBatches(1, 4) },
  });
  expect(seen).toEqual(["eval", "eval", "train", "eval", "eval", "eval"]);
  expect(result.metrics["val/loss"]).toBe((4 + 5 + 6) / 3);
});
