import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { GenericTrainerConfig } from "../../src/contract/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { defineHook } from "../../src/hooks/trainer-hooks.js";
import { tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { BACKENDS, countReads, randoms, tf, trainsConvolutions, useBackend } from "./harness.js";

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-tfjs-"));
afterAll(() => rmSync(runsDir, { recursive: true, force: true }));

const quiet: GenericTrainerConfig = { runsDir, logLevel: "silent", logging: { loggerType: "none", logEveryNSteps: 50 } };

/** Is a point left of the line? */
function points(count: number, seed: number) {
  const xs = tf.tensor2d(randoms(count * 2, seed), [count, 2]);
  return { xs, ys: tf.tidy(() => xs.sum(1, true).greater(0).toFloat()) };
}

function network() {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 8,
        activation: "relu",
        inputShape: [2],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.dropout({ rate: 0.1 }),
      tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  net.compile({ optimizer: tf.train.adam(0.01), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return net;
}

describe.each(BACKENDS)("GenericTrainer with a TensorFlow.js model on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("500 steps over two loaders: learns, reads nothing between boundaries, holds as many tensors at each of them", async () => {
    const net = network();
    const { model, optimizers } = tfjsModel(tf, { model: net });
    const config: GenericTrainerConfig = {
      ...quiet,
      maxSteps: 500,
      seed: 3,
      trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: { near: 0.7, far: 0.3 }, batchesPerEpoch: 100 },
    };
    const trainer = new GenericTrainer(config, model, optimizers);
    const near = Array.from({ length: 200 }, (_, index) => index);
    const source = points(200, 11);
    const [inputs, targets] = [source.xs.arraySync(), source.ys.arraySync() as number[][]];
    const tensors: number[] = [];
    const reads = countReads();
    const between: number[] = [];
    let readsAtBoundary = 0;
    const watch = defineHook<TfjsBatch>("watch", {
      onTrainBatchEnd: () => void between.push(reads.count() - readsAtBoundary),
      onLogInterval: () => {
        tensors.push(tf.memory().numTensors);
        readsAtBoundary = reads.count();
      },
      onValidationEnd: () => {
        readsAtBoundary = reads.count();
      },
    });
    trainer.hookManager.registerHook(watch);
    const result = await trainer.fit({
      train: {
        near: arrayLoader(near, {
          batchSize: 20,
          shuffle: true,
          collate: (rows): TfjsBatch => ({
            xs: tf.tensor2d(rows.map((row) => inputs[row] ?? [])),
            ys: tf.tensor2d(rows.map((row) => targets[row] ?? [])),
          }),
        }),
        far: tfjsLoader(tf, points(100, 12), { batchSize: 20, shuffle: true }),
      },
      validation: tfjsLoader(tf, points(100, 13)),
    });
    reads.stop();
    expect(result).toMatchObject({ status: "completed", steps: 500 });
    expect(result.metrics["val/accuracy"]).toBeGreaterThan(0.9);
    expect(result.metrics["train/near/accuracy"]).toBeGreaterThan(0.8);
    expect(between).toHaveLength(500);
    expect(new Set(between)).toEqual(new Set([0]));
    expect(reads.count()).toBe(500 * 2 + 5 * 4 * 2);
    expect(tensors).toHaveLength(10);
    expect(new Set(tensors).size).toBe(1);
    const probe = net.predict(
      tf.tensor2d([
        [0.8, 0.8],
        [-0.8, -0.8],
      ]),
    ) as ReturnType<typeof tf.tensor>;
    const [inside = 0, outside = 1] = probe.dataSync();
    expect(inside).toBeGreaterThan(0.9);
    expect(outside).toBeLessThan(0.1);
  });

  test("the same seed gives the same run, bit by bit", async () => {
    const losses = async (): Promise<unknown> => {
      const { model, optimizers } = tfjsModel(tf, { model: network() });
      const trainer = new GenericTrainer({ ...quiet, maxEpochs: 2, seed: 5 }, model, optimizers);
      const data = {
        train: tfjsLoader(tf, points(100, 1), { batchSize: 10, shuffle: true }),
        validation: tfjsLoader(tf, points(50, 2)),
      };
      const { metrics } = await trainer.fit(data);
      return Object.entries(metrics).filter(([name]) => /loss|accuracy/.test(name));
    };
    expect(await losses()).toEqual(await losses());
  });

  test("gradients, throughput and the learning rate are there for the built-in hooks", async () => {
    const { model, optimizers } = tfjsModel(tf, { model: network() });
    const logged = new Set<string>();
    const trainer = new GenericTrainer(
      {
        ...quiet,
        maxSteps: 20,
        logging: {
          loggerType: "none",
          logEveryNSteps: 10,
          loggers: [{ name: "memory", logMetrics: (values) => Object.keys(values).forEach((name) => logged.add(name)) }],
        },
        hooks: {
          enableGradientMonitor: true,
          gradientMonitorConfig: { logFrequency: 5 },
          enableThroughput: true,
          enableLearningRateMonitor: true,
        },
      },
      model,
      optimizers,
    );
    await trainer.fit({ train: tfjsLoader(tf, points(100, 1), { batchSize: 10 }) });
    const names = [...logged];
    expect(names.filter((name) => name.includes("dense_Dense1/kernel")).length, names.join()).toBeGreaterThan(0);
    expect(names).toEqual(expect.arrayContaining(["train/loss_step", "train/accuracy_step", "train/learning_rate"]));
    expect(names.some((name) => name.startsWith("throughput/"))).toBe(true);
    model.dispose();
  });

  test("a convolution is refused before the first step, or trains", async () => {
    const net = tf.sequential({
      layers: [
        tf.layers.conv1d({ filters: 2, kernelSize: 2, inputShape: [2, 1] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1 }),
      ],
    });
    const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    let steps = 0;
    const trainer = new GenericTrainer({ ...quiet, maxSteps: 3 }, model, optimizers);
    trainer.hookManager.registerHook(defineHook("count", { onTrainBatchEnd: () => void steps++ }));
    const data = { train: tfjsLoader(tf, { xs: tf.ones([6, 2, 1]), ys: tf.ones([6, 1]) }, { batchSize: 2 }) };
    if (trainsConvolutions(backend)) {
      expect(await trainer.fit(data)).toMatchObject({ status: "completed", steps: 3 });
    } else {
      await expect(trainer.fit(data)).rejects.toMatchObject({
        code: "ERR_MODEL",
        message: expect.stringContaining("Conv2DBackpropFilter"),
      });
      expect(steps).toBe(0);
    }
  });

  test("the slow backend's warning reaches the user", async () => {
    const { model, optimizers } = tfjsModel(tf, { model: network() });
    const trainer = new GenericTrainer({ ...quiet, maxSteps: 1 }, model, optimizers);
    const warnings: string[] = [];
    trainer.events.on("warning", (...said: unknown[]) => void warnings.push(JSON.stringify(said)));
    await trainer.fit({ train: tfjsLoader(tf, points(10, 1)) });
    expect(warnings.some((warning) => warning.includes("ten times slower"))).toBe(backend === "cpu");
  });
});
