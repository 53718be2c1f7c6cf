import type * as Tf from "@tensorflow/tfjs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defineHook, GenericTrainer, type GenericTrainerConfig, type StateTree } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch, type TfjsPartsStep } from "../../src/tfjs/index.js";
import { MemoryBackend } from "../support/memory-backend.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

/** A generator of points and a discriminator with dropout. */
function gan() {
  const generator = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, inputShape: [3], activation: "relu", kernelInitializer: seeded(1) }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 2, kernelInitializer: seeded(2) }),
    ],
  });
  const discriminator = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, inputShape: [2], activation: "relu", kernelInitializer: seeded(3) }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.dense({ units: 1, kernelInitializer: seeded(4) }),
    ],
  });
  const judged = (points: Tf.Tensor, label: number, training: boolean): Tf.Tensor =>
    tf.losses.sigmoidCrossEntropy(
      tf.fill([points.shape[0] as number, 1], label),
      discriminator.apply(points, { training }) as Tf.Tensor,
    );
  const training = tfjsModel(tf, {
    parts: {
      generator: { model: generator, optimizer: tf.train.adam(0.01, 0.5) },
      discriminator: { model: discriminator, optimizer: tf.train.rmsprop(0.01), gradientClip: { norm: 1 } },
    },
    step: ({ xs }: { xs: Tf.Tensor }, { minimize, seed, training: isTraining }) => {
      const noise = tf.randomNormal([xs.shape[0] as number, 3], 0, 1, "float32", seed);
      const made = (): Tf.Tensor => generator.apply(noise, { training: isTraining }) as Tf.Tensor;
      const d = minimize("discriminator", () => judged(xs, 1, isTraining).add(judged(made(), 0, isTraining)));
      const g = minimize("generator", () => judged(made(), 1, isTraining));
      return { loss: d.add(g), metrics: { d_loss: d, g_loss: g } };
    },
  });
  return { generator, discriminator, ...training };
}

const points = (): Tf.Tensor => tf.tensor2d(randoms(64, 9), [32, 2]);

interface Outcome {
  model: StateTree;
  optimizers: StateTree[];
  metrics: [string, number, number][];
  status: string;
}

async function train(config: GenericTrainerConfig, interruptAt?: number): Promise<Outcome> {
  const { model, optimizers, generator, discriminator } = gan();
  const memory = new MemoryBackend();
  const trainer = new GenericTrainer<{ xs: Tf.Tensor }>(
    {
      maxEpochs: 3,
      seed: 7,
      runsDir,
      logLevel: "silent",
      ...config,
      logging: { loggerType: "none", loggers: [memory], logEveryNSteps: 1 },
      hooks: {
        enableModelCheckpointHook: true,
        enableLearningRateMonitor: true,
        enableGradientMonitor: true,
        gradientMonitorConfig: { logFrequency: 2, perParameter: true },
      },
    },
    model,
    optimizers,
  );
  const interruption = new AbortController();
  trainer.hookManager.registerHook(
    defineHook("interrupter", {
      onTrainBatchEnd: ({ state }) => (state.step === interruptAt ? interruption.abort() : undefined),
    }),
  );
  const data = { xs: points(), ys: points() };
  const loader = (batchSize: number) => tfjsLoader(tf, data as TfjsBatch, { batchSize }) as never;
  const { status } = await trainer.fit({ train: loader(8), validation: loader(16) }, { signal: interruption.signal });
  const names = [
    "train/d_loss_step",
    "train/g_loss_step",
    "epoch/val_g_loss",
    "train/learning_rate/generator",
    "gradients/generator/dense_Dense1/kernel/norm",
  ];
  const metrics = names.flatMap((name) =>
    memory.series(name).map(([step, value]): [string, number, number] => [name, step, value]),
  );
  const outcome = {
    model: await model.state(),
    optimizers: await Promise.all(optimizers.map(async (one) => one.state())),
    metrics,
    status,
  };
  tf.dispose(data);
  generator.dispose();
  discriminator.dispose();
  return outcome;
}

