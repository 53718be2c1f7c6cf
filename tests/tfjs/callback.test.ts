import type * as Tf from "@tensorflow/tfjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { LoggerBackend, PointTime } from "../../src/contract/index.js";
import { CompositeLogger } from "../../src/loggers/index.js";
import { TensorBoardBackend } from "../../src/loggers/tensorboard/index.js";
import { TrainingLogBackend } from "../../src/loggers/training-log/index.js";
import { isTrainscopeError } from "../../src/support/errors.js";
import { tfjsCallback, tfjsModel, tfjsSplit, type TfjsCallbackOptions } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { readScalars } from "../support/event-files.js";
import { requirePython } from "../support/peers.js";
import { serve, shown, type Loader } from "../tensorboard/server.js";
import { BACKENDS, randoms, tf, useBackend } from "./harness.js";

const scratch = mkdtempSync(join(tmpdir(), "trainscope-callback-"));
const python = requirePython("model.fit in TensorBoard");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeEach(async () => useBackend(BACKENDS[0] as string));

interface Point {
  name: string;
  value: number;
  step: number;
  epoch: number | undefined;
}

/** A logger that keeps every point. */
function memory(): LoggerBackend & { points: Point[]; flushes: number; of(name: string): Point[] } {
  const points: Point[] = [];
  return {
    name: "memory",
    points,
    flushes: 0,
    of: (name) => points.filter((point) => point.name === name),
    logMetrics(metrics, step, at?: PointTime) {
      for (const [name, value] of Object.entries(metrics)) points.push({ name, value, step, epoch: at?.epoch });
    },
    flush() {
      this.flushes++;
    },
  };
}

const SAMPLES = 23;
const xs = () => tf.tensor2d(randoms(SAMPLES * 2, 3), [SAMPLES, 2]);
const ys = () => tf.tensor2d(randoms(SAMPLES, 4), [SAMPLES, 1]);

function makeNet(metrics: Parameters<Tf.LayersModel["compile"]>[0]["metrics"] = ["accuracy", "mae"]): Tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer })] });
  net.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError", metrics });
  return net;
}

const args = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0, validationSplit: 0.3 } as const;
const BATCHES = 4; // of the 16 samples that train
const values = (points: Point[]) => points.map(({ value }) => value);

describe.each(BACKENDS)("tfjsCallback on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("has the series, names and axes of a trainer over the same data", async () => {
    const [fitted, trained] = [memory(), memory()];
    const data = { xs: xs(), ys: ys() };
    const before = tf.memory().numTensors;
    const { history } = await makeNet().fit(data.xs, data.ys, {
      ...args,
      callbacks: tfjsCallback(tf, { logger: fitted, logEveryNSteps: 3 }),
    });
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(4); // the weights and what sgd keeps
    const { model, optimizers } = tfjsModel(tf, { model: makeNet() });
    const trainer = new GenericTrainer(
      {
        runsDir: scratch,
        runName: `parity-${backend}`,
        logLevel: "silent",
        maxEpochs: 3,
        logging: { loggerType: "none", loggers: [trained], logEveryNSteps: 3 },
        hooks: { enableLearningRateMonitor: true },
      },
      model,
      optimizers,
    );
    await trainer.fit(tfjsSplit(tf, data, { validationSplit: 0.3, batchSize: 4 }));
    const ofTrainer = trained.points.filter(({ name }) => /^(epoch\/|train\/(.*_step|learning_rate)$)/.test(name));
    const sorted = (points: Point[]) => points.map(({ name, step, epoch }) => `${name} ${step} ${epoch}`).sort();
    expect(sorted(fitted.points)).toEqual(sorted(ofTrainer));
    for (const { name, step, value } of ofTrainer) {
      if (name === "epoch/duration_seconds") continue;
      expect(fitted.points.find((point) => point.name === name && point.step === step)?.value, `${name} ${step}`).toBeCloseTo(
        value,
        6,
      );
    }
    expect(values(fitted.of("epoch/train_loss"))).toEqual(history["loss"]);
    expect(values(fitted.of("epoch/val_accuracy"))).toEqual(history["val_acc"]);
    expect(fitted.flushes).toBe(1);
  });
});

