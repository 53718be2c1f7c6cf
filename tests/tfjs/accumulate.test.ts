import type * as Tf from "@tensorflow/tfjs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defineHook, type FitResult, GenericTrainer, type GenericTrainerConfig, type StateTree } from "../../src/index.js";
import { type GradientClip, type LayersModelOptions, tfjsLoader, tfjsModel, type TfjsBatch } from "../../src/tfjs/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

function net(regularized = false): Tf.Sequential {
  const penalty = regularized ? { kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) } : {};
  return tf.sequential({
    layers: [
      tf.layers.dense({
        units: 6,
        inputShape: [4],
        activation: "tanh",
        kernelInitializer: seeded(1),
        name: "hidden",
        ...penalty,
      }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(2), name: "out" }),
    ],
  });
}

/** Samples `from` to `to` of one and the same set. */
function rows(from: number, to: number): { xs: Tf.Tensor; ys: Tf.Tensor } {
  return tf.tidy(() => {
    const xs = tf.tensor2d(randoms(64 * 4, 1), [64, 4]);
    const ys = tf.oneHot(tf.argMax(xs.slice([0, 0], [64, 3]), 1), 3).toFloat();
    return { xs: xs.slice([from, 0], [to - from, 4]), ys: ys.slice([from, 0], [to - from, 3]) };
  });
}

/** Trains on batches that end at `ends`; returns the weights, and which batches updated them. */
async function trainOn(ends: readonly number[], options: Omit<LayersModelOptions, "model">, regularized = false) {
  const model = net(regularized);
  const training = tfjsModel(tf, { model, loss: "categoricalCrossentropy", optimizer: tf.train.sgd(0.5), ...options });
  const updated: boolean[] = [];
  for (const [i, end] of ends.entries()) {
    const result = await training.model.trainStep(rows(ends[i - 1] ?? 0, end), contextOf(1));
    updated.push(result.updated ?? true);
    await takeAll(result);
  }
  return { training, updated, weights: model.getWeights().flatMap((weight) => [...weight.dataSync()]) };
}

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got).toHaveLength(wanted.length);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] as number))));
  expect(worst).toBeLessThan(1e-6);
}

