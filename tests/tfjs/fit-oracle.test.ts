import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import type { TfjsBatch } from "../../src/tfjs/index.js";
import { BACKENDS, randoms, tf, useBackend } from "./harness.js";
import { type Case, KINDS, withFit, withFitDataset, withTrainer } from "./oracle.js";

const SAMPLES = 10;
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

/** Values of the given shape in 0..1, other ones for every seed. */
const values = (shape: number[], seed = 1): Tf.Tensor =>
  tf.tensor(
    randoms(
      shape.reduce((size, length) => size * length, 1),
      seed,
    ).map((value) => (value + 1) / 2),
    shape,
  );
/** 0, 1, 2, 0, 1, … below `classes`. */
const indices = (shape: number[], classes: number, dtype: "int32" | "float32" | "bool" = "float32"): Tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, i) => i % classes),
    shape,
    dtype,
  );
const oneHot = (classes: number, dtype: "int32" | "float32" = "float32"): Tf.Tensor =>
  tf.tidy(() => tf.oneHot(indices([SAMPLES], classes, "int32"), classes).cast(dtype));

const dense = (units: number, activation?: "sigmoid" | "softmax", inputShape = [4]): Tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units, inputShape, kernelInitializer: seeded(1), ...(activation === undefined ? {} : { activation }) }),
    ],
  });
const recurrent = (units: number, activation?: "softmax"): Tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.lstm({
        units: 3,
        returnSequences: true,
        inputShape: [5, 2],
        kernelInitializer: seeded(1),
        recurrentInitializer: seeded(2),
      }),
      tf.layers.dense({ units, kernelInitializer: seeded(3), ...(activation === undefined ? {} : { activation }) }),
    ],
  });

/** Two inputs, two outputs: a number and a choice of 3. */
function branches(): Tf.LayersModel {
  const left = tf.input({ shape: [4], name: "left" });
  const right = tf.input({ shape: [1], name: "right" });
  const joined = tf.layers.concatenate().apply([left, right]) as Tf.SymbolicTensor;
  const score = tf.layers.dense({ units: 1, name: "score", kernelInitializer: seeded(1) }).apply(joined);
  const kind = tf.layers.dense({ units: 3, name: "kind", activation: "softmax", kernelInitializer: seeded(2) }).apply(joined);
  return tf.model({ inputs: [left, right], outputs: [score as Tf.SymbolicTensor, kind as Tf.SymbolicTensor] });
}

const xs = (): Tf.Tensor => values([SAMPLES, 4]);
const sides =
  (ys: () => Tf.Tensor, inputs: () => Tf.Tensor = xs) =>
  () => ({ xs: inputs(), ys: ys() });
const one = (
  name: string,
  loss: Case["loss"],
  model: () => Tf.LayersModel,
  data: () => TfjsBatch,
  more: Partial<Case> = {},
): Case => ({ name, loss, model, data, ...more });

const SPARSE = "sparseCategoricalCrossentropy";
const ACCURACY = { metrics: ["accuracy"] };
const sequences = (): Tf.Tensor => values([SAMPLES, 5, 2]);
const both = { score: "meanSquaredError", kind: SPARSE } as const;

/** Both shapes, and a line that says what to change. */
const BOTH_SHAPES = /has the shape \[[\d, ]+\], the model's (input|output) has \[null[\d, null]*\].*\n.*\S/;