describe("several outputs: each value is under its own name, also of a validation", () => {
  const targets = () => ({ a: ys(), b: ys().neg() as Tf.Tensor2D });

  function forked(): Tf.LayersModel {
    const input = tf.input({ shape: [2], name: "in" });
    const outputs = ["a", "b"].map((name, index) => {
      const kernelInitializer = tf.initializers.glorotUniform({ seed: index + 1 });
      return tf.layers.dense({ units: 1, name, kernelInitializer }).apply(input) as Tf.SymbolicTensor;
    });
    const net = tf.model({ inputs: input, outputs });
    net.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError", metrics: { a: "mae" } });
    return net;
  }

  /** Samples as a dataset, from the one numbered `from`. */
  function dataset(from: number): Tf.data.Dataset<never> {
    const [rows, { a, b }] = [xs().arraySync(), targets()];
    const [as, bs] = [a.arraySync(), b.arraySync()];
    const samples = rows.map((row, i) => ({ xs: { in: row }, ys: { a: as[i], b: bs[i] } })).slice(from);
    return tf.data.array(samples as never).batch(7) as Tf.data.Dataset<never>;
  }

  const trained = BATCHES * 4;
  test.each<{ name: string; fit: (net: Tf.LayersModel, callbacks: Tf.CustomCallback[]) => Promise<unknown> }>([
    { name: "fit", fit: (net, callbacks) => net.fit(xs(), targets(), { ...args, epochs: 1, callbacks }) },
    {
      name: "fitDataset",
      fit: (net, callbacks) => net.fitDataset(dataset(0), { epochs: 1, verbose: 0, validationData: dataset(trained), callbacks }),
    },
  ])("$name", async ({ fit }) => {
    const logger = memory();
    const net = forked();
    await fit(net, [tfjsCallback(tf, { logger })]);
    const rest = (tensor: Tf.Tensor) => tensor.slice(trained);
    const [a, b] = net.predict(rest(xs())) as [Tf.Tensor, Tf.Tensor];
    const squared = [tf.losses.meanSquaredError(rest(targets().a), a), tf.losses.meanSquaredError(rest(targets().b), b)];
    const [ofA = 0, ofB = 0] = squared.map((error) => error.dataSync()[0]);
    for (const [name, value] of [
      ["loss", ofA + ofB],
      ["a_loss", ofA],
      ["b_loss", ofB],
    ] as const)
      expect(logger.of(`epoch/val_${name}`)[0]?.value, name).toBeCloseTo(value, 5);
    expect(logger.of("epoch/val_a_mae")).toHaveLength(0); // the last n - 1 metrics of a validation are not in the logs
    expect(logger.of("epoch/train_a_mae")).toHaveLength(1);
    expect(logger.of("epoch/train_loss")).toHaveLength(1);
  });
});

describe("beside other callbacks", () => {
  const stopping = () => tf.callbacks.earlyStopping({ monitor: "loss", patience: 1, mode: "max" });
  test.each<{ name: string; list: (ours: Tf.CustomCallback) => Tf.CustomCallback | (Tf.CustomCallback | Tf.EarlyStopping)[] }>([
    { name: "alone", list: (ours) => ours },
    { name: "alone in a list", list: (ours) => [ours] },
    { name: "before early stopping", list: (ours) => [ours, stopping()] },
    { name: "behind early stopping", list: (ours) => [stopping(), ours] },
    { name: "with one of functions", list: (ours) => [ours, new tf.CustomCallback({ onEpochEnd: () => {} })] },
  ])("$name", async ({ list }) => {
    const logger = memory();
    const { epoch } = await makeNet().fit(xs(), ys(), {
      ...args,
      callbacks: list(tfjsCallback(tf, { logger })) as Tf.CustomCallback[],
    });
    expect(logger.of("epoch/train_accuracy").map((point) => point.epoch)).toEqual(epoch);
    expect(logger.of("train/learning_rate").at(-1)?.value).toBe(0.05);
  });

  test("behind a plain object it logs what it is told, and says what is missing", async () => {
    const logger = memory();
    const errors: string[] = [];
    const ours = tfjsCallback(tf, { logger, onError: ({ message }) => errors.push(message) });
    let ended = 0;
    await makeNet().fit(xs(), ys(), { ...args, callbacks: [{ onEpochEnd: () => void ended++ }, ours] });
    expect(ended).toBe(3);
    expect(logger.of("epoch/val_acc")).toHaveLength(3);
    expect(logger.of("train/learning_rate")).toHaveLength(0);
    expect(errors).toEqual([expect.stringMatching(/nothing of the model[^]*new tf\.CustomCallback\(\{ … \}\)/)]);
  });

  test("without the tf it logs the curves, says what it does not know, and works behind early stopping", async () => {
    const logger = memory();
    const errors: string[] = [];
    const ours = tfjsCallback({ logger, onError: ({ message }) => errors.push(message) });
    const { history } = await makeNet().fit(xs(), ys(), { ...args, callbacks: ours });
    expect(values(logger.of("epoch/train_loss"))).toEqual(history["loss"]);
    expect(values(logger.of("epoch/val_loss"))).toEqual(history["val_loss"]);
    expect(logger.of("train/learning_rate")).toHaveLength(0);
    expect(errors).toEqual([expect.stringMatching(/nothing of the model[^]*tfjsCallback\(tf, \{ logger \}\)/)]);

    const behind = memory();
    const list = [tf.callbacks.earlyStopping({ monitor: "loss", patience: 99 }), tfjsCallback({ logger: behind })];
    const { epoch } = await makeNet().fit(xs(), ys(), { ...args, callbacks: list as unknown as Tf.CustomCallback[] });
    expect(behind.of("epoch/train_loss")).toHaveLength(epoch.length);
    expect(behind.of("train/learning_rate").length).toBeGreaterThan(0);
  });

  test("what another callback adds to the logs is logged too", async () => {
    const logger = memory();
    const adds = new tf.CustomCallback({ onEpochEnd: (_, logs = {}) => void Object.assign(logs, { f1: 0.5, val_f1: 0.25 }) });
    await makeNet().fit(xs(), ys(), { ...args, callbacks: [adds, tfjsCallback(tf, { logger })] });
    expect(values(logger.of("epoch/train_f1"))).toEqual([0.5, 0.5, 0.5]);
    expect(values(logger.of("epoch/val_f1"))).toEqual([0.25, 0.25, 0.25]);
  });
});

