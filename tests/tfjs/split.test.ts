import type * as Tf from "@tensorflow/tfjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { DataLoader } from "../../src/contract/index.js";
import { tfjsLoader, tfjsModel, tfjsSplit, type SplitOptions } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { BACKENDS, randoms, tf, useBackend } from "./harness.js";

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-split-"));
afterAll(() => rmSync(runsDir, { recursive: true, force: true }));
beforeEach(async () => useBackend(BACKENDS[0] as string));

const seeded = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });

function oneInput(): Tf.LayersModel {
  const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], ...seeded(1) })] });
  net.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError", metrics: ["mae"] });
  return net;
}

function twoInputs(): Tf.LayersModel {
  const inputs = ["left", "right"].map((name) => tf.input({ shape: [2], name }));
  const both = tf.layers.concatenate().apply(inputs) as Tf.SymbolicTensor;
  const outputs = [1, 2].map((seed) => tf.layers.dense({ units: 1, name: `out${seed}`, ...seeded(seed) }).apply(both));
  const net = tf.model({ inputs, outputs: outputs as Tf.SymbolicTensor[] });
  net.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
  return net;
}

const samples = 23;
const wide = (seed: number) => tf.tensor2d(randoms(samples * 2, seed), [samples, 2]);
const thin = (seed: number) => tf.tensor2d(randoms(samples, seed), [samples, 1]);

interface Losses {
  batches: number[];
  validation: number[];
}

async function withFit(net: Tf.LayersModel, xs: unknown, ys: unknown, validationSplit: number): Promise<Losses> {
  const batches: number[] = [];
  const { history } = await net.fit(xs as Tf.Tensor, ys as Tf.Tensor, {
    epochs: 3,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    validationSplit,
    callbacks: { onBatchEnd: (_, logs) => void batches.push(logs?.["loss"] as number) },
  });
  // With several outputs TensorFlow.js has the total of a validation under the name of the first output's loss.
  const name = net.outputs.length > 1 ? `val_${net.outputNames[0]}_loss` : "val_loss";
  return { batches, validation: history[name] as number[] };
}

async function withTrainer(net: Tf.LayersModel, data: Parameters<typeof tfjsSplit>[1], validationSplit: number): Promise<Losses> {
  const losses: Losses = { batches: [], validation: [] };
  const logMetrics = (values: Record<string, number>) => {
    if ("train/loss_step" in values) losses.batches.push(values["train/loss_step"] as number);
    if ("epoch/val_loss" in values) losses.validation.push(values["epoch/val_loss"] as number);
  };
  const { model, optimizers } = tfjsModel(tf, { model: net });
  const logging = { loggerType: "none", logEveryNSteps: 1, loggers: [{ name: "memory", logMetrics }] } as const;
  const trainer = new GenericTrainer(
    { runsDir, runName: crypto.randomUUID(), logLevel: "silent", maxEpochs: 3, logging },
    model,
    optimizers,
  );
  await trainer.fit(tfjsSplit(tf, data, { validationSplit, batchSize: 4 }));
  return losses;
}

/** Training to the bit; TensorFlow.js adds up the batches of a validation in 32 bits. */
function expectSame(trained: Losses, fitted: Losses): void {
  expect(trained.batches).toEqual(fitted.batches);
  expect(trained.validation).toHaveLength(3);
  for (const [epoch, value] of fitted.validation.entries()) expect(trained.validation[epoch]).toBeCloseTo(value, 6);
}

describe("losses as those of model.fit({ validationSplit })", () => {
  test.each([0.1, 0.25, 0.3, 1 / 3, 0.7])("%f of one input", async (validationSplit) => {
    const [xs, ys] = [wide(3), thin(4)];
    const fitted = await withFit(oneInput(), xs, ys, validationSplit);
    const before = tf.memory().numTensors;
    const net = oneInput();
    expectSame(await withTrainer(net, { xs, ys }, validationSplit), fitted);
    expect(xs.isDisposed || ys.isDisposed).toBe(false);
    const owned = net.getWeights().length + 1; // the optimizer's moments and counters are the user's too
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(owned * 4);
  });

  test.each([
    { name: "lists", make: (a: Tf.Tensor, b: Tf.Tensor) => [a, b], targets: (a: Tf.Tensor, b: Tf.Tensor) => [a, b] },
    {
      name: "records",
      make: (left: Tf.Tensor, right: Tf.Tensor) => ({ right, left }),
      targets: (out1: Tf.Tensor, out2: Tf.Tensor) => ({ out2, out1 }),
    },
  ])("several inputs and outputs as $name", async ({ make, targets }) => {
    const xs = make(wide(3), wide(5));
    const ys = targets(thin(4), thin(6));
    const fitted = await withFit(twoInputs(), xs, ys, 0.3);
    expectSame(await withTrainer(twoInputs(), { xs, ys } as never, 0.3), fitted);
  });
});

/** The first column of all batches of a pass; disposes them. */
function rowsOf(loader: DataLoader<{ xs: Tf.Tensor; ys: Tf.Tensor }>, pass = 0): number[] {
  return [...(loader.batches(pass) as Iterable<{ xs: Tf.Tensor; ys: Tf.Tensor }>)].flatMap((batch) => {
    const rows = [...batch.ys.dataSync()];
    tf.dispose(batch);
    return rows;
  });
}

