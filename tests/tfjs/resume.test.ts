import { rmSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { GenericTrainer, defineHook, type GenericTrainerConfig, type StateTree } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch, type TfjsTraining } from "../../src/tfjs/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();

/** Two dense layers, batch normalisation, and dropout that draws from the step's seed. */
function build(): { net: ReturnType<typeof tf.sequential>; training: TfjsTraining<TfjsBatch> } {
  const init = (seed: number): ReturnType<typeof tf.initializers.glorotUniform> => tf.initializers.glorotUniform({ seed });
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [4], kernelInitializer: init(1), name: "hidden" }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.dropout({ rate: 0.3, name: "drop" }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: init(2), name: "out" }),
    ],
  });
  const training = tfjsModel(tf, {
    model: net,
    optimizer: tf.train.adam(0.01),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return { net, training };
}

interface Outcome {
  state: StateTree;
  optimizer: StateTree;
  losses: [number, number][];
  resumedFrom: number | null;
}

async function train(config: GenericTrainerConfig, interruptAt?: number): Promise<Outcome> {
  const xs = tf.randomNormal([60, 4], 0, 1, "float32", 5);
  const ys = tf.oneHot(tf.argMax(xs.slice([0, 0], [60, 3]), 1), 3).toFloat();
  const { net, training } = build();
  const { model, optimizers } = training;
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<TfjsBatch>(
    {
      maxEpochs: 4,
      seed: 11,
      runsDir,
      ...config,
      logging: { loggerType: "none", loggers: [memory], logEveryNSteps: 2 },
      hooks: { enableModelCheckpointHook: true },
    },
    model,
    optimizers,
  );
  const interruption = new AbortController();
  trainer.hookManager.registerHook(
    defineHook("interrupter", {
      onTrainBatchEnd: ({ state }) => {
        if (state.step === interruptAt) interruption.abort();
      },
    }),
  );
  await trainer.fit(
    {
      train: tfjsLoader(tf, { xs, ys }, { batchSize: 8, shuffle: true }),
      validation: tfjsLoader(tf, { xs, ys }, { batchSize: 20 }),
    },
    { signal: interruption.signal },
  );
  const outcome = {
    state: await model.state(),
    optimizer: await optimizers[0]!.state(),
    losses: [...memory.series("train/loss_step"), ...memory.series("epoch/val_loss")],
    resumedFrom: trainer.run.resumedFromStep,
  };
  tf.dispose([xs, ys]);
  net.dispose();
  return outcome;
}

describe.each(BACKENDS)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([{ interruptAt: 8 }, { interruptAt: 13 }])(
    "a run interrupted after step $interruptAt ends as one that was not, to the last bit",
    async ({ interruptAt }) => {
      const runName = `${backend}-${interruptAt}`;
      const whole = await train({});
      const first = await train({ runName }, interruptAt);
      const second = await train({ runName, resume: "must" });
      expect(second.resumedFrom).toBe(interruptAt);
      expect(second.state).toEqual(whole.state);
      expect(second.optimizer).toEqual(whole.optimizer);
      expect([...first.losses, ...second.losses].toSorted(byStep)).toEqual(whole.losses.toSorted(byStep));
      rmSync(runsDir, { recursive: true, force: true });
    },
  );
});

function byStep([a, x]: [number, number], [b, y]: [number, number]): number {
  return a - b || x - y;
}