describe("counts", () => {
  const epochsAndSteps = (logger: ReturnType<typeof memory>) =>
    logger.of("epoch/train_loss").map(({ epoch, step }) => [epoch, step]);

  test("continue over several calls of fit, with initialEpoch and without", async () => {
    const logger = memory();
    const callbacks = tfjsCallback(tf, { logger });
    const net = makeNet();
    await net.fit(xs(), ys(), { ...args, epochs: 2, callbacks });
    await net.fit(xs(), ys(), { ...args, epochs: 1, callbacks });
    await net.fit(xs(), ys(), { ...args, initialEpoch: 3, epochs: 5, callbacks });
    expect(epochsAndSteps(logger)).toEqual([0, 1, 2, 3, 4].map((epoch) => [epoch, (epoch + 1) * BATCHES]));
  });

  test("begin where initialEpoch says, or initialStep", async () => {
    const [byEpoch, byStep] = [memory(), memory()];
    await makeNet().fit(xs(), ys(), { ...args, initialEpoch: 2, callbacks: tfjsCallback(tf, { logger: byEpoch }) });
    expect(epochsAndSteps(byEpoch)).toEqual([[2, 3 * BATCHES]]);
    await makeNet().fit(xs(), ys(), {
      ...args,
      initialEpoch: 2,
      callbacks: tfjsCallback(tf, { logger: byStep, initialStep: 100 }),
    });
    expect(epochsAndSteps(byStep)).toEqual([[2, 100 + BATCHES]]);
  });

  test("of fitDataset, with a size that is known and without", async () => {
    const dataset = tf.data.zip({
      xs: tf.data.array([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      ys: tf.data.array([[1], [2], [3]]),
    });
    const unsized = tf.data.generator(function* () {
      for (const value of [1, 2, 3]) yield { xs: [value, value], ys: [value] };
    } as never);
    for (const [data, logged] of [
      [dataset, [3, 6]],
      [unsized, [2, 4, 6]],
    ] as const) {
      const logger = memory();
      await makeNet().fitDataset(data.batch(1) as Tf.data.Dataset<never>, {
        epochs: 2,
        verbose: 0,
        validationData: [xs(), ys()],
        callbacks: tfjsCallback(tf, { logger, logEveryNSteps: logged.length === 2 ? 50 : 2 }),
      });
      expect(logger.of("train/loss_step").map(({ step }) => step)).toEqual(logged);
      expect(epochsAndSteps(logger)).toEqual([
        [0, 3],
        [1, 6],
      ]);
      expect(logger.of("epoch/val_loss")).toHaveLength(2);
    }
  });
});

describe("a logger that fails", () => {
  const full = new RangeError("disk full");
  test.each<{ name: string; logger: LoggerBackend; said: RegExp[] }>([
    {
      name: "throws",
      logger: {
        name: "broken",
        logMetrics() {
          throw full;
        },
      },
      said: [/ERR_LOG at tfjsCallback\.logger broken[^]*disk full/, /6 calls of the logger failed/],
    },
    {
      name: "rejects",
      logger: { name: "broken", logMetrics: () => Promise.reject(full) as never },
      said: [/disk full/, /6 calls of the logger failed/],
    },
    {
      name: "rejects its flush",
      logger: { name: "broken", logMetrics() {}, flush: () => Promise.reject(full) },
      said: [/disk full/],
    },
  ])("$name, and fit trains on", async ({ logger, said }) => {
    const errors: unknown[] = [];
    const callbacks = tfjsCallback(tf, { logger, onError: (error) => errors.push(error) });
    const { epoch } = await makeNet().fit(xs(), ys(), { ...args, callbacks });
    expect(epoch).toEqual([0, 1, 2]);
    expect(errors.every(isTrainscopeError)).toBe(true);
    expect(errors.map(String)).toEqual(said.map((text) => expect.stringMatching(text) as string));
  });

  test("and an onError that throws", async () => {
    const logger: LoggerBackend = {
      name: "broken",
      logMetrics() {
        throw full;
      },
    };
    const onError = () => {
      throw full;
    };
    const { epoch } = await makeNet().fit(xs(), ys(), { ...args, callbacks: tfjsCallback(tf, { logger, onError }) });
    expect(epoch).toHaveLength(3);
  });
});

test("the event loop runs during a long training, so that files are written", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const until = performance.now() + 400;
  const net = makeNet();
  const stop = new tf.CustomCallback({ onBatchEnd: () => void (net.stopTraining = performance.now() > until) });
  await net.fit(xs(), ys(), {
    ...args,
    epochs: 1_000_000,
    yieldEvery: "never",
    callbacks: [tfjsCallback(tf, { logger: memory() }), stop],
  });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

describe("the real files", () => {
  const dir = join(scratch, "board");
  let history: Tf.History["history"];
  test("are written by several backends at once", async () => {
    const logger = new CompositeLogger([
      new TensorBoardBackend({ dir }),
      new TrainingLogBackend({ dir: join(scratch, "log"), metrics: true }),
    ]);
    ({ history } = await makeNet().fit(xs(), ys(), { ...args, callbacks: tfjsCallback(tf, { logger, logEveryNSteps: 1 }) }));
    const scalars = readScalars(dir);
    expect(scalars.filter(([tag]) => tag === "train/loss_step")).toHaveLength(3 * BATCHES);
    await logger.close("completed");
  });

  test.skipIf(python === null).each<Loader>(["fast", "python"])(
    "TensorBoard's %s loader shows them",
    { timeout: 60_000 },
    async (loader) => {
      const board = await serve(python as string, scratch, loader);
      try {
        for (const [tag, name] of [
          ["epoch/train_loss", "loss"],
          ["epoch/val_accuracy", "val_acc"],
        ] as const) {
          const expected = (history[name] as number[]).map((value, epoch) => [(epoch + 1) * BATCHES, Math.fround(value)]);
          await expect.poll(shown(board, "board", tag), { timeout: 20_000, interval: 300 }).toEqual(expected);
        }
      } finally {
        await board.stop();
      }
    },
  );
});

describe("what is refused", () => {
  const logger = memory();
  test.each<{ name: string; options: unknown; says: RegExp }>([
    {
      name: "no logger",
      options: {},
      says: /tfjsCallback\.logger\s+Nothing is given\. Allowed: an object with a `name`[^]*TensorBoardBackend\(\{ dir \}\)/,
    },
    { name: "a list of loggers", options: { logger: [logger] }, says: /Found a list of 1[^]*CompositeLogger\(\[…\]\)/ },
    {
      name: "a SummaryWriter's shape",
      options: { logger: { addScalar() {} } },
      says: /Allowed: an object with a `name` and a `logMetrics`/,
    },
    { name: "a part that is not built", options: { logger, run: {} }, says: /no key "run"/ },
    { name: "an interval of 0", options: { logger, logEveryNSteps: 0 }, says: /an integer of at least 1/ },
    { name: "epochs", options: { logger, epochs: 3 }, says: /maxEpochs/ },
  ])("$name", ({ options, says }) => {
    expect(() => tfjsCallback(tf, options as TfjsCallbackOptions)).toThrow(says);
  });

  test("something else than the tf", () => {
    const refused = /at tf\s+Found an object with the key logger[^]*callbacks: tfjsCallback\(tf, \{ logger \}\)/;
    expect(() => tfjsCallback({ logger } as never, { logger })).toThrow(refused);
    expect(() => tfjsCallback(undefined as never)).toThrow(/tfjsCallback/);
    expect(() => tfjsCallback(tf, undefined as never)).toThrow(/tfjsCallback/);
  });
});
