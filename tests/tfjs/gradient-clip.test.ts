import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel, type TfjsVariable } from "../../src/tfjs/index.js";
import { BACKENDS, contextOf, randoms, take, takeAll, tf, useBackend } from "./harness.js";

const SIZES = { a: [3, 4], b: [5], unused: [2] } as const;

/** A loss whose gradients are the batch's values, and an optimizer that writes what it is given into the variables: w = -g. */
function probe(gradientClip?: { norm: number } | { value: number }) {
  const variables = Object.fromEntries(
    Object.entries(SIZES).map(([name, shape]) => [name, tf.variable(tf.zeros([...shape]))]),
  ) as Record<keyof typeof SIZES, Tf.Variable>;
  const { model } = tfjsModel(tf, {
    variables,
    optimizer: tf.train.sgd(1),
    gradientClip,
    batchSize: () => 1,
    loss: ({ a, b }: { a: Tf.Tensor; b: Tf.Tensor }) => variables.a.mul(a).sum().add(variables.b.mul(b).sum()),
  });
  const step = async (values: Record<"a" | "b", Float32Array>, wantsGradients = false): Promise<Record<"a" | "b", number[]>> => {
    const before = [variables.a, variables.b].map((variable) => [...variable.dataSync()]);
    const batch = { a: tf.tensor(values.a, [3, 4]), b: tf.tensor1d(values.b) };
    await takeAll(await model.trainStep(batch, contextOf(1, { wantsGradients })));
    const [a, b] = [variables.a, variables.b].map((variable, i) =>
      [...variable.dataSync()].map((value, j) => (before[i]?.[j] as number) - value),
    );
    for (const variable of [variables.a, variables.b]) tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    return { a: a as number[], b: b as number[] };
  };
  return { model, step };
}

const norm = (...parts: readonly ArrayLike<number>[]): number => Math.hypot(...parts.flatMap((part) => [...Array.from(part)]));
const values = (scale: number, seed: number) => ({
  a: randoms(12, seed).map((value) => value * scale),
  b: randoms(5, seed + 1).map((value) => value * scale),
});

describe.each(BACKENDS)("gradientClip on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test.each([0.01, 1, 30, 1e6])(
    "norm: all gradients as one vector of at most 1.5, where they are of the size %d",
    async (scale) => {
      const { step } = probe({ norm: 1.5 });
      const given = values(scale, 3);
      const got = await step(given);
      const total = norm(given.a, given.b);
      const factor = total <= 1.5 ? 1 : 1.5 / total; // in float64
      for (const part of ["a", "b"] as const)
        for (const [i, value] of got[part].entries())
          expect(Math.abs(value - (given[part][i] as number) * factor)).toBeLessThan(1e-6);
      if (total <= 1.5) expect(got).toEqual(await probe().step(given));
    },
  );

  test("value: each element", async () => {
    const given = values(3, 5);
    const got = await probe({ value: 0.75 }).step(given);
    for (const part of ["a", "b"] as const)
      expect(got[part]).toEqual([...given[part]].map((value) => Math.min(0.75, Math.max(-0.75, value))));
  });

  test("NaN and infinities: as clip_grad_norm_ and clip_grad_value_ of PyTorch", async () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const a = (first: number) => Float32Array.of(first, ...Array.from({ length: 11 }, () => 1));
    const b = () => new Float32Array(5).fill(2);
    const withNaN = await probe({ norm: 1 }).step({ a: a(nan), b: b() });
    expect([...withNaN.a, ...withNaN.b].every(Number.isNaN)).toBe(true);
    const withInfinity = await probe({ norm: 1 }).step({ a: a(inf), b: b() });
    expect([withInfinity.a[0], withInfinity.a[1], withInfinity.b[0]]).toEqual([nan, 0, 0]);
    const byValue = await probe({ value: 0.5 }).step({ a: a(nan), b: b() });
    expect([byValue.a[0], byValue.a[1], byValue.b[0]]).toEqual([nan, 0.5, 0.5]);
    const ofInfinity = await probe({ value: 0.5 }).step({ a: a(-inf), b: b() });
    expect(ofInfinity.a[0]).toBe(-0.5);
  });

  test("hooks see the gradients before the clip, and a variable that the loss did not use has none", async () => {
    const { model, step } = probe({ norm: 1e-3 });
    const given = values(2, 7);
    await step(given, true);
    const seen = await Promise.all([...model.gradients()].map(async ({ name, read }) => [name, [...(await read())]]));
    expect(Object.fromEntries(seen)).toEqual({ a: [...given.a], b: [...given.b] });
    model.dispose();
  });

  test("steps leave no tensor behind", async () => {
    for (const clip of [{ norm: 0.1 }, { value: 0.1 }]) {
      const { step } = probe(clip);
      await step(values(2, 1));
      const before = tf.memory().numTensors;
      for (let i = 2; i < 5; i++) await step(values(2, i));
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test("of a LayersModel: the update of one that was clipped by hand", async () => {
    const build = (): Tf.Sequential =>
      tf.sequential({
        layers: [tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }) })],
      });
    const [clipped, byHand] = [build(), build()];
    const batch = () => ({ xs: tf.tensor2d(randoms(12, 1), [4, 3]), ys: tf.tensor2d(randoms(8, 2), [4, 2]) });
    const { model } = tfjsModel(tf, {
      model: clipped,
      optimizer: tf.train.sgd(0.5),
      loss: "meanSquaredError",
      gradientClip: { norm: 0.2 },
    });
    await take((await model.trainStep(batch(), contextOf(1))).loss);
    const { xs, ys } = batch();
    const { grads } = tf.variableGrads(() => tf.metrics.meanSquaredError(ys, byHand.apply(xs) as Tf.Tensor).mean() as Tf.Scalar);
    const [kernel, bias] = byHand.trainableWeights.map((weight) => weight.read() as unknown as TfjsVariable & Tf.Variable);
    const own = [kernel, bias].map((variable) => grads[(variable as Tf.Variable).name] as Tf.Tensor);
    const scale = 0.2 / norm(...own.map((gradient) => gradient.dataSync()));
    expect(scale).toBeLessThan(1);
    for (const [i, variable] of [kernel, bias].entries()) {
      const wanted = (variable as Tf.Variable).sub((own[i] as Tf.Tensor).mul(0.5 * scale)).dataSync();
      const got = (clipped.getWeights()[i] as Tf.Tensor).dataSync();
      for (const [j, value] of wanted.entries()) expect(got[j]).toBeCloseTo(value, 6);
    }
  });
});

test.each([
  {},
  { norm: 0 },
  { norm: -1 },
  { norm: Infinity },
  { value: Number.NaN },
  { norm: 1, value: 1 },
  { norm: "1" },
  { max: 1 },
  1,
  null,
])("gradientClip %j is refused", (gradientClip) => {
  const form = {
    variables: { w: tf.variable(tf.scalar(1)) },
    optimizer: tf.train.sgd(1),
    loss: () => tf.scalar(1),
    gradientClip,
  };
  expect(() => tfjsModel(tf, form as never)).toThrow(
    /ERR_CONFIG at tfjsModel\.gradientClip[^]*Allowed: \{ norm: 1 \} or \{ value: 0\.5 \}, with a finite number above 0\./,
  );
});