describe.each(BACKENDS)("accumulateSteps on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  const SPLITS = [
    { name: "equal micro-batches", ends: [8, 16, 24, 32, 40, 48, 56, 64], n: 4, large: [32, 64] },
    { name: "micro-batches of different sizes", ends: [1, 20, 23, 32, 50, 51, 60, 64], n: 4, large: [32, 64] },
  ];
  const VARIANTS: { name: string; options: Omit<LayersModelOptions, "model">; regularized?: boolean }[] = [
    { name: "plain", options: {} },
    { name: "adam", options: { optimizer: "adam" } },
    { name: "class weights", options: { classWeight: [1, 5, 0.2] } },
    { name: "regularizers, which count once", options: {}, regularized: true },
    { name: "a clip by norm, once", options: { gradientClip: { norm: 0.05 } } },
    { name: "a clip by value, once", options: { gradientClip: { value: 0.01 } } },
  ];

  test.each(SPLITS.flatMap((split) => VARIANTS.map((variant) => ({ split, variant, name: `${split.name}, ${variant.name}` }))))(
    "n batches are one of their size: $name",
    async ({ split, variant: { options, regularized } }) => {
      const optimizer = options.optimizer === "adam" ? () => tf.train.adam(0.05) : () => tf.train.sgd(0.5);
      const large = await trainOn(split.large, { ...options, optimizer: optimizer() }, regularized);
      const small = await trainOn(split.ends, { ...options, optimizer: optimizer(), accumulateSteps: split.n }, regularized);
      expect(small.updated).toEqual([false, false, false, true, false, false, false, true]);
      expectClose(small.weights, large.weights);
    },
  );

  test("the rest of an accumulation is an update of its own", async () => {
    const large = await trainOn([48, 64], {});
    const small = await trainOn([16, 32, 48, 64], { accumulateSteps: 3 });
    expect(small.training.model.endEpoch()).toBe(true);
    expect(small.training.model.endEpoch()).toBe(false);
    const { model } = small.training;
    expectClose(await weightsOf(await model.state()), large.weights);
  });

  test("gradients: of a batch that is collected its own, of one that updates the mean of all", async () => {
    const { model } = tfjsModel(tf, {
      model: net(),
      loss: "categoricalCrossentropy",
      optimizer: tf.train.sgd(0.5),
      accumulateSteps: 2,
    });
    const whole = tfjsModel(tf, { model: net(), loss: "categoricalCrossentropy", optimizer: tf.train.sgd(0.5) }).model;
    const step = async (which: typeof model, from: number, to: number): Promise<number[]> => {
      await takeAll(await which.trainStep(rows(from, to), contextOf(1, { wantsGradients: true })));
      const read = await Promise.all([...which.gradients()].map(async (gradient) => [...(await gradient.read())].map(Number)));
      return read.flat();
    };
    const [first, both, wanted] = [await step(model, 0, 8), await step(model, 8, 32), await step(whole, 0, 32)];
    expectClose(both, wanted);
    expect(Math.hypot(...first.map((value, i) => value - (wanted[i] as number)))).toBeGreaterThan(1e-3);
  });

  test("a loss function over variables", async () => {
    const build = (accumulateSteps: number) => {
      const w = tf.variable(tf.zeros([4, 3]));
      const loss = ({ xs, ys }: { xs: Tf.Tensor; ys: Tf.Tensor }) => tf.losses.softmaxCrossEntropy(ys, xs.matMul(w)) as Tf.Tensor;
      return {
        w,
        ...tfjsModel(tf, { variables: { w }, optimizer: tf.train.adam(0.1), loss, accumulateSteps, gradientClip: { norm: 0.1 } }),
      };
    };
    const [large, small] = [build(1), build(3)];
    await takeAll(await large.model.trainStep(rows(0, 60) as never, contextOf(1)));
    for (const [from, to] of [
      [0, 7],
      [7, 20],
      [20, 60],
    ] as const)
      await takeAll(await small.model.trainStep(rows(from, to) as never, contextOf(1)));
    expectClose([...small.w.dataSync()], [...large.w.dataSync()]);
  });

  test("a variable that only some of the batches use", async () => {
    const used = tf.variable(tf.scalar(0));
    const rare = tf.variable(tf.scalar(0));
    const { model } = tfjsModel(tf, {
      variables: { used, rare },
      optimizer: tf.train.sgd(1),
      accumulateSteps: 2,
      batchSize: ({ samples }: { samples: number }) => samples,
      loss: ({ samples }) => (samples === 1 ? used.mul(2).add(rare.mul(8)) : used.mul(2)),
    });
    for (const samples of [1, 3]) await takeAll(await model.trainStep({ samples }, contextOf(1)));
    expect([used.dataSync()[0], rare.dataSync()[0]]).toEqual([-2, -2]);
  });

  test("memory: constant over updates; what is collected is freed by dispose, also after an error", async () => {
    const { model } = tfjsModel(tf, { model: net(), loss: "categoricalCrossentropy", optimizer: "adam", accumulateSteps: 3 });
    const step = async (): Promise<number> => {
      await takeAll(await model.trainStep(rows(0, 8), contextOf(1)));
      return tf.memory().numTensors;
    };
    const counts: number[] = [];
    for (let i = 0; i < 12; i++) counts.push(await step());
    expect(counts.slice(9)).toEqual(counts.slice(6, 9));
    const before = counts.at(-1) as number;
    await step();
    const wrong = rows(0, 8);
    expect(() => model.trainStep({ xs: wrong.ys, ys: wrong.xs }, contextOf(1))).toThrow(/ERR_LOADER_DATA/);
    expect(tf.memory().numTensors).toBe(before + 4);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([0, -1, 1.5, "2", null])("accumulateSteps %j is refused", (accumulateSteps) => {
    expect(() => tfjsModel(tf, { model: net(), accumulateSteps } as never)).toThrow(
      /ERR_CONFIG at tfjsModel\.accumulateSteps[^]*Allowed: an integer of at least 1/,
    );
  });
});

async function weightsOf(state: StateTree): Promise<number[]> {
  return Object.values(state).flatMap(({ data }) => [...data].map(Number));
}

interface Outcome {
  result: FitResult;
  model: StateTree;
  optimizer: StateTree;
  losses: [number, number][];
  rates: number[];
}

