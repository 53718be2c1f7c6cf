import type * as Tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { GenericTrainer } from "../../src/index.js";
import { tfjsLoader, tfjsModel, type TfjsBatch, type TfjsTraining } from "../../src/tfjs/index.js";
import { temporaryRuns } from "../support/run.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

const runsDir = temporaryRuns();
const EPOCHS = 3;
const xs = (): Tf.Tensor2D => tf.tensor2d(randoms(32, 1), [8, 4]);
const ys = (): Tf.Tensor2D => tf.tensor2d(randoms(8, 2), [8, 1]);

function built(): Tf.Sequential {
  const dense = (units: number, seed: number, name: string, inputShape?: number[]) =>
    tf.layers.dense({
      units,
      name,
      kernelInitializer: tf.initializers.glorotUniform({ seed }),
      ...(inputShape && { inputShape }),
    });
  return tf.sequential({ layers: [dense(5, 1, "base", [4]), dense(1, 2, "head")] });
}

const freeze = (net: Tf.LayersModel, trainable: boolean): void => {
  net.getLayer("base").trainable = trainable;
};
const compile = (net: Tf.LayersModel): void => net.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
/** Kernel and bias of the base, then of the head: TensorFlow.js has those of frozen layers last. */
const weightsOf = (net: Tf.LayersModel): number[][] =>
  ["base", "head"].flatMap((name) =>
    net
      .getLayer(name)
      .getWeights()
      .map((weight) => [...weight.dataSync()]),
  );

async function withFit(net: Tf.LayersModel): Promise<void> {
  await net.fit(xs(), ys(), { epochs: EPOCHS, batchSize: 4, shuffle: false, verbose: 0 });
}

async function withTrainer(training: TfjsTraining<TfjsBatch>): Promise<string[]> {
  const trainer = new GenericTrainer<TfjsBatch>(
    { runsDir, maxEpochs: EPOCHS, logLevel: "silent", logging: { loggerType: "none" } },
    training.model,
    training.optimizers,
  );
  await trainer.fit({ train: tfjsLoader(tf, { xs: xs(), ys: ys() }, { batchSize: 4 }) });
  return [...training.model.warnings];
}

describe.each(BACKENDS)("frozen layers on %s", (backend) => {
  beforeAll(async () => useBackend(backend));

  test("frozen after compile: as model.fit to the bit, and model.fit goes on from it to the bit", async () => {
    const [fitted, trained] = [built(), built()];
    for (const net of [fitted, trained]) {
      compile(net);
      freeze(net, false);
    }
    const before = weightsOf(trained);
    await withFit(fitted);
    await withTrainer(tfjsModel(tf, { model: trained }));
    expect(weightsOf(trained)).toEqual(weightsOf(fitted));
    expect(weightsOf(trained).slice(0, 2)).toEqual(before.slice(0, 2));
    expect(weightsOf(trained)[2]).not.toEqual(before[2]);
    await withFit(fitted);
    await withFit(trained);
    expect(weightsOf(trained)).toEqual(weightsOf(fitted));
  });

  test("unfrozen after compile: trained, as model.fit does after another compile", async () => {
    const [fitted, trained] = [built(), built()];
    for (const net of [fitted, trained]) {
      freeze(net, false);
      compile(net);
      freeze(net, true);
    }
    compile(fitted);
    await withFit(fitted);
    await withTrainer(tfjsModel(tf, { model: trained }));
    expect(weightsOf(trained)).toEqual(weightsOf(fitted));
    await withFit(fitted);
    await withFit(trained);
    expect(weightsOf(trained)).toEqual(weightsOf(fitted));
  });

  test("fine-tuning: a trainer on the frozen base, a second one on the whole model, with an optimizer of its own", async () => {
    const [fitted, trained] = [built(), built()];
    for (const net of [fitted, trained]) freeze(net, false);
    compile(fitted);
    await withFit(fitted);
    freeze(fitted, true);
    fitted.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    await withFit(fitted);

    const loss = "meanSquaredError";
    await withTrainer(tfjsModel(tf, { model: trained, optimizer: tf.train.adam(0.05), loss }));
    freeze(trained, true);
    await withTrainer(tfjsModel(tf, { model: trained, optimizer: tf.train.adam(0.001), loss }));
    expect(weightsOf(trained)).toEqual(weightsOf(fitted));
  });

  test.each([
    ["adam", () => tf.train.adam(0.05), ["m", "v"], 0],
    ["adagrad", () => tf.train.adagrad(0.05, 0.25), ["accumulator"], 0.25],
    ["rmsprop", () => tf.train.rmsprop(0.05), ["rms", "momentum"], 0],
  ] as const)(
    "with the %s of the first run, every weight keeps its moments, and new ones begin anew",
    async (_, make, slots, initial) => {
      const net = built();
      const optimizer = make();
      const loss = "meanSquaredError";
      freeze(net, false);
      const frozen = tfjsModel(tf, { model: net, optimizer, loss });
      await withTrainer(frozen);
      const before = await frozen.optimizers[0]!.state();
      expect(Object.keys(before).some((name) => name.startsWith("base/"))).toBe(false);

      freeze(net, true);
      const whole = tfjsModel(tf, { model: net, optimizer, loss });
      const after = await whole.optimizers[0]!.state();
      for (const slot of slots) {
        expect(bytesOf(after)[`head/kernel/${slot}`]).toBe(bytesOf(before)[`head/kernel/${slot}`]);
        expect([...after[`base/kernel/${slot}`]!.data].every((value) => Number(value) === initial)).toBe(true);
      }
      await withTrainer(whole);

      freeze(net, false);
      const tensors = tf.memory().numTensors;
      const again = tfjsModel(tf, { model: net, optimizer, loss });
      expect(tf.memory().numTensors).toBe(tensors - 2 * slots.length);
      expect(Object.keys(await again.optimizers[0]!.state())).toEqual(Object.keys(before));
      await withTrainer(again);
      expect(weightsOf(net).flat().every(Number.isFinite)).toBe(true);
    },
  );

  test("of several models, layers that are unfrozen after tfjsModel are named too; those of a part without an optimizer are not", async () => {
    const [student, teacher] = [built(), built()];
    freeze(student, false);
    freeze(teacher, false);
    const { model } = tfjsModel(tf, {
      parts: { student: { model: student, optimizer: tf.train.sgd(0.1) }, teacher: { model: teacher } },
      step: () => tf.scalar(0),
    });
    freeze(student, true);
    freeze(teacher, true);
    await model.prepare();
    expect(model.warnings.filter((warning) => warning.includes("became trainable"))).toEqual([
      expect.stringMatching(/^2 weights \(student\/base\/kernel, student\/base\/bias\)/),
    ]);
  });

  test("layers that are unfrozen after tfjsModel are named in a warning; frozen ones stay as they are", async () => {
    const net = built();
    compile(net);
    freeze(net, false);
    const training = tfjsModel(tf, { model: net });
    freeze(net, true);
    const before = weightsOf(net);
    const warnings = await withTrainer(training);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^2 weights \(base\/kernel, base\/bias\) became trainable after tfjsModel was called, and are not trained\.\nSet layer\.trainable first/,
      ),
    );
    expect(weightsOf(net).slice(0, 2)).toEqual(before.slice(0, 2));

    const other = built();
    compile(other);
    const whole = tfjsModel(tf, { model: other });
    freeze(other, false);
    const start = weightsOf(other);
    await takeAll(await whole.model.trainStep({ xs: xs(), ys: ys() }, contextOf(1)));
    expect(weightsOf(other).slice(0, 2)).toEqual(start.slice(0, 2));
  });
});
