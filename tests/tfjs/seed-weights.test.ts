import type * as Tf from "@tensorflow/tfjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tfjsLoader, tfjsModel, tfjsSeedWeights } from "../../src/tfjs/index.js";
import { GenericTrainer } from "../../src/trainer/generic-trainer.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

const runsDir = mkdtempSync(join(tmpdir(), "trainscope-seeds-"));
afterAll(() => rmSync(runsDir, { recursive: true, force: true }));
beforeEach(async () => useBackend(BACKENDS[0] as string));

const valuesOf = (net: Tf.LayersModel) => net.getWeights().map((weight) => [...weight.dataSync()]);
const initializers = [
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "leCunUniform",
  "leCunNormal",
  "orthogonal",
  "randomUniform",
  "randomNormal",
  "truncatedNormal",
] as const;

/** Every kind of layer that holds weights, nested and wrapped. */
function everyKind(): Tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1] });
  let image = tf.layers.conv2d({ filters: 2, kernelSize: 2 }).apply(input);
  image = tf.layers.depthwiseConv2d({ kernelSize: 2 }).apply(image);
  image = tf.layers.separableConv2d({ filters: 2, kernelSize: 2 }).apply(image);
  image = tf.layers.batchNormalization().apply(image);
  image = tf.layers.prelu({ alphaInitializer: "randomNormal" }).apply(image);
  const nested = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [18] })] });
  const left = nested.apply(tf.layers.flatten().apply(image));
  const words = tf.input({ shape: [4] });
  let text = tf.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }).apply(words);
  text = tf.layers
    .bidirectional({ layer: tf.layers.lstm({ units: 2, returnSequences: true }) as never, mergeMode: "concat" })
    .apply(text);
  text = tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }).apply(text);
  const right = tf.layers.gru({ units: 2 }).apply(text);
  const both = tf.layers.concatenate().apply([left, right] as Tf.SymbolicTensor[]);
  return tf.model({ inputs: [input, words], outputs: tf.layers.dense({ units: 1 }).apply(both) as Tf.SymbolicTensor });
}

describe("tfjsSeedWeights", () => {
  test("gives the same weights in every model of one structure, and others for another seed", () => {
    const [first, second, other] = [everyKind(), everyKind(), everyKind()];
    const before = tf.memory().numTensors;
    const drawn = valuesOf(first);
    tfjsSeedWeights(tf, first, 7);
    tfjsSeedWeights(tf, second, 7);
    tfjsSeedWeights(tf, other, 8);
    expect(tf.memory().numTensors).toBe(before);
    expect(valuesOf(second)).toEqual(valuesOf(first));
    const constant = (values: number[]) => values.every((value) => value === 0 || value === 1);
    for (const [index, values] of valuesOf(first).entries()) {
      const name = first.weights[index]?.originalName;
      if (constant(drawn[index] as number[])) expect(values, name).toEqual(drawn[index]);
      else {
        expect(values, name).not.toEqual(drawn[index]);
        expect(valuesOf(other)[index], name).not.toEqual(values);
      }
    }
    tfjsSeedWeights(tf, second, 7);
    expect(valuesOf(second)).toEqual(valuesOf(first));
  });

  test.each(initializers)("draws as %s does", (name) => {
    const make = (seed?: number) => {
      const kernelInitializer = tf.initializers[name](seed === undefined ? ({} as never) : ({ seed } as never));
      return tf.sequential({ layers: [tf.layers.dense({ units: 20, inputShape: [30], kernelInitializer })] });
    };
    const net = make();
    const { kernelInitializer } = net.layers[0] as unknown as { kernelInitializer: { seed: number | null } };
    let seen: number | null = null;
    const { apply } = tf.initializers[name]({} as never) as unknown as { apply: (...args: unknown[]) => Tf.Tensor };
    Object.assign(kernelInitializer, {
      apply(this: { seed: number }, ...args: unknown[]) {
        seen = this.seed;
        return apply.apply(this, args);
      },
    });
    tfjsSeedWeights(tf, net, 7);
    expect(seen).toBeGreaterThan(0);
    expect(kernelInitializer.seed ?? null).toBeNull();
    expect(valuesOf(net)).toEqual(valuesOf(make(seen ?? 0)));
  });

  test("leaves seeded initializers and loaded weights as they are", async () => {
    const seeded = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [2], kernelInitializer: tf.initializers.heNormal({ seed: 3 }) })],
    });
    const before = valuesOf(seeded);
    tfjsSeedWeights(tf, seeded, 7);
    expect(valuesOf(seeded)).toEqual(before);
    const loaded = await reloaded(everyKind());
    const saved = valuesOf(loaded);
    tfjsSeedWeights(tf, loaded, 7);
    expect(valuesOf(loaded)).toEqual(saved);
  });

  test.each<{ name: string; args: () => unknown[]; says: RegExp }>([
    { name: "no model", args: () => [tf, {}, 7], says: /Found an object without keys\. Allowed: a tf\.LayersModel/ },
    { name: "no seed", args: () => [tf, everyKind()], says: /Found undefined\. Allowed: an integer/ },
    { name: "a fraction", args: () => [tf, everyKind(), 0.5], says: /Found 0\.5\. Allowed: an integer/ },
    {
      name: "a model without layers",
      args: () => [tf, tf.sequential(), 7],
      says: /no weights yet\. Give its first layer an inputShape/,
    },
    { name: "no tf", args: () => [everyKind(), 7], says: /Allowed: the tf that your program imports/ },
  ])("refuses $name", ({ args, says }) => {
    expect(() => tfjsSeedWeights(...(args() as Parameters<typeof tfjsSeedWeights>))).toThrow(says);
  });
});