/** 4 epochs of 7 batches, 3 to an update: 3 updates an epoch, the last one of a single batch. `stopAt`: after so many batches. */
async function train(
  config: GenericTrainerConfig,
  more: { stopAt?: number; accumulateSteps?: number; gradientClip?: GradientClip } = {},
) {
  const { stopAt, accumulateSteps = 3, gradientClip } = more;
  const data = rows(0, 55);
  const network = net();
  const training = tfjsModel(tf, {
    model: network,
    loss: "categoricalCrossentropy",
    optimizer: tf.train.adam(0.05),
    metrics: ["accuracy"],
    accumulateSteps,
    gradientClip,
  });
  const memory = new MemoryBackend();
  const rates: number[] = [];
  const trainer = new GenericTrainer<TfjsBatch>(
    {
      maxEpochs: 4,
      seed: 3,
      runsDir,
      logLevel: "silent",
      ...config,
      logging: { loggerType: "none", loggers: [memory], logEveryNSteps: 1 },
      hooks: { enableModelCheckpointHook: true, ...config.hooks },
    },
    training.model,
    training.optimizers,
  );
  const interruption = new AbortController();
  trainer.hookManager.registerHook(
    defineHook("interrupter", {
      onTrainBatchEnd: ({ state, optimizers }) => {
        rates.push(optimizers[0]?.learningRate as number);
        if (state.batch === stopAt) interruption.abort();
      },
    }),
  );
  const loader = tfjsLoader(tf, data, { batchSize: 8, shuffle: true });
  const validation = tfjsLoader(tf, data, { batchSize: 20 });
  const result = await trainer.fit({ train: loader, validation }, { signal: interruption.signal });
  const outcome: Outcome = {
    result,
    model: await training.model.state(),
    optimizer: await (training.optimizers[0] as (typeof training.optimizers)[0]).state(),
    losses: [...memory.series("train/loss_step"), ...memory.series("epoch/val_loss"), ...memory.series("epoch/train_loss")],
    rates,
  };
  tf.dispose(data);
  training.model.dispose();
  network.dispose();
  return outcome;
}

const byStep = ([a, x]: [number, number], [b, y]: [number, number]): number => a - b || x - y;

