import type * as Tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { defineHook, GenericTrainer } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();
beforeAll(async () => useBackend(BACKENDS[0] as string));

const data = () => ({ xs: tf.tensor2d(randoms(24, 1), [12, 2]), ys: tf.tensor2d(randoms(12, 2), [12, 1]) });

function built(): Tf.Sequential {
  const net = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) })],
  });
  net.compile({ optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
  return net;
}

const weightsOf = (net: Tf.LayersModel): number[] => net.getWeights().flatMap((weight) => [...weight.dataSync()]);

function trainerOf(net: Tf.LayersModel) {
  const { model, optimizers } = tfjsModel(tf, { model: net });
  return new GenericTrainer<TfjsBatch>(
    { runsDir, maxEpochs: 4, minEpochs: 4, logLevel: "silent", logging: { loggerType: "none" } },
    model,
    optimizers,
  );
}

// As in `model.fit`: after a batch, or after the epoch in whose end it was set.
test.each([
  { name: "after a batch", fit: "onBatchEnd", hook: "onTrainBatchEnd", at: 2, batches: 2 },
  { name: "at the end of an epoch", fit: "onEpochEnd", hook: "onEpochEnd", at: 1, batches: 3 },
] as const)("model.stopTraining set $name ends the run where it ends model.fit", async ({ fit, hook, at, batches }) => {
  const [fitted, trained] = [built(), built()];
  let [calls, fitBatches] = [0, 0];
  const { xs, ys } = data();
  await fitted.fit(xs, ys, {
    epochs: 4,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    callbacks: {
      onBatchBegin: () => void fitBatches++,
      [fit]: () => {
        if (++calls === at) fitted.stopTraining = true;
      },
    },
  });
  expect(fitBatches).toBe(batches);
  expect(fitted.stopTraining).toBe(true);

  trained.stopTraining = true; // of an earlier model.fit
  const trainer = trainerOf(trained);
  let called = 0;
  trainer.hookManager.registerHook(
    defineHook<TfjsBatch>("stopper", {
      [hook]: () => {
        if (++called === at) trained.stopTraining = true;
      },
    }),
  );
  const result = await trainer.fit({ train: tfjsLoader(tf, data(), { batchSize: 4 }) });
  expect(result).toMatchObject({ status: "stopped", reason: "model.stopTraining was set", steps: batches });
  expect(weightsOf(trained)).toEqual(weightsOf(fitted));
  expect(trained.stopTraining).toBe(true);
});

test("an earlier training that left it set does not end the next one", async () => {
  const net = built();
  const trainer = trainerOf(net);
  net.stopTraining = true; // also between tfjsModel and fit
  const result = await trainer.fit({ train: tfjsLoader(tf, data(), { batchSize: 4 }) });
  expect(result).toMatchObject({ status: "completed", epochs: 4 });
});

test("of several models, that of any part ends the run; a Sequential that was never built is passed over", async () => {
  const [student, teacher] = [0, 1].map(() => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }));
  const { model, optimizers } = tfjsModel(tf, {
    parts: {
      student: { model: student as Tf.Sequential, optimizer: tf.train.sgd(0.1) },
      teacher: { model: teacher as Tf.Sequential },
    },
    step: ({ xs }: TfjsBatch, { minimize }) =>
      minimize("student", () => (student?.apply(xs as Tf.Tensor) as Tf.Tensor).square().mean()),
  });
  const fit = async (stopAt?: number) => {
    const trainer = new GenericTrainer<TfjsBatch>(
      { runsDir, maxEpochs: 2, logLevel: "silent", logging: { loggerType: "none" } },
      model,
      optimizers,
    );
    trainer.hookManager.registerHook(
      defineHook<TfjsBatch>("stopper", {
        onTrainBatchEnd: ({ state }) => {
          if (state.step === stopAt) (student as Tf.Sequential).stopTraining = true;
        },
      }),
    );
    return trainer.fit({ train: tfjsLoader(tf, data(), { batchSize: 4 }) });
  };
  const stopped = { status: "stopped", reason: 'stopTraining of the part "student" was set', steps: 2 };
  expect(await fit(2)).toMatchObject(stopped);
  expect(await fit()).toMatchObject({ status: "completed", steps: 6 });
});

test("a loop of one's own reads stopRequested", async () => {
  const net = built();
  const { model } = tfjsModel(tf, { model: net });
  expect(model.stopRequested).toBeNull();
  net.stopTraining = true;
  expect(model.stopRequested).toBe("model.stopTraining was set");
  await takeAll(await model.trainStep(data(), contextOf(1)));
});