/** Losses × shapes × ranks × outputs. Whether a case trains is for `model.fit` to say. */
const CASES: readonly Case[] = [
  ...(["meanSquaredError", "meanAbsoluteError", "hinge"] as const).flatMap((loss) => [
    one(
      `${loss}, ys [N] for [N, 1]`,
      loss,
      () => dense(1),
      sides(() => values([SAMPLES], 2)),
    ),
    one(
      `${loss}, ys [N, 1] for [N, 1]`,
      loss,
      () => dense(1),
      sides(() => values([SAMPLES, 1], 2)),
    ),
    one(
      `${loss}, ys [N, 2] for [N, 1]`,
      loss,
      () => dense(1),
      sides(() => values([SAMPLES, 2], 2)),
    ),
    one(
      `${loss}, ys [N, 1] for [N, 3]`,
      loss,
      () => dense(3),
      sides(() => values([SAMPLES, 1], 2)),
    ),
    one(
      `${loss}, ys [N] for [N, 3]`,
      loss,
      () => dense(3),
      sides(() => values([SAMPLES], 2)),
    ),
  ]),
  ...(["squaredHinge", "logcosh", "poisson", "cosineProximity", "kullbackLeiblerDivergence"] as const).map((loss) =>
    one(
      `${loss}, ys [N] for [N, 1]`,
      loss,
      () => dense(1, "sigmoid"),
      sides(() => values([SAMPLES], 2)),
    ),
  ),
  one(
    "ys [N, 1, 1] for [N, 1]",
    "meanSquaredError",
    () => dense(1),
    sides(() => values([SAMPLES, 1, 1], 2)),
  ),
  one(
    "int32 ys [N]",
    "meanSquaredError",
    () => dense(1),
    sides(() => indices([SAMPLES], 5, "int32")),
  ),
  ...(["float32", "int32", "bool"] as const).flatMap((dtype) => [
    one(
      `binary cross-entropy, ${dtype} ys [N]`,
      "binaryCrossentropy",
      () => dense(1, "sigmoid"),
      sides(() => indices([SAMPLES], 2, dtype)),
      ACCURACY,
    ),
    one(
      `binary cross-entropy, ${dtype} ys [N, 1]`,
      "binaryCrossentropy",
      () => dense(1, "sigmoid"),
      sides(() => indices([SAMPLES, 1], 2, dtype)),
      ACCURACY,
    ),
  ]),
  one(
    "binary cross-entropy, ys [N, 2] for [N, 1]",
    "binaryCrossentropy",
    () => dense(1, "sigmoid"),
    sides(() => oneHot(2)),
  ),
  one(
    "one-hot",
    "categoricalCrossentropy",
    () => dense(3, "softmax"),
    sides(() => oneHot(3)),
    ACCURACY,
  ),
  one(
    "int32 one-hot",
    "categoricalCrossentropy",
    () => dense(3, "softmax"),
    sides(() => oneHot(3, "int32")),
    ACCURACY,
  ),
  one(
    "one-hot of 2 for 3",
    "categoricalCrossentropy",
    () => dense(3, "softmax"),
    sides(() => oneHot(2)),
  ),
  one(
    "indices [N] for one-hot",
    "categoricalCrossentropy",
    () => dense(3, "softmax"),
    sides(() => indices([SAMPLES], 3)),
  ),
  one(
    "indices [N, 1] for one-hot",
    "categoricalCrossentropy",
    () => dense(3, "softmax"),
    sides(() => indices([SAMPLES, 1], 3)),
  ),
  one(
    "one unit for one-hot",
    "categoricalCrossentropy",
    () => dense(1, "sigmoid"),
    sides(() => indices([SAMPLES, 1], 2)),
  ),
  one(
    "sparse, ys [N]",
    SPARSE,
    () => dense(3, "softmax"),
    sides(() => indices([SAMPLES], 3)),
    ACCURACY,
  ),
  one(
    "sparse, ys [N, 1]",
    SPARSE,
    () => dense(3, "softmax"),
    sides(() => indices([SAMPLES, 1], 3)),
    ACCURACY,
  ),
  ...(["int32", "bool"] as const).map((dtype) =>
    one(
      `sparse, ${dtype} ys [N]`,
      SPARSE,
      () => dense(2, "softmax"),
      sides(() => indices([SAMPLES], 2, dtype)),
      {
        says: /is of the type (int32|bool); .* takes float32 only: tensor\.toFloat\(\)/,
      },
    ),
  ),
  one(
    "sparse, one-hot ys",
    SPARSE,
    () => dense(3, "softmax"),
    sides(() => oneHot(3)),
  ),
  one(
    "sequences, ys [N, T, 1]",
    "meanSquaredError",
    () => recurrent(1),
    sides(() => values([SAMPLES, 5, 1], 2), sequences),
  ),
  one(
    "sequences, ys [N, T]",
    "meanSquaredError",
    () => recurrent(1),
    sides(() => values([SAMPLES, 5], 2), sequences),
  ),
  one(
    "sequences, ys [N, T - 1, 1]",
    "meanSquaredError",
    () => recurrent(1),
    sides(() => values([SAMPLES, 4, 1], 2), sequences),
  ),
  one(
    "sparse sequences, ys [N, T, 1]",
    SPARSE,
    () => recurrent(3, "softmax"),
    sides(() => indices([SAMPLES, 5, 1], 3), sequences),
    ACCURACY,
  ),
  one(
    "sparse sequences, ys [N, T]",
    SPARSE,
    () => recurrent(3, "softmax"),
    sides(() => indices([SAMPLES, 5], 3), sequences),
  ),
  one(
    "xs [N] for [N, 1]",
    "meanSquaredError",
    () => dense(1, undefined, [1]),
    sides(
      () => values([SAMPLES], 2),
      () => values([SAMPLES]),
    ),
  ),
  one(
    "xs [N] for [N, 4]",
    "meanSquaredError",
    () => dense(1),
    sides(
      () => values([SAMPLES], 2),
      () => values([SAMPLES]),
    ),
  ),
  one(
    "xs [N, 4, 1] for [N, 4]",
    "meanSquaredError",
    () => dense(1),
    sides(
      () => values([SAMPLES], 2),
      () => values([SAMPLES, 4, 1]),
    ),
  ),
  one(
    "xs of a free length",
    "meanSquaredError",
    () => dense(1, undefined, [null as never, 2]),
    sides(
      () => values([SAMPLES, 5, 1], 2),
      () => values([SAMPLES, 5, 2]),
    ),
  ),
  one(
    "a loss function, ys [N]",
    (yTrue, yPred) => yPred.sub(yTrue).square(),
    () => dense(1),
    sides(() => values([SAMPLES], 2)),
  ),
  one(
    "a loss function, ys [N, 2] for [N, 1]",
    (yTrue, yPred) => yPred.sub(yTrue).square(),
    () => dense(1),
    sides(() => values([SAMPLES, 2], 2)),
  ),
  one(
    "a loss of logits",
    (yTrue, yPred) => tf.losses.softmaxCrossEntropy(yTrue, yPred),
    () => dense(3),
    sides(() => oneHot(3)),
  ),
  one("two outputs in order", ["meanSquaredError", SPARSE], branches, () => ({
    xs: [xs(), values([SAMPLES], 3)],
    ys: [values([SAMPLES], 4), indices([SAMPLES], 3)],
  })),
  one("two outputs by name", both, branches, () => ({
    xs: { right: values([SAMPLES, 1], 3), left: xs() },
    ys: { kind: indices([SAMPLES, 1], 3), score: values([SAMPLES, 1], 4) },
  })),
  one("the first of two outputs has a wrong shape", both, branches, () => ({
    xs: [xs(), values([SAMPLES], 3)],
    ys: [values([SAMPLES, 2], 4), indices([SAMPLES], 3)],
  })),
  one("the second of two outputs has a wrong shape", both, branches, () => ({
    xs: [xs(), values([SAMPLES], 3)],
    ys: [values([SAMPLES], 4), oneHot(3)],
  })),
  one("the second of two inputs has a wrong shape", both, branches, () => ({
    xs: [xs(), values([SAMPLES, 2], 3)],
    ys: [values([SAMPLES], 4), indices([SAMPLES], 3)],
  })),
  one("one tensor for two outputs", both, branches, () => ({ xs: [xs(), values([SAMPLES], 3)], ys: values([SAMPLES], 4) }), {
    says: /holds 1 tensors, the model has 2 outputs: score, kind|no tensor "kind"/,
  }),
  one("a missing name", both, branches, () => ({ xs: { left: xs() }, ys: [values([SAMPLES], 4), indices([SAMPLES], 3)] }), {
    says: /no tensor "right"\. Available: left\./,
  }),
];

