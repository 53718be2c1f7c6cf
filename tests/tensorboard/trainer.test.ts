/** A run of the trainer as TensorBoard shows it: interrupted and resumed, with two data loaders, read by both loaders of TensorBoard. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { FitData, GenericTrainerConfig } from "../../src/index.js";
import { attempt, trained, type Attempt } from "../resume/harness.js";
import { linearBatches, type Rows } from "../support/linear-model.js";
import { requirePython } from "../support/peers.js";
import { temporaryRuns } from "../support/run.js";
import { serve, shown, type Loader } from "./server.js";

const python = requirePython("a trainer's run in TensorBoard");
const runsDir = temporaryRuns();

const data = (): FitData<Rows> => ({
  train: {
    digits: linearBatches(8, 8, { kind: "logistic", seed: 1 }),
    augmented: linearBatches(4, 8, { kind: "logistic", seed: 2 }),
  },
  validation: { digits: linearBatches(2, 8, { kind: "logistic", seed: 3 }) },
});

const config: GenericTrainerConfig = {
  maxEpochs: 3,
  runName: "run",
  runsDir,
  trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] },
  hooks: { enableModelCheckpointHook: true },
};
const logging = { loggerType: "composite", compositeLoggers: ["tensorboard"], logEveryNSteps: 1 } as const;

const SERIES = [
  "train/loss_step",
  "train/digits/loss_step",
  "epoch/train_loss",
  "epoch/augmented/train_accuracy",
  "epoch/val_loss",
];

describe.skipIf(python === null)("a run that was interrupted and resumed", () => {
  let attempts: Attempt[];
  beforeAll(async () => {
    const first = await attempt({ config: { ...config, logging }, data: data(), interruptAt: 17 });
    attempts = [first, await attempt({ config: { ...config, logging, resume: "must" }, data: data() })];
  });

  test.each<Loader>(["fast", "python"])(
    "TensorBoard's %s loader returns what was logged, each point once",
    { timeout: 120_000 },
    async (loader) => {
      const board = await serve(python as string, runsDir, loader);
      try {
        for (const name of SERIES) {
          const logged = trained(attempts).filter((point) => point.name === name);
          const expected = logged.map(({ step, value }) => [step, Math.fround(value)]);
          expect(expected.length).toBeGreaterThan(2);
          await expect.poll(shown(board, join("run", "tensorboard"), name), { timeout: 90_000, interval: 300 }).toEqual(expected);
        }
      } finally {
        await board.stop();
      }
    },
  );
});
