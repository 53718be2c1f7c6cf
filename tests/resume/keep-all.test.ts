import { join } from "node:path";
import { expect, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import type { GenericTrainerConfig } from "../../src/index.js";
import { linearBatches } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt } from "./harness.js";

const runsDir = temporaryRuns();

test("saveTopK: -1 keeps every checkpoint of a run, over a resume too; the best of them is known, and all are good", async () => {
  const checkpoints = { monitor: "train/loss", saveTopK: -1, filename: "{step}" };
  const config: GenericTrainerConfig = {
    maxEpochs: 30,
    runsDir,
    runName: "all",
    hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: checkpoints },
  };
  const data = { train: linearBatches(2, 4) };
  const first = await attempt({ config, data, interruptAt: 23 });
  const second = await attempt({ config: { ...config, resume: "must" }, data });
  expect([first.result.epochs, second.result.epochs]).toEqual([11, 30]);

  await using manager = new CheckpointManager({ dir: join(second.result.dir, "checkpoints"), monitor: "train/loss" });
  const kept = await manager.list();
  const epochs = Array.from({ length: 30 }, (_, epoch) => 2 * epoch + 2);
  expect(kept.map(({ step }) => step)).toEqual([...epochs, 23].toSorted((a, b) => a - b)); // and that of the interruption, unranked
  expect(kept.find(({ isBest }) => isBest)?.step).toBe(second.result.best["train/loss"]?.step);
  expect(await manager.verify()).toEqual([]);
});
