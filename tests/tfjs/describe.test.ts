import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, tf, useBackend } from "./harness.js";

type Symbolic = ReturnType<typeof tf.input>;

describe.each(BACKENDS)("describe on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("layers, their inputs, shapes and parameters; nested models opened", async () => {
    const image = tf.input({ shape: [6], name: "image" });
    const text = tf.input({ shape: [2], name: "text" });
    const inner = tf.sequential({
      name: "encoder",
      layers: [tf.layers.dense({ units: 4, inputShape: [6], name: "wide" }), tf.layers.dense({ units: 3, name: "narrow" })],
    });
    const joined = tf.layers.concatenate({ name: "join" }).apply([inner.apply(image) as Symbolic, text]) as Symbolic;
    const out = tf.layers.dense({ units: 2, name: "out", activation: "softmax" }).apply(joined) as Symbolic;
    const net = tf.model({ inputs: [image, text], outputs: out, name: "two_towers" });
    const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "categoricalCrossentropy" });

    const described = await model.describe({ xs: [tf.ones([1, 6]), tf.ones([1, 2])], ys: tf.ones([1, 2]) });
    expect(described).toMatchObject({
      name: "two_towers",
      parameterCount: 6 * 4 + 4 + 4 * 3 + 3 + 5 * 2 + 2,
      signature: {
        inputs: [
          { name: "image", dtype: "float32", shape: [null, 6] },
          { name: "text", dtype: "float32", shape: [null, 2] },
        ],
        outputs: [{ name: "out", dtype: "float32", shape: [null, 2] }],
      },
      inputExample: [[1, 1, 1, 1, 1, 1]],
    });
    const byName = Object.fromEntries(described.layers.map((layer) => [layer.name, layer]));
    expect(byName["image"]).toMatchObject({ op: "InputLayer", inputs: [], outputShape: [null, 6], parameters: 0 });
    expect(byName["encoder/wide"]).toMatchObject({ op: "Dense", outputShape: [null, 4], parameters: 28, dtype: "float32" });
    expect(byName["encoder/narrow"]?.inputs).toEqual(["encoder/wide"]);
    expect([...(byName["join"]?.inputs ?? [])].sort()).toEqual(["encoder/narrow", "text"]);
    expect(byName["out"]).toMatchObject({ inputs: ["join"], outputShape: [null, 2], parameters: 12 });
    const names = new Set(described.layers.map(({ name }) => name));
    expect(described.layers.flatMap(({ inputs }) => inputs).filter((name) => !names.has(name))).toEqual([]);
    expect(described.layers.map(({ name }) => name).sort()).toEqual(
      ["image", "text", "encoder/wide", "encoder/narrow", "join", "out"].sort(),
    );
    const [file] = described.files ?? [];
    expect(file?.path).toBe("model.json");
    expect(new TextDecoder().decode(file?.bytes)).toContain('"two_towers"');
  });

  test("a sequential model has its input, under the same name whatever was built before it", async () => {
    const build = async (): Promise<unknown> => {
      const net = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 3] }), tf.layers.dense({ units: 1 })] });
      const { model } = tfjsModel(tf, { model: net, optimizer: "sgd", loss: "meanSquaredError" });
      return (await model.describe()).layers.map(({ name, op, inputs, outputShape }) => [name, op, inputs, outputShape]);
    };
    const layers = [
      ["flatten_Flatten1_input", "InputLayer", [], [null, 2, 3]],
      ["flatten_Flatten1", "Flatten", ["flatten_Flatten1_input"], [null, 6]],
      ["dense_Dense1", "Dense", ["flatten_Flatten1"], [null, 1]],
    ];
    expect(await build()).toEqual(layers);
    expect(await build()).toEqual(layers);
  });
});
