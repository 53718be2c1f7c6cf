import { describe, expect, test } from "vitest";
import { GenericTrainer, type GenericTrainerConfig } from "../../src/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { RateModel } from "../support/rate-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

/** Trains on 10 batches an epoch, of which every `accumulate`-th updates; returns the warnings. */
async function train(config: GenericTrainerConfig, accumulate = 1, sized = true): Promise<string[]> {
  const model = new RateModel(0.1, accumulate);
  const memory = new MemoryBackend();
  const logging = { loggerType: "none", loggers: [memory] } as const;
  const trainer = new GenericTrainer<number>({ runsDir, logging, ...config }, model, model.optimizer);
  const ten = Array.from({ length: 10 }, (_, i) => i);
  await trainer.fit({ train: sized ? ten : { batches: () => ten.values() }, validation: [1] });
  return memory.warnings;
}

const earlyStopping = { enableEarlyStoppingHook: true } as const;
const plateau = { enableReduceLROnPlateau: true } as const;
const ranking = { enableModelCheckpointHook: true } as const;

describe("a validation that is never due", () => {
  test.each<{ config: GenericTrainerConfig; path: string; message: RegExp }>([
    {
      config: { maxSteps: 20, validation: { everyNSteps: 1000 }, hooks: earlyStopping },
      path: "validation.everyNSteps",
      message:
        /everyNSteps is 1000, and the run ends after 20 steps \(maxSteps\)[^]*earlyStoppingConfig\.monitor \("val\/loss"\)[^]*at most 20/,
    },
    {
      config: { maxEpochs: 3, validation: { everyNSteps: 31 }, hooks: plateau },
      path: "validation.everyNSteps",
      message: /30 steps \(maxEpochs 3 × 10 batches\)[^]*reduceLROnPlateauConfig/,
    },
    {
      config: { maxEpochs: 2, maxSteps: 1000, validation: { everyNSteps: 21 }, earlyStoppingPatience: 3 },
      path: "validation.everyNSteps",
      message: /20 steps[^]*earlyStoppingMetric/,
    },
    {
      config: { maxEpochs: 2, validation: { everyNEpochs: 3 }, hooks: { ...earlyStopping, ...ranking } },
      path: "validation.everyNEpochs",
      message: /everyNEpochs is 3, and the run ends in epoch 2 \(maxEpochs\)[^]*modelCheckpointConfig/,
    },
  ])("is refused where it would decide: $config", async ({ config, path, message }) => {
    await expect(train(config)).rejects.toMatchObject({
      code: "ERR_CONFIG",
      path,
      detail: expect.stringMatching(message) as string,
    });
  });

  test.each<{ config: GenericTrainerConfig; accumulate?: number; sized?: boolean; message: RegExp }>([
    {
      config: { maxSteps: 20, validation: { everyNSteps: 1000 }, hooks: ranking },
      message: /validation\.everyNSteps: No validation is ever due[^]*modelCheckpointConfig/,
    },
    { config: { maxEpochs: 1, validation: { everyNEpochs: 2 } }, message: /The validation data is not used/ },
    {
      config: { maxSteps: 15, validation: { everyNEpochs: 3 }, hooks: earlyStopping },
      message: /the run ends in epoch 2 \(maxSteps 15, 10 batches an epoch\)/,
    },
    { config: { maxSteps: 2, validation: { everyNEpochs: 3 } }, sized: false, message: /in epoch 2 \(maxSteps 2\)/ },
    {
      config: { maxEpochs: 2, validation: { everyNSteps: 21 }, hooks: earlyStopping },
      sized: false,
      message: /earlyStopping: val\/loss was never checked: the run ended after 20 steps/,
    },
    {
      config: { maxEpochs: 2, validation: { everyNSteps: 11 }, hooks: plateau },
      accumulate: 2,
      message: /reduceLROnPlateau: val\/loss was never checked: the run ended after 10 steps/,
    },
  ])("is a warning elsewhere: $config", async ({ config, accumulate, sized, message }) => {
    expect(await train(config, accumulate, sized)).toContainEqual(expect.stringMatching(message));
  });

  test.each<GenericTrainerConfig>([
    { maxSteps: 20, validation: { everyNSteps: 20 }, hooks: earlyStopping },
    { maxEpochs: 2, validation: { everyNEpochs: 2 }, hooks: earlyStopping },
    { maxSteps: 15, validation: { everyNEpochs: 2 }, hooks: earlyStopping },
    {
      maxSteps: 20,
      validation: { everyNSteps: 1000 },
      hooks: { ...earlyStopping, earlyStoppingConfig: { monitor: "train/loss" } },
    },
  ])("is not meant: %j", async (config) => {
    expect((await train(config)).filter((warning) => !warning.includes("not used"))).toEqual([]);
  });
});