describe("a run that accumulates", () => {
  beforeAll(async () => useBackend(BACKENDS[0] as string));
  const gradientClip = { norm: 0.1 };
  let whole: Outcome | undefined;

  test("steps count updates, the rest of an epoch is applied at its end, and nothing is left over", async () => {
    const { result, optimizer, losses } = await train({ runName: "counts" });
    expect(result).toMatchObject({ status: "completed", epochs: 4, steps: 12 });
    expect(optimizer["iterations"]?.data).toEqual(BigInt64Array.of(12n));
    expect(Object.keys(optimizer).filter((name) => name.includes("collected"))).toEqual([]);
    expect([...new Set(losses.map(([step]) => step))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("maxSteps ends it after an update, a validation by steps is made also after the rest of an epoch", async () => {
    const { result } = await train({ runName: "maxSteps", maxSteps: 5 });
    expect(result).toMatchObject({ status: "completed", steps: 5, epochs: 2 });
    const ended = await train({ runName: "atEpochEnd", maxSteps: 6, validation: { everyNSteps: 3 } });
    expect(ended.result).toMatchObject({ status: "completed", steps: 6, epochs: 2 });
    expect(ended.losses.filter(([step]) => step === 3 || step === 6).length).toBeGreaterThanOrEqual(4);
  });

  test("a schedule is at its end value in the last batch, and falls once an update at most", async () => {
    const hooks = { enableLearningRateSchedule: true, learningRateScheduleConfig: { kind: "cosine", minLr: 0.001 } } as const;
    const { rates } = await train({ runName: "schedule", hooks });
    expect(rates).toHaveLength(28);
    expect(rates[0]).toBe(0.05);
    expect(rates.at(-1)).toBeCloseTo(0.001, 8);
    expect(rates.every((rate, i) => rate <= (rates[i - 1] ?? 1))).toBe(true);
  });

  test.each(Array.from({ length: 8 }, (_, i) => ({ stopAt: i + 1 })))(
    "interrupted after batch $stopAt and resumed, it ends as one that was not, to the last bit",
    async ({ stopAt }) => {
      const runName = `resumed-${stopAt}`;
      whole ??= await train({ runName: "whole" }, { gradientClip });
      const first = await train({ runName }, { stopAt, gradientClip });
      expect(first.result.status).toBe("interrupted");
      const halfFilled = stopAt % 3 !== 0; // also after the last batch of the epoch, whose rest is not applied yet
      expect(Object.keys(first.optimizer).includes("collected"), "a half-filled gradient is saved").toBe(halfFilled);
      const second = await train({ runName, resume: "must" }, { gradientClip });
      expect(bytesOf(second.model)).toEqual(bytesOf(whole.model));
      expect(bytesOf(second.optimizer)).toEqual(bytesOf(whole.optimizer));
      expect(second.result.steps).toBe(whole.result.steps);
      expect([...first.losses, ...second.losses].toSorted(byStep)).toEqual(whole.losses.toSorted(byStep));
    },
  );

  test.each([1, 2, 5])(
    "resumed with accumulateSteps %d in place of 3, what was collected is part of the next update",
    async (accumulateSteps) => {
      const runName = `changed-${accumulateSteps}`;
      await train({ runName }, { stopAt: 2 });
      const { result, optimizer } = await train({ runName, resume: "must", maxEpochs: 1 }, { accumulateSteps });
      expect(result).toMatchObject({ status: "completed", epochs: 1, steps: { 1: 5, 2: 3, 5: 2 }[accumulateSteps] });
      expect(optimizer["collected"]).toBeUndefined();
    },
  );
});

describe("what is left of a run that was stopped", () => {
  beforeAll(async () => useBackend(BACKENDS[0] as string));

  test("makes no step behind maxSteps, and is kept for a run with more", async () => {
    const runName = "left-over";
    await train({ runName }, { stopAt: 5 }); // one update, two batches collected
    const ended = await train({ runName, resume: "must", maxSteps: 1 });
    expect(ended.result).toMatchObject({ status: "completed", steps: 1, reason: "maxSteps 1 reached" });
    expect(ended.optimizer["collected"]?.data[0]).toBe(2);
  });

  test("is no part of another run with the same model", async () => {
    const model = net();
    const { model: adapted, optimizers } = tfjsModel(tf, {
      model,
      loss: "categoricalCrossentropy",
      optimizer: tf.train.sgd(0.1),
      accumulateSteps: 3,
    });
    const run = async (stopAt?: number): Promise<number[]> => {
      const updates: number[] = [];
      const config = { maxEpochs: 1, runsDir, logLevel: "silent", logging: { loggerType: "none" } } as const;
      const trainer = new GenericTrainer<TfjsBatch>(config, adapted, optimizers);
      trainer.hookManager.registerHook(
        defineHook("stopper", {
          onTrainBatchEnd: (view) => {
            updates.push(view.state.step);
            if (view.state.batch === stopAt) view.requestStop("enough");
          },
        }),
      );
      await trainer.fit({ train: tfjsLoader(tf, rows(0, 28), { batchSize: 4 }) });
      return updates;
    };
    expect(await run(5)).toEqual([0, 0, 1, 1, 1]);
    expect(await run()).toEqual([0, 0, 1, 1, 1, 2, 2]);
  });
});

test("a saved sum that does not fit is refused, and nothing is changed", async () => {
  await useBackend(BACKENDS[0] as string);
  const { training } = await trainOn([8], { accumulateSteps: 2 });
  const optimizer = training.optimizers[0] as (typeof training.optimizers)[0];
  const saved = await optimizer.state();
  expect(Object.keys(saved)).toContain("hidden/kernel/collected_gradient");
  const wrong = {
    ...saved,
    "hidden/kernel/collected_gradient": { shape: [1], dtype: "F32", data: Float32Array.of(1) },
  } as StateTree;
  expect(() => optimizer.loadState(wrong)).toThrow(/ERR_STATE[^]*"hidden\/kernel\/collected_gradient" was saved as F32 \[1\]/);
  expect(() => optimizer.loadState({ ...saved, collected: { shape: [2], dtype: "F64", data: Float64Array.of(-1, 3) } })).toThrow(
    /ERR_STATE[^]*counts the batches and samples/,
  );
  expect(bytesOf(await optimizer.state())).toEqual(bytesOf(saved));
});