const sorted = (metrics: Outcome["metrics"]): string[] => metrics.map((metric) => metric.join(" ")).toSorted();

describe.each(BACKENDS)("several models on %s", (backend) => {
  beforeAll(async () => useBackend(backend));

  test("a GAN that is interrupted and resumed ends as one that was not, to the last bit", async () => {
    const whole = await train({ runName: `${backend}-whole` });
    const first = await train({ runName: `${backend}-gan` }, 5);
    expect(first.status).toBe("interrupted");
    const second = await train({ runName: `${backend}-gan`, resume: "must" });
    expect(bytesOf(second.model)).toEqual(bytesOf(whole.model));
    expect(second.optimizers.map(bytesOf)).toEqual(whole.optimizers.map(bytesOf));
    expect(sorted([...first.metrics, ...second.metrics])).toEqual(sorted(whole.metrics));
    expect(new Set(whole.metrics.map(([name]) => name)).size, "every series is there").toBe(5);
    expect(Object.keys(whole.model)).toContain("generator/batch_normalization_BatchNormalization1/moving_mean");
    expect(whole.optimizers.map((state) => state["iterations"]?.data[0])).toEqual([12n, 12n]);
  });

  test("minimize updates its own part, and nothing in validation", async () => {
    const { model, generator, discriminator } = gan();
    const weights = (net: Tf.LayersModel): string =>
      net.trainableWeights.map((weight) => String(weight.read().dataSync())).join();
    const run = async (part: "generator" | "discriminator", isTraining: boolean) => {
      const only = tfjsModel(tf, {
        parts: {
          generator: { model: generator, optimizer: tf.train.sgd(0.5) },
          discriminator: { model: discriminator, optimizer: tf.train.sgd(0.5) },
        },
        step: ({ xs }: { xs: Tf.Tensor }, { minimize }) => {
          const score = () => discriminator.apply(generator.apply(tf.ones([xs.shape[0] as number, 3]))) as Tf.Tensor;
          return minimize(part, () => score().square());
        },
      });
      const before = [weights(generator), weights(discriminator)];
      const result = await only.model[isTraining ? "trainStep" : "evalStep"]({ xs: points() }, contextOf(1));
      await takeAll(result);
      return [weights(generator) !== before[0], weights(discriminator) !== before[1]];
    };
    expect(await run("generator", true)).toEqual([true, false]);
    expect(await run("discriminator", true)).toEqual([false, true]);
    expect(await run("generator", false)).toEqual([false, false]);
    model.dispose();
  });

  test("one part trains as the form with a loss function, to the bit", async () => {
    const [a, b] = [tf.variable(tf.ones([2, 1])), tf.variable(tf.ones([2, 1]))];
    const lossOf = (w: Tf.Tensor, xs: Tf.Tensor) => xs.matMul(w).sub(1).square().mean();
    const [plain, parts] = [
      tfjsModel(tf, { variables: { w: a }, optimizer: tf.train.adam(0.1), loss: ({ xs }: { xs: Tf.Tensor }) => lossOf(a, xs) }),
      tfjsModel(tf, {
        parts: { only: { variables: { w: b }, optimizer: tf.train.adam(0.1) } },
        step: ({ xs }: { xs: Tf.Tensor }, { minimize }) => minimize("only", () => lossOf(b, xs)),
      }),
    ];
    for (let step = 1; step <= 3; step++) {
      const [x, y] = [
        await plain.model.trainStep({ xs: points() }, contextOf(step)),
        await parts.model.trainStep({ xs: points() }, contextOf(step)),
      ];
      expect(await takeAll(y)).toEqual(await takeAll(x));
    }
    expect([...b.dataSync()]).toEqual([...a.dataSync()]);
    expect([...(await parts.optimizers[0]!.state())["only/w/m"]!.data]).toEqual([
      ...(await plain.optimizers[0]!.state())["w/m"]!.data,
    ]);
  });

  test("memory: constant over steps, and after a step that throws", async () => {
    const { model } = gan();
    const step = async (from: number): Promise<number> => {
      await takeAll(await model.trainStep({ xs: points() }, contextOf(from, { wantsGradients: from % 2 === 0 })));
      await takeAll(await model.evalStep({ xs: points() }, contextOf(from)));
      return tf.memory().numTensors;
    };
    const counts = [await step(1), await step(2), await step(3), await step(4), await step(5)];
    expect([counts[2], counts[4]]).toEqual([counts[0], counts[0]]);
    const w = tf.variable(tf.scalar(1));
    const failing = tfjsModel(tf, {
      parts: { only: { variables: { w }, optimizer: tf.train.sgd(1) } },
      batchSize: () => 1,
      step: (_: object, { minimize }) => {
        const loss = minimize("only", () => w.square());
        tf.ones([3]).mul(2);
        if (loss.dataSync()[0] !== undefined) throw new RangeError("after an update");
        return loss;
      },
    });
    const before = tf.memory().numTensors;
    expect(() => failing.model.trainStep({}, contextOf(1))).toThrow("after an update");
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("several models", () => {
  beforeEach(async () => useBackend(BACKENDS[0] as string));
  const variable = () => tf.variable(tf.scalar(2));
  const sgd = () => tf.train.sgd(0.1);
  const of = (parts: object, step: (batch: object, info: TfjsPartsStep) => unknown = () => tf.scalar(1), more: object = {}) =>
    tfjsModel(tf, { parts, step, batchSize: () => 1, ...more } as never);

  test("a frozen teacher is saved and not trained; a step without minimize is no step", async () => {
    const [student, teacher] = [variable(), variable()];
    let isTraining = true;
    const { model, optimizers } = of(
      { student: { variables: { student }, optimizer: sgd() }, teacher: { variables: [teacher] } },
      (_, { minimize }) => (isTraining ? minimize("student", () => student.mul(teacher)) : student.mul(1)),
    );
    expect((await model.trainStep({} as never, contextOf(1))).updated).toBeUndefined();
    expect([student.dataSync()[0], teacher.dataSync()[0]]).toEqual([expect.closeTo(1.8, 6), 2]);
    isTraining = false;
    expect((await model.trainStep({} as never, contextOf(1))).updated).toBe(false);
    expect(Object.keys(await model.state())).toEqual(["student/student", "teacher/variable_0"]);
    expect(optimizers.map(({ name }) => name)).toEqual(["student"]);
    expect((await model.describe()).layers.map(({ name }) => name)).toEqual(["student/student", "teacher/variable_0"]);
  });

  test("a part may be updated several times a step, as a critic is", async () => {
    const [actor, critic] = [variable(), variable()];
    const { model, optimizers } = of(
      { actor: { variables: { actor }, optimizer: sgd() }, critic: { variables: { critic }, optimizer: sgd() } },
      (_, { minimize }) => {
        for (let i = 0; i < 3; i++) minimize("critic", () => critic.mul(1));
        return minimize("actor", () => actor.mul(critic));
      },
    );
    await takeAll(await model.trainStep({} as never, contextOf(1)));
    expect(critic.dataSync()[0]).toBeCloseTo(1.7, 6);
    expect(actor.dataSync()[0]).toBeCloseTo(2 - 0.1 * 1.7, 6);
    expect((await optimizers[1]!.state())["iterations"]?.data[0]).toBe(3n);
  });

  const w = variable;
  test.each<{ name: string; make: () => unknown; says: RegExp }>([
    { name: "no parts", make: () => of({}), says: /at tfjsModel\.parts[^]*Allowed: models by name/ },
    { name: "a list", make: () => of([]), says: /at tfjsModel\.parts/ },
    {
      name: "a part that is a model",
      make: () => of({ a: gan().generator }),
      says: /at tfjsModel\.parts\.a\n[^]*Write a: \{ model, optimizer \}/,
    },
    { name: "a misspelt key", make: () => of({ a: { modle: 1 } }), says: /at tfjsModel\.parts\.a\.modle[^]*Nearest: "model"/ },
    {
      name: "neither model nor variables",
      make: () => of({ a: { optimizer: sgd() } }),
      says: /at tfjsModel\.parts\.a[^]*either model or variables/,
    },
    { name: "a name that is a path", make: () => of({ "a/b": { variables: [w()] } }), says: /Found the name "a\/b"/ },
    { name: "no optimizer", make: () => of({ a: { variables: [w()] } }), says: /ERR_MODEL[^]*No part has an optimizer/ },
    {
      name: "nothing to train",
      make: () => of({ a: { variables: [tf.variable(tf.scalar(1), false)], optimizer: sgd() } }),
      says: /No trainable variable/,
    },
    {
      name: "a variable of two parts",
      make: () => {
        const shared = w();
        return of({ a: { variables: { x: shared }, optimizer: sgd() }, b: { variables: { y: shared }, optimizer: sgd() } });
      },
      says: /at tfjsModel\.parts\.b[^]*"b\/y" belongs to the part "a" too/,
    },
    {
      name: "accumulateSteps",
      make: () => of({ a: { variables: [w()], optimizer: sgd() } }, undefined, { accumulateSteps: 2 }),
      says: /the step decides when to update/,
    },
    {
      name: "one optimizer",
      make: () => of({ a: { variables: [w()] } }, undefined, { optimizer: sgd() }),
      says: /Every part has its own/,
    },
    {
      name: "a loss",
      make: () => of({ a: { variables: [w()] } }, undefined, { loss: "mse" }),
      says: /losses are computed in step/,
    },
  ])("refused: $name", ({ make, says }) => {
    expect(make).toThrow(says);
  });

  test.each<{ name: string; step: (batch: object, info: TfjsPartsStep) => unknown; says: RegExp }>([
    {
      name: "an unknown part",
      step: (_, { minimize }) => minimize("b", () => tf.scalar(1)),
      says: /minimize was called for "b", which is no part with an optimizer\.[^]*Available: a\./,
    },
    { name: "no loss", step: (_, { minimize }) => minimize("a", () => 1 as never), says: /loss of minimize\("a", …\) is 1/ },
    {
      name: "a matrix",
      step: (_, { minimize }) => minimize("a", () => tf.ones([2, 3])),
      says: /a loss of "a" with the shape \[2, 3\]/,
    },
    {
      name: "minimize in minimize",
      step: (_, { minimize }) => minimize("a", () => minimize("a", () => tf.scalar(1))),
      says: /minimize\("a", …\) was called inside of the loss of another minimize/,
    },
    {
      name: "a value in place of a function",
      step: (_, { minimize }) => minimize("a", tf.scalar(1) as never),
      says: /takes a function that computes the loss; found a Tensor\. Write minimize\("a", \(\) => loss\)/,
    },
    {
      name: "a loss of what was computed before",
      step: (_, { minimize }) => minimize("a", () => tf.scalar(1)),
      says: /depends on no variable that the part "a" trains\.[^]*Compute inside of the function/,
    },
    { name: "nothing", step: () => undefined, says: /`step` returned undefined/ },
  ])("a step that is refused: $name", ({ step, says }) => {
    const { model } = of({ a: { variables: { w: w() }, optimizer: sgd() } }, step);
    const before = tf.memory().numTensors;
    expect(() => model.trainStep({} as never, contextOf(1))).toThrow(
      expect.objectContaining({ code: "ERR_STEP_RESULT", detail: expect.stringMatching(says) as string }) as Error,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test("an asynchronous step is refused; what it does later neither updates nor ends the process", async () => {
    const weight = w();
    const step = async (_: object, { minimize }: TfjsPartsStep) => {
      await Promise.resolve();
      return minimize("a", () => weight.mul(1));
    };
    const { model } = of({ a: { variables: { weight }, optimizer: sgd() } }, step);
    const before = weight.dataSync()[0];
    expect(() => model.trainStep({} as never, contextOf(1))).toThrow(
      /`step` returned a promise: gradients need it to be synchronous/,
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(weight.dataSync()[0]).toBe(before);
  });
});