describe.each(BACKENDS)("model.fit and a trainer on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each(CASES)("$name", async (which) => {
    const wanted = await withFit(which);
    for (const kind of backend === BACKENDS[0] ? KINDS : (["tensors"] as const)) {
      const got = await withTrainer(which, kind);
      expect(got.refusal === null, `${kind}: ${got.refusal?.message} / ${wanted.refusal?.message}`).toBe(wanted.refusal === null);
      expect(got.losses, kind).toEqual(wanted.losses);
      expect(got.accuracies, kind).toEqual(wanted.accuracies);
      expect(got.weights, kind).toEqual(wanted.weights);
      for (const name of ["loss", "accuracy"]) {
        if (wanted.validation[name] === undefined) expect(got.validation[name]).toBeUndefined();
        else expect(got.validation[name], `${kind}: ${name}`).toBeCloseTo(wanted.validation[name], 5);
      }
      if (got.refusal === null) continue;
      expect(got.refusal).toMatchObject({
        code: "ERR_LOADER_DATA",
        message: expect.stringMatching(which.says ?? BOTH_SHAPES) as string,
      });
      expect(got.leaked, kind).toBe(0);
    }
  });

  test.each(
    CASES.filter(({ name }) => ["meanSquaredError, ys [N, 1] for [N, 1]", "one-hot", "two outputs by name"].includes(name)),
  )("fitDataset and a trainer: $name", async (which) => {
    const wanted = await withFitDataset(which);
    const got = await withTrainer(which, "dataset");
    expect(wanted.losses).toHaveLength(6);
    expect(got.losses).toEqual(wanted.losses);
    expect(got.weights).toEqual(wanted.weights);
  });
});