async function reloaded(net: Tf.LayersModel): Promise<Tf.LayersModel> {
  let saved: Tf.io.ModelArtifacts | undefined;
  await net.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(saved as Tf.io.ModelArtifacts));
}

/** What a run is warned about that trains `net` for an epoch. */
async function warningsOf(net: Tf.LayersModel, config: object): Promise<string[]> {
  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  const base = {
    runsDir,
    runName: crypto.randomUUID(),
    maxEpochs: 1,
    logLevel: "silent",
    logging: { loggerType: "none" },
  } as const;
  const trainer = new GenericTrainer({ ...base, ...config }, model, optimizers);
  const warnings: string[] = [];
  trainer.events.on("warning", ({ message }) => warnings.push(message));
  await trainer.fit({ train: tfjsLoader(tf, { xs: tf.ones([4, 2]), ys: tf.ones([4, 1]) }) });
  return warnings.filter((message) => message.includes("seed of the config"));
}

const plain = (count = 2): Tf.Sequential =>
  tf.sequential({
    layers: Array.from({ length: count }, (_, index) =>
      tf.layers.dense({ units: 1, name: `layer${index}`, inputShape: [index === 0 ? 2 : 1] }),
    ),
  });

describe("a run whose config sets a seed", () => {
  test("is warned about the layers, and told the way out", async () => {
    const [warning] = await warningsOf(plain(), { seed: 7 });
    expect(warning).toMatch(
      /initial weights of layer0, layer1: TensorFlow\.js drew them[^]*tfjsSeedWeights\(tf, net, 7\)[^]*glorotUniform\(\{ seed: 7 \}\)/,
    );
    expect(await warningsOf(plain(9), { seed: 0 })).toEqual([expect.stringMatching(/of layer0, layer1, layer2, 6 more: /)]);
  });

  test("is not warned without a seed, or where the weights are seeded", async () => {
    expect(await warningsOf(plain(), {})).toEqual([]);
    const seeded = plain();
    tfjsSeedWeights(tf, seeded, 7);
    expect(await warningsOf(seeded, { seed: 7 })).toEqual([]);
  });

  test("is not warned about loaded or trained weights; of a loaded model with a new layer, about that", async () => {
    const trained = plain();
    await warningsOf(trained, {});
    expect(await warningsOf(trained, { seed: 7 })).toEqual([]);
    const loaded = await reloaded(plain());
    expect(await warningsOf(loaded, { seed: 7 })).toEqual([]);
    const head = tf.layers.dense({ units: 1, name: "head", useBias: false });
    const net = tf.model({
      inputs: loaded.inputs,
      outputs: head.apply(loaded.outputs[0] as Tf.SymbolicTensor) as Tf.SymbolicTensor,
    });
    expect(await warningsOf(net, { seed: 7 })).toEqual([expect.stringContaining("of head: ")]);
  });

  test("of several models is warned about those that it trains; another's weights are often set by the program", async () => {
    const [student, teacher] = [plain(1), plain(1)];
    const { model } = tfjsModel(tf, {
      parts: { student: { model: student, optimizer: tf.train.sgd(0.1) }, teacher: { model: teacher } },
      step: (_: object, { minimize }) => minimize("student", () => student.apply(tf.ones([1, 2])) as Tf.Tensor),
    });
    expect(await model.unseeded?.()).toEqual([expect.stringContaining("initial weights of student/layer0: ")]);
    tfjsSeedWeights(tf, student, 7);
    expect(await model.unseeded?.()).toEqual([]);
  });

  test("is not warned where it is resumed", async () => {
    const config = {
      seed: 7,
      runName: "resumed",
      resume: "auto",
      hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
    };
    expect(await warningsOf(plain(), config)).toHaveLength(1);
    expect(await warningsOf(plain(), { ...config, maxEpochs: 2 })).toEqual([]);
  });
});

test("a seed and tfjsSeedWeights repeat a run: weights, order of the samples, dropout", async () => {
  const run = async (seed: number) => {
    const net = tf.sequential({
      layers: [
        tf.layers.dense({ units: 8, inputShape: [2], activation: "relu" }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 1 }),
      ],
    });
    tfjsSeedWeights(tf, net, seed);
    const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
    const config = {
      runsDir,
      runName: crypto.randomUUID(),
      seed,
      maxEpochs: 2,
      logLevel: "silent",
      logging: { loggerType: "none" },
    } as const;
    const xs = tf.tensor2d(Array.from({ length: 40 }, (_, index) => [index / 40, (index % 7) / 7]));
    await new GenericTrainer(config, model, optimizers).fit({
      train: tfjsLoader(tf, { xs, ys: xs.sum(1) }, { batchSize: 8, shuffle: true }),
    });
    return valuesOf(net);
  };
  const first = await run(7);
  expect(await run(7)).toEqual(first);
  expect(await run(8)).not.toEqual(first);
});
