import { expect, test } from "vitest";
import { MetricTrackerHook, type TrackedValue } from "../../src/hooks/index.js";
import { defineHook, type GenericTrainerConfig } from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt } from "./harness.js";

const runsDir = temporaryRuns();
const CHECKPOINTS = { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } };

/** The history of a metric that is logged when the epochs 0 and 3 start. */
async function history(config: GenericTrainerConfig, interruptAt?: number): Promise<readonly TrackedValue[]> {
  const rewards = defineHook<Rows>("rewards", {
    produces: ["own/reward"],
    onEpochStart({ logger, state }, epoch) {
      if (epoch % 3 === 0) logger.logMetrics({ "own/reward": epoch }, state.step);
    },
  });
  const tracker = new MetricTrackerHook();
  await attempt({
    config: { maxEpochs: 6, runsDir, hooks: CHECKPOINTS, ...config },
    data: { train: linearBatches(4, 4) },
    hooks: [rewards, tracker],
    ...(interruptAt === undefined ? {} : { interruptAt }),
  });
  return tracker.history("own/reward");
}

const BOTH = [
  { value: 0, step: 0, epoch: 0 },
  { value: 3, step: 12, epoch: 3 },
];

test("a metric that is not logged in every epoch has as many values as it was given", async () => {
  expect(await history({})).toEqual(BOTH);
});

test.each([4, 6, 14])("and in a run that is interrupted after step %i and resumed", async (interruptAt) => {
  const runName = `interrupted-${interruptAt}`;
  await history({ runName }, interruptAt);
  expect(await history({ runName, resume: "must" })).toEqual(BOTH);
});