const numbered = (count: number) => ({ xs: tf.zeros([count, 1]), ys: tf.range(0, count) });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe("the two parts", () => {
  test.each([10, 7, 100, 1000])("of %i samples are those that model.fit takes, at every hundredth", async (count) => {
    for (let percent = 1; percent < 100; percent++) {
      const splitAt = Math.floor(count * (1 - percent / 100)); // the expression of model.fit
      if (splitAt === 0) continue;
      const { train, validation } = tfjsSplit(tf, numbered(count), { validationSplit: percent / 100, batchSize: 1 });
      expect([train.length, validation.length]).toEqual([splitAt, count - splitAt]);
    }
  });

  test("training is shuffled by seed and pass, validation is not, and dropLast leaves all of it", () => {
    const data = numbered(20);
    const { train, validation } = tfjsSplit(tf, data, { validationSplit: 0.35, batchSize: 5, shuffle: true, dropLast: true });
    for (const loader of [train, validation]) loader.seed?.(7);
    const first = rowsOf(train);
    expect(first.toSorted((a, b) => a - b)).not.toEqual(first);
    expect(new Set([...first, ...rowsOf(validation)]).size).toBe(10 + 7);
    expect(Math.max(...first)).toBeLessThan(13);
    expect(rowsOf(train)).toEqual(first);
    expect(rowsOf(train, 1)).not.toEqual(first);
    expect(rowsOf(validation)).toEqual(range(13, 20));
    const alone = tfjsLoader(tf, { xs: data.xs.slice(0, 13), ys: data.ys.slice(0, 13) }, { batchSize: 5, shuffle: true });
    alone.seed?.(7);
    expect(rowsOf(alone).slice(0, 10)).toEqual(first);
  });

  test("nothing is copied before a batch is pulled, and a position resumes in mid-pass", async () => {
    const data = numbered(20);
    const before = tf.memory();
    const split = () => tfjsSplit(tf, data, { validationSplit: 0.5, batchSize: 3, shuffle: true });
    const { train } = split();
    expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([before.numTensors, before.numBytes]);
    const whole = rowsOf(train);
    const [batch] = train.batches(0) as Iterable<{ xs: Tf.Tensor; ys: Tf.Tensor }>;
    tf.dispose(batch);
    const resumed = split().train;
    await resumed.loadState?.(train.state?.() ?? null);
    expect(rowsOf(resumed)).toEqual(whole.slice(3));
    expect(tf.memory().numTensors).toBe(before.numTensors);
  });
});

describe("what is refused", () => {
  test.each<{ name: string; options: unknown; says: RegExp }>([
    {
      name: "no validationSplit",
      options: { batchSize: 2 },
      says: /validationSplit\s+Nothing is given\. Allowed: a number above 0/,
    },
    { name: "0", options: { validationSplit: 0 }, says: /Found 0\. Allowed: a number above 0 and below 1, such as 0\.2/ },
    { name: "1", options: { validationSplit: 1 }, says: /Found 1\. Allowed/ },
    { name: "a percentage", options: { validationSplit: 20 }, says: /Found 20\. Allowed/ },
    { name: "NaN", options: { validationSplit: Number.NaN }, says: /Found NaN\. Allowed/ },
    { name: "a text", options: { validationSplit: "0.2" }, says: /Found "0\.2"\. Allowed/ },
    {
      name: "nearly all",
      options: { validationSplit: 0.999 },
      says: /0\.999 of 10 samples leaves none to train on\.\n +Give less than 0\.9, or more samples/,
    },
    {
      name: "nearly none",
      options: { validationSplit: 1e-17 },
      says: /leaves none to validate on\.\n +Give more than 0\.1, or more samples/,
    },
    { name: "Keras's name", options: { validation_split: 0.2 }, says: /Available: .*validationSplit/ },
    { name: "epochs", options: { validationSplit: 0.2, epochs: 3 }, says: /maxEpochs/ },
    {
      name: "no full batch",
      options: { validationSplit: 0.5, batchSize: 9, dropLast: true },
      says: /5 samples do not fill one batch of 9/,
    },
  ])("$name", ({ options, says }) => {
    expect(() => tfjsSplit(tf, numbered(10), options as SplitOptions)).toThrow(says);
  });

  test("a dataset, tensors in their place, and tensors that differ in samples", () => {
    const options = { validationSplit: 0.5 };
    const dataset = tf.data.array([1, 2]) as never;
    expect(() => tfjsSplit(tf, dataset, options)).toThrow(/tfjsLoader\(tf, dataset\.skip\(200\)[^]*dataset\.take\(200\)/);
    expect(() => tfjsSplit(tf, tf.ones([2, 2]) as never, options)).toThrow(
      /at tfjsSplit\s+Found a Tensor[^]*tfjsSplit\(tf, \{ xs, ys \}/,
    );
    expect(() => tfjsSplit(tf, { xs: tf.ones([3, 1]), ys: tf.ones([2]) }, options)).toThrow(/hold 3, 2 samples/);
    expect(() => tfjsSplit(tf, { xs: tf.ones([1, 1]), ys: tf.ones([1]) }, options)).toThrow(/Give at least 2 samples/);
    expect(() => tfjsSplit(tf, { ...numbered(4), sampleWeight: tf.ones([4]) } as never, options)).toThrow(
      /no key "sampleWeight"/,
    );
  });
});
