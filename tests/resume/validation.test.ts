/** A run that is interrupted in a validation ends as one that was not. */
import { expect, test } from "vitest";
import { defineHook, type DataLoader, type GenericTrainerConfig, type TrainerHooks } from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt, trained, type Attempt } from "./harness.js";

const runsDir = temporaryRuns();
const ABORT_IN = 2;

/** Two batches in another order in every other pass, as a loader that shuffles by its pass gives them. */
function passLoader(passes: number[]): DataLoader<Rows> {
  const [first, second] = linearBatches(2, 4, { kind: "logistic", seed: 5 }) as [Rows, Rows];
  return {
    length: 2,
    batches: (pass) => {
      passes.push(pass);
      return pass % 2 === 0 ? [first, second] : [second];
    },
  };
}

/** Aborts after the first batch of the second validation. */
function aborter(controller: AbortController): TrainerHooks<Rows> {
  let validations = 0;
  return defineHook<Rows>("aborter", {
    onValidationStart: () => void validations++,
    onValidationBatchEnd: () => {
      if (validations === ABORT_IN) controller.abort(new Error("as by a signal"));
    },
  });
}

async function runs(name: string, config: GenericTrainerConfig, interrupted: boolean): Promise<[Attempt[], number[][]]> {
  const attempts: Attempt[] = [];
  const passes: number[][] = [];
  for (const isFirst of interrupted ? [true, false] : [false]) {
    const seen: number[] = [];
    const controller = new AbortController();
    const counted = await attempt({
      config: {
        maxEpochs: 4,
        runsDir,
        runName: `${name} ${interrupted ? "in two" : "whole"}`,
        resume: "auto",
        ...config,
        hooks: {
          enableModelCheckpointHook: true,
          enableMetricTracker: true,
          enableEarlyStoppingHook: true,
          earlyStoppingConfig: { monitor: "train/loss", patience: 3, minDelta: 0.2 },
          ...config.hooks,
        },
      },
      data: { train: linearBatches(4, 8, { kind: "logistic" }), validation: passLoader(seen) },
      hooks: isFirst ? [aborter(controller)] : [],
      signal: controller.signal,
    });
    attempts.push(counted);
    passes.push(seen);
  }
  return [attempts, passes];
}

test.each<{ name: string; config: GenericTrainerConfig }>([
  { name: "by epochs", config: {} },
  { name: "by steps", config: { validation: { everyNSteps: 3 } } },
  { name: "by epochs, after a sanity check", config: { validation: { numSanitySteps: 1 } } },
  { name: "by steps, at an epoch's end", config: { validation: { everyNSteps: 4 } } },
])("$name", async ({ name, config }) => {
  const [whole, wholePasses] = await runs(name, config, false);
  const [parts, partPasses] = await runs(name, config, true);
  const [first, last] = [parts[0] as Attempt, parts[1] as Attempt];
  expect(first.result.status).toBe("interrupted");
  expect(last.result).toMatchObject({ status: whole[0]?.result.status, reason: whole[0]?.result.reason });
  expect(last.model.state()).toEqual(whole[0]?.model.state());
  expect(trained(parts)).toEqual(trained(whole));
  for (const metric of ["train/loss", "val/loss"])
    expect(last.trainer.measurement(metric)).toEqual(whole[0]?.trainer.measurement(metric));
  const cut = partPasses[0]?.at(-1) as number; // this pass was not used, and is made again
  expect([...(partPasses[0] as number[]).slice(0, -1), ...(partPasses[1] as number[])]).toEqual(wholePasses[0]);
  expect(partPasses[1]?.[0]).toBe(cut);
});
