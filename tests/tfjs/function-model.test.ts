import type * as Tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, test } from "vitest";
import { tfjsModel } from "../../src/tfjs/index.js";
import { BACKENDS, bytesOf, contextOf, randoms, takeAll, tf, useBackend } from "./harness.js";

type Tensor2D = ReturnType<typeof tf.tensor2d>;

interface Points {
  xs: Tensor2D;
  ys: Tensor2D;
}

/** Points on the plane y = 2a - 3b + 0.5. */
function pointsOf(seed: number): Points {
  const values = randoms(16, seed);
  const heights = Float32Array.from({ length: 8 }, (_, i) => 2 * (values[2 * i] ?? 0) - 3 * (values[2 * i + 1] ?? 0) + 0.5);
  return { xs: tf.tensor2d(values, [8, 2]), ys: tf.tensor2d(heights, [8, 1]) };
}

function plane(options: { metrics?: boolean } = {}) {
  const w = tf.variable(tf.zeros([2, 1]) as Tensor2D);
  const b = tf.variable(tf.scalar(0));
  const scale = tf.variable(tf.scalar(1), false);
  const predict = (xs: Tensor2D) => xs.matMul(w).add(b).mul(scale) as Tensor2D;
  const training = tfjsModel(tf, {
    variables: { w, b, scale },
    optimizer: tf.train.momentum(0.1, 0.5),
    loss: ({ xs, ys }: Points) => {
      const error = predict(xs).sub(ys);
      const loss = error.square().mean();
      return options.metrics === true ? { loss, metrics: { worst: error.abs().max(), slope: w, constant: 3 } } : loss;
    },
  });
  return { ...training, w, b, scale, predict };
}

