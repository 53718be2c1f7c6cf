/** What users of `model.fit`, Keras, Lightning and the trainer of transformers write first, and what they are told. */
import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/config/index.js";
import { arrayLoader } from "../../src/data/index.js";
import { ELSEWHERE } from "../../src/support/elsewhere.js";
import { tfjsCallback, tfjsLoader, tfjsModel, tfjsSplit } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

beforeEach(async () => useBackend(BACKENDS[0] as string));

const makeNet = (): Tf.Sequential => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
const training = () => tfjsModel(tf, { model: makeNet(), optimizer: "sgd", loss: "meanSquaredError" });
const refused = (code: string, path: string, says: RegExp) =>
  expect.objectContaining({ code, path, detail: expect.stringMatching(says) as string }) as Error;

type Args = ConstructorParameters<typeof GenericTrainer>;

describe("what is given to GenericTrainer", () => {
  const line = /tfjsModel\(tf, \{ model: net, optimizer: tf\.train\.adam\(0\.001\), loss: "meanSquaredError" \}\)/;
  test.each<{ name: string; args: () => unknown[]; path: string; says: RegExp }>([
    { name: "a bare LayersModel", args: () => [{ maxEpochs: 1 }, makeNet()], path: "model", says: line },
    {
      name: "a LayersModel with its optimizer",
      args: () => [{ maxEpochs: 1 }, makeNet(), tf.train.adam()],
      path: "model",
      says: line,
    },
    { name: "a LayersModel as the config", args: () => [makeNet(), { maxEpochs: 1 }], path: "config", says: line },
    {
      name: "the model before the config",
      args: () => [training().model, { maxEpochs: 1 }],
      path: "config",
      says: /Write new GenericTrainer\(config, model, optimizers\)/,
    },
    {
      name: "all that tfjsModel returns",
      args: () => [{ maxEpochs: 1 }, training()],
      path: "model.trainStep",
      says: /pass its two parts, as in new GenericTrainer\(config, training\.model, training\.optimizers\)/,
    },
    {
      name: "a tf.train optimizer",
      args: () => [{ maxEpochs: 1 }, training().model, tf.train.adam()],
      path: "optimizers[0]",
      says: line,
    },
    {
      name: "the name of an optimizer",
      args: () => [{ maxEpochs: 1 }, training().model, "adam"],
      path: "optimizers[0]",
      says: line,
    },
  ])("$name", ({ args, path, says }) => {
    expect(() => new GenericTrainer(...(args() as Args))).toThrow(refused("ERR_MODEL", path, says));
  });
});

