/** What the adapter says of a model and its data before the first step. */
import { beforeEach, describe, expect, test } from "vitest";
import { versionsOf } from "../../src/tfjs/versions.js";
import { tfjsLoader, tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

describe.each(BACKENDS)("on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("the model names its backend once it is prepared, and the packages of TensorFlow.js", async () => {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
    expect(model.backend).toBeUndefined();
    await model.prepare();
    expect(model.backend).toBe(backend);
    expect(model.packages?.["@tensorflow/tfjs-core"]).toBe(tf.version["tfjs-core"]);
  });

  test("loaders count their samples", () => {
    const source = (): { xs: ReturnType<typeof tf.ones>; ys: ReturnType<typeof tf.ones> } => ({
      xs: tf.ones([10, 2]),
      ys: tf.ones([10]),
    });
    expect(tfjsLoader(tf, source(), { batchSize: 4 })).toMatchObject({ length: 3, samples: 10, batchSize: 4 });
    expect(tfjsLoader(tf, source(), { batchSize: 4, dropLast: true })).toMatchObject({ length: 2, samples: 8, batchSize: 4 });
    const elements = tf.data.array([
      { xs: 1, ys: 1 },
      { xs: 2, ys: 2 },
      { xs: 3, ys: 3 },
    ]);
    expect(tfjsLoader(tf, elements, { batchSize: 2 })).toMatchObject({ length: 2, samples: 3, batchSize: 2 });
    const batches = tfjsLoader(tf, elements);
    expect([batches.length, batches.samples, batches.batchSize]).toEqual([3, undefined, undefined]);
    const endless = tf.data.generator(function* () {
      for (;;) yield { xs: 1, ys: 1 };
    });
    const unknown = tfjsLoader(tf, endless as never, { batchSize: 2 });
    expect([unknown.length, unknown.samples, unknown.batchSize]).toEqual([undefined, undefined, 2]);
  });
});

test.each([
  {
    of: { version: { "tfjs-core": "4.22.0", tfjs: "4.22.0", odd: 5 } },
    is: { "@tensorflow/tfjs-core": "4.22.0", "@tensorflow/tfjs": "4.22.0" },
  },
  { of: { version_core: "4.20.0" }, is: { "@tensorflow/tfjs-core": "4.20.0" } },
  { of: { version: "4.22.0" }, is: {} },
  { of: {}, is: {} },
])("the versions of $of", ({ of, is }) => expect(versionsOf(of)).toEqual(is));