describe.each(BACKENDS)("a loss function over variables on %s", (backend) => {
  beforeEach(async () => useBackend(backend));

  test("finds the plane; the variables are the user's own", async () => {
    const { model, optimizers, w, b, scale, predict } = plane();
    await model.prepare();
    for (let step = 1; step <= 200; step++) await takeAll(await model.trainStep(pointsOf(step), contextOf(step)));
    const [a, c] = w.dataSync();
    expect(a).toBeCloseTo(2, 2);
    expect(c).toBeCloseTo(-3, 2);
    expect(b.dataSync()[0]).toBeCloseTo(0.5, 2);
    expect(scale.dataSync()[0]).toBe(1);
    expect(predict(tf.tensor2d([[1, 1]])).dataSync()[0]).toBeCloseTo(-0.5, 2);
    expect(optimizers[0]?.name).toBe("momentum");
  });

  test("outputs are read where a hook asks, and leave no tensor behind", async () => {
    const w = tf.variable(tf.zeros([4, 1]) as Tensor2D);
    const { model } = tfjsModel(tf, {
      variables: { w },
      optimizer: tf.train.sgd(0.1),
      loss: ({ xs, ys }: Points) => {
        const predictions = xs.reshape<Tf.Tensor2D>([2, 4]).matMul(w) as Tensor2D;
        const loss = predictions.sub(ys).square().mean();
        return { loss, outputs: { predictions, targets: ys, images: xs } };
      },
    });
    const batch = () => ({ xs: tf.ones([2, 2, 2, 1]), ys: tf.tensor2d([3, 4], [2, 1]) }) as unknown as Points;
    const before = tf.memory().numTensors;
    const quiet = await model.trainStep(batch(), contextOf(1));
    expect(quiet.outputs).toBeUndefined();
    const { outputs, ...rest } = await model.evalStep(batch(), contextOf(2, { wantsOutputs: true }));
    await takeAll(quiet);
    await takeAll(rest);
    expect(tf.memory().numTensors).toBe(before);
    expect(outputs?.targets).toEqual({ shape: [2, 1], dtype: "F32", data: Float32Array.of(3, 4) });
    expect(outputs?.predictions?.shape).toEqual([2, 1]);
    expect(outputs?.images).toEqual([0, 1].map(() => ({ width: 2, height: 2, channels: 1, data: new Float32Array(4).fill(1) })));
  });

  test("images of 32-bit integers keep their type, which says that they are 0 to 255", async () => {
    const w = tf.variable(tf.scalar(2));
    const { model } = tfjsModel(tf, {
      variables: { w },
      optimizer: tf.train.sgd(0.1),
      loss: () => ({ loss: w.mean(), outputs: { images: tf.tensor4d([0, 7, 200, 255], [2, 1, 2, 1], "int32") } }),
    });
    const { outputs, ...rest } = await model.evalStep({} as Points, contextOf(1, { wantsOutputs: true }));
    await takeAll(rest);
    expect(outputs?.images?.map(({ data }) => data)).toEqual([Int32Array.of(0, 7), Int32Array.of(200, 255)]);
  });

  test.each([
    { name: "batchSize throws", says: "JSON", batchSize: (): number => JSON.parse("{") as number, dtype: "float32" as const },
    { name: "an output cannot be read", says: "A tensor of type string", batchSize: (): number => 1, dtype: "string" as const },
  ])("where $name, the step keeps no tensor", async ({ says, batchSize, dtype }) => {
    const w = tf.variable(tf.scalar(2));
    const { model } = tfjsModel(tf, {
      variables: { w },
      optimizer: tf.train.sgd(0.1),
      loss: () => ({
        loss: w.mul(2).mean(),
        metrics: { doubled: w.mul(2) },
        outputs: { predictions: dtype === "string" ? tf.tensor(["a"], [1], dtype) : tf.ones([1]) },
      }),
      metricNames: ["doubled"],
      batchSize,
    });
    const before = tf.memory().numTensors;
    for (const step of ["trainStep", "evalStep"] as const) {
      const failed = async (): Promise<unknown> => model[step]([1], contextOf(1, { wantsOutputs: true }));
      await expect(failed()).rejects.toThrow(says);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test("metrics are copies: the tensors that the function returned stay its own", async () => {
    const { model, w } = plane({ metrics: true });
    const values = await takeAll(await model.trainStep(pointsOf(1), contextOf(1)));
    expect(Object.keys(values)).toEqual(["loss", "worst", "slope", "constant"]);
    expect(values["constant"]).toBe(3);
    expect(w.isDisposed).toBe(false);
    const counts = new Set<number>();
    for (let step = 2; step <= 500; step++) {
      await takeAll(await model.trainStep(pointsOf(step), contextOf(step, { wantsGradients: step % 50 === 1 })));
      if (step % 50 === 0) {
        await takeAll(await model.evalStep(pointsOf(step), contextOf(step)));
        counts.add(tf.memory().numTensors);
      }
    }
    expect([...counts]).toHaveLength(1);
  });

  test("state by name, also of variables that are not trained", async () => {
    const { model } = plane();
    await takeAll(await model.trainStep(pointsOf(1), contextOf(1)));
    const saved = await model.state();
    expect(Object.keys(saved)).toEqual(["w", "b", "scale"]);
    const other = plane();
    other.model.loadState(saved);
    expect(bytesOf(await other.model.state())).toEqual(bytesOf(saved));
    expect([...other.model.parameters()].map(({ name }) => name)).toEqual(["w", "b"]);
    const described = await model.describe();
    expect(described.parameterCount).toBe(4);
  });

  test("evaluate, batch size and the step's seed", async () => {
    const w = tf.variable(tf.scalar(2), true, `weight_${backend}`);
    const infos: { training: boolean; seed: number }[] = [];
    const { model } = tfjsModel(tf, {
      variables: [w],
      optimizer: tf.train.sgd(0.1),
      loss: (batch: number[], info) => {
        infos.push({ ...info });
        return w.mul(batch[0] ?? 0);
      },
      evaluate: (batch: number[], info) => {
        infos.push({ ...info });
        return { loss: w.mul(10), metrics: { first: batch[0] ?? 0 } };
      },
      metricNames: ["first"],
      batchSize: (batch) => batch.length * 2,
    });
    const trained = await model.trainStep([3, 4], contextOf(1, { stepSeed: 0 }));
    expect(trained.batchSize).toBe(4);
    expect(await takeAll(trained)).toEqual({ loss: 6 });
    expect(await takeAll(await model.evalStep([7], contextOf(1, { stepSeed: 9 })))).toEqual({
      loss: expect.closeTo(17, 4),
      first: 7,
    });
    expect(infos).toEqual([
      { training: true, seed: expect.any(Number) },
      { training: false, seed: 9 },
    ]);
    expect(infos[0]?.seed).not.toBe(0);
    expect(Object.keys(await model.state())).toEqual([`weight_${backend}`]);
  });

  test("a loss per sample is averaged", async () => {
    const w = tf.variable(tf.scalar(1));
    const { model } = tfjsModel(tf, {
      variables: [w],
      optimizer: tf.train.sgd(1),
      loss: (batch: { xs: ReturnType<typeof tf.tensor1d> }) => batch.xs.mul(w),
    });
    expect(await takeAll(await model.trainStep({ xs: tf.tensor1d([1, 2, 6]) }, contextOf(1)))).toEqual({ loss: 3 });
    expect(w.dataSync()[0]).toBe(-2);
    expect(Object.keys(await model.state())).toEqual(["variable_0"]);
  });

  test("a variable that drops out of a step keeps its own moments", async () => {
    const run = async (alsoUnused: boolean): Promise<number> => {
      const unused = tf.variable(tf.scalar(1));
      const used = tf.variable(tf.scalar(1));
      const { model } = tfjsModel(tf, {
        variables: alsoUnused ? [unused, used] : [used],
        optimizer: tf.train.adam(0.1),
        loss: (batch: number[]) =>
          alsoUnused && batch[0] === 1 ? used.square().add(unused.square().mul(100)).asScalar() : used.square().asScalar(),
      });
      for (let step = 1; step <= 4; step++) await takeAll(await model.trainStep([step], contextOf(step)));
      return used.dataSync()[0] as number;
    };
    expect(await run(true)).toBe(await run(false));
  });
});