describe("keys of the config", () => {
  test.each<[string, unknown, RegExp]>([
    ["epochs", 3, /maxEpochs[^]*new GenericTrainer\(\{ maxEpochs: 10 \}/],
    ["num_train_epochs", 3, /maxEpochs/],
    ["batchSize", 32, /tfjsLoader\(tf, \{ xs, ys \}, \{ batchSize: 32 \}\), arrayLoader/],
    ["per_device_train_batch_size", 32, /batchSize is an option of tfjsLoader/],
    ["learningRate", 0.1, /tf\.train\.adam\(0\.001\)[^]*hooks\.enableLearningRateSchedule/],
    ["lr", 0.1, /tf\.train\.adam\(0\.001\)/],
    ["optimizer", "adam", /tfjsModel\(tf, \{ model, optimizer: tf\.train\.adam\(0\.001\) \}\)/],
    ["loss", "mse", /tfjsModel\(tf, \{ model, loss: "meanSquaredError" \}\)/],
    ["callbacks", [], /registerHook\(defineHook\(name, \{ … \}\)\)/],
    ["validationSplit", 0.2, /trainer\.fit\(tfjsSplit\(tf, \{ xs, ys \}, \{ validationSplit: 0\.2, batchSize: 32 \}\)\)/],
    ["verbose", 1, /logLevel, logging, hooks\.enableProgressBar/],
    ["shuffle", true, /shuffle is an option of tfjsLoader and arrayLoader/],
    ["gradientClipVal", 1, /gradientClip: \{ norm: 1 \}/],
    ["clipnorm", 1, /gradientClip/],
    ["accumulateGradBatches", 4, /accumulateSteps: 4/],
    ["gradient_accumulation_steps", 4, /accumulateSteps: 4/],
    ["devices", 2, /setBackend\("tensorflow"\)/],
    ["precision", "16-mixed", /float32/],
    ["earlyStopping", true, /enableEarlyStoppingHook: true/],
    ["output_dir", "out", /runsDir/],
    ["classWeight", { 0: 1 }, /classWeight: \{ 0: 1, 1: 5 \}/],
    ["maxEpoch", 3, /Nearest: "maxEpochs"/],
    ["logEveryNSteps", 3, /It exists at logging\.logEveryNSteps/],
  ])("%s", (key, value, says) => {
    expect(() => resolveConfig({ maxEpochs: 1, [key]: value })).toThrow(refused("ERR_CONFIG", key, says));
  });

  test("metrics as of model.compile, and keys in a section", () => {
    const list = { maxEpochs: 1, metrics: ["accuracy"] } as object;
    expect(() => resolveConfig(list)).toThrow(
      refused("ERR_CONFIG", "metrics", /tfjsModel\(tf, \{ model, metrics: \["accuracy"\] \}\)/),
    );
    const nested = { maxEpochs: 1, trainLoaderConfig: { batchSize: 32 } } as object;
    expect(() => resolveConfig(nested)).toThrow(refused("ERR_CONFIG", "trainLoaderConfig.batchSize", /option of tfjsLoader/));
  });

  test("no entry is a name that JavaScript has, or one that the config has", () => {
    for (const key of ELSEWHERE.keys()) {
      expect(key in {}).toBe(false);
      expect(() => resolveConfig({ maxEpochs: 1, [key]: 1 }), key).toThrow(/There is no key|Found 1/);
    }
  });
});

describe("what is given to fit", () => {
  const [xs, ys] = [() => tf.zeros([4, 2]), () => tf.zeros([4, 1])];
  const split = /tfjsLoader\(tf, \{ xs, ys \}, \{ batchSize: 32 \}\)[^]*tfjsSplit\(tf, \{ xs, ys \}, \{ validationSplit: 0\.2/;
  const dataset = /trainer\.fit\(\{ train: tfjsLoader\(tf, dataset, \{ batchSize: 32 \}\) \}\)/;
  const elements = () => tf.data.array([{ xs: [1, 2], ys: [3] }]);
  test.each<{ name: string; args: () => unknown[]; path: string; says: RegExp }>([
    { name: "fit(xs, ys, { epochs })", args: () => [xs(), ys(), { epochs: 3, validationSplit: 0.2 }], path: "fit", says: split },
    { name: "fit([xs, xs], ys)", args: () => [[xs(), xs()], ys()], path: "fit", says: split },
    { name: "fit({ xs, ys })", args: () => [{ xs: xs(), ys: ys() }], path: "fit", says: split },
    { name: "fit({ xs: { a }, ys })", args: () => [{ xs: { a: xs() }, ys: ys() }], path: "fit", says: split },
    { name: "fit(dataset)", args: () => [elements()], path: "fit", says: dataset },
    { name: "fit({ train: xs })", args: () => [{ train: xs() }], path: "train", says: split },
    { name: "fit({ train: { xs, ys } })", args: () => [{ train: { xs: xs(), ys: ys() } }], path: "train", says: split },
    { name: "fit({ train: { a: xs } })", args: () => [{ train: { a: xs() } }], path: "train", says: split },
    { name: "fit({ train: dataset })", args: () => [{ train: elements() }], path: "train", says: dataset },
    { name: "fit({ train: { a: dataset } })", args: () => [{ train: { a: elements() } }], path: "train.a", says: dataset },
    {
      name: "a dataset that validates",
      args: () => [{ train: tfjsLoader(tf, { xs: xs(), ys: ys() }), validation: elements() }],
      path: "validation",
      says: dataset,
    },
    {
      name: "fit(loader)",
      args: () => [tfjsLoader(tf, { xs: xs(), ys: ys() })],
      path: "fit",
      says: /Write fit\(\{ train: loader \}\)/,
    },
    { name: "epochs beside train", args: () => [{ train: [], epochs: 3 }], path: "epochs", says: /maxEpochs/ },
    {
      name: "validationSplit beside train",
      args: () => [{ train: [], validationSplit: 0.2 }],
      path: "validationSplit",
      says: /trainer\.fit\(tfjsSplit\(tf/,
    },
    {
      name: "validation_data",
      args: () => [{ train: [], validation_data: [] }],
      path: "validation_data",
      says: /Name it "validation"/,
    },
  ])("$name", async ({ args, path, says }) => {
    const { model, optimizers } = training();
    const trainer = new GenericTrainer({ maxEpochs: 1, logLevel: "silent", logging: { loggerType: "none" } }, model, optimizers);
    const fit = trainer.fit.bind(trainer) as (...given: unknown[]) => Promise<unknown>;
    await expect(fit(...args())).rejects.toMatchObject({
      code: "ERR_LOADER_DATA",
      path,
      detail: expect.stringMatching(says) as string,
    });
  });

  test("options of model.fit, as the second argument", async () => {
    const { model, optimizers } = training();
    const trainer = new GenericTrainer({ maxEpochs: 1 }, model, optimizers);
    const train = tfjsLoader(tf, { xs: xs(), ys: ys() });
    await expect(trainer.fit({ train }, { epochs: 3 } as object)).rejects.toThrow(/fit\.epochs[^]*maxEpochs/);
    await expect(trainer.fit({ train }, { batchSize: 3 } as object)).rejects.toThrow(/fit\.batchSize[^]*option of tfjsLoader/);
  });

  test("tensors and datasets given to arrayLoader", () => {
    expect(() => arrayLoader(xs() as never, { batchSize: 2 })).toThrow(split);
    expect(() => arrayLoader(elements() as never, { batchSize: 2 })).toThrow(dataset);
  });

  test("an array of tensors as batches of a LayersModel", () => {
    expect(() => training().model.trainStep(xs() as never, {} as never)).toThrow(
      /tfjsLoader\(tf, \{ xs, ys \}, \{ batchSize \}\)/,
    );
  });
});

describe("what is given to the loaders", () => {
  const [xs, ys] = [() => tf.zeros([4, 2]), () => tf.zeros([4, 1])];
  const disposed = (): Tf.Tensor => {
    const tensor = xs();
    tensor.dispose();
    return tensor;
  };
  test.each<[string, () => unknown, string, RegExp]>([
    ["tensors one after the other", () => tfjsLoader(tf, xs() as never, ys() as never), "tfjsLoader", /\{ batchSize: 32 \}/],
    ["the same of tfjsSplit", () => tfjsSplit(tf, xs() as never, ys() as never), "tfjsSplit", /\{ validationSplit: 0\.2 \}/],
    ["arrays", () => tfjsLoader(tf, { xs: [[1, 2]], ys: [[1]] } as never), "tfjsLoader", /tf\.tensor2d\(rows\)/],
    ["disposed tensors", () => tfjsLoader(tf, { xs: disposed(), ys: ys() }), "tfjsLoader", /is disposed[^]*inside of tf\.tidy/],
  ])("%s", (_, make, path, says) => {
    expect(make).toThrow(refused("ERR_LOADER_DATA", path, says));
  });

  test("a tensor that is disposed between two passes", () => {
    const source = { xs: xs(), ys: ys() };
    const loader = tfjsLoader(tf, source);
    source.ys.dispose();
    expect(() => loader.batches(0)).toThrow(refused("ERR_LOADER_DATA", "tfjsLoader", /is disposed/));
  });
});

describe("what is given to tfjsModel", () => {
  test.each<[string, object, string, RegExp]>([
    ["a short name of Keras", { loss: "mse" }, "tfjsModel.loss", /Nearest: "meanSquaredError"/],
    ["tf.train.adam itself", { optimizer: tf.train.adam }, "tfjsModel.optimizer", /such as tf\.train\.adam\(0\.001\)/],
  ])("%s", (_, options, path, says) => {
    const make = () => tfjsModel(tf, { model: makeNet(), optimizer: "sgd", loss: "meanSquaredError", ...options });
    expect(make).toThrow(expect.objectContaining({ path, detail: expect.stringMatching(says) as string }) as Error);
  });
});

test.each<[string, (options: object) => unknown]>([
  ["tfjsModel", (more) => tfjsModel(tf, { model: makeNet(), optimizer: "sgd", loss: "meanSquaredError", ...more })],
  ["tfjsLoader", (more) => tfjsLoader(tf, { xs: tf.zeros([1, 2]), ys: tf.zeros([1, 1]) }, more)],
  ["tfjsLoader of a dataset", (more) => tfjsLoader(tf, tf.data.array([1]), more)],
  ["tfjsSplit", (more) => tfjsSplit(tf, { xs: tf.zeros([4, 2]), ys: tf.zeros([4, 1]) }, { validationSplit: 0.5, ...more })],
  ["tfjsCallback", (more) => tfjsCallback(tf, { logger: { name: "none", logMetrics() {} }, ...more })],
  ["arrayLoader", (more) => arrayLoader([1], { batchSize: 1, ...more })],
])("%s says what is elsewhere", (_, make) => {
  expect(() => make({ epochs: 3 })).toThrow(/maxEpochs/);
  expect(() => make({ callbacks: [] })).toThrow(/registerHook/);
});
