import { expect, test } from "vitest";
import { defineHook, type CheckpointInfo } from "../../src/index.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";
import { attempt } from "./harness.js";

const runsDir = temporaryRuns();

test.each([
  { keep: true, saved: "all" },
  { keep: false, saved: "some" },
])("a request at every step, keep: $keep: $saved are saved, the last in any case", async ({ keep, saved }) => {
  const infos: CheckpointInfo[] = [];
  const hook = defineHook<Rows>("eager", {
    onTrainBatchEnd: (trainer) => trainer.requestCheckpoint("every step", { keep }),
    onCheckpointSaved: (_, info) => void infos.push(info),
  });
  const { result } = await attempt({
    config: { maxEpochs: 1, runsDir, hooks: { modelCheckpointConfig: { monitor: "train/loss", maxCheckpoints: 100 } } },
    data: { train: linearBatches(40, 2, { kind: "logistic" }) },
    hooks: [hook],
  });
  const steps = infos.map(({ step }) => step);
  if (saved === "all") expect(steps.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  else expect(steps.length).toBeLessThan(40);
  expect(steps.at(-1)).toBe(40);
  expect(result.delivery.find(({ backend }) => backend === "checkpoints")).toMatchObject({ delivered: infos.length, dropped: 0 });
});
