import { describe, expect, test } from "vitest";
import type { ImageData, StepOutputs, Tensor, TypedArray } from "../../contract/index.js";
import { classPairs, type ClassPairs } from "./class-pairs.js";
import { scoreMetrics } from "./class-scores.js";
import { ConfusionCounts } from "./confusion-counts.js";
import { confusionPicture } from "./confusion-picture.js";

function countsOf(truth: readonly number[], predicted: readonly number[], classes: number, isBinary = false): ConfusionCounts {
  const counts = new ConfusionCounts({ classes, isBinary });
  counts.add({ classes, isBinary, truth: Int32Array.from(truth), predicted: Int32Array.from(predicted) });
  return counts;
}

/** Computed by scikit-learn 1.9.1: confusion_matrix, and precision_recall_fscore_support with zero_division=0. */
const SKLEARN = [
  {
    name: "four classes",
    truth: [2, 3, 0, 3, 1, 2, 2, 1, 3, 0, 1, 1, 2, 1, 0, 0, 0, 0, 0, 3, 0, 2, 3, 0],
    predicted: [2, 3, 0, 1, 1, 2, 1, 1, 3, 0, 0, 1, 3, 0, 0, 1, 0, 0, 2, 3, 0, 2, 3, 0],
    matrix: [
      [7, 1, 1, 0],
      [2, 3, 0, 0],
      [0, 1, 3, 1],
      [0, 1, 0, 4],
    ],
    macro: [0.7069444444444444, 0.6944444444444444, 0.6974747474747474],
    precision: [0.7777777777777778, 0.5, 0.75, 0.8],
    recall: [0.7777777777777778, 0.6, 0.6, 0.8],
    f1: [0.7777777777777778, 0.5454545454545454, 0.6666666666666666, 0.8],
  },
  {
    name: "a class that is never predicted",
    truth: [0, 0, 1, 1, 2, 2],
    predicted: [0, 1, 1, 1, 0, 1],
    matrix: [
      [1, 1, 0],
      [0, 2, 0],
      [1, 1, 0],
    ],
    macro: [0.3333333333333333, 0.5, 0.38888888888888884],
    precision: [0.5, 0.5, 0.0],
    recall: [0.5, 1.0, 0.0],
    f1: [0.5, 0.6666666666666666, 0.0],
  },
  {
    name: "a class that is never true",
    truth: [0, 0, 1, 1, 0, 1],
    predicted: [0, 2, 1, 1, 0, 2],
    matrix: [
      [2, 0, 1],
      [0, 2, 1],
      [0, 0, 0],
    ],
    macro: [0.6666666666666666, 0.4444444444444444, 0.5333333333333333],
    precision: [1.0, 1.0, 0.0],
    recall: [0.6666666666666666, 0.6666666666666666, 0.0],
    f1: [0.8, 0.8, 0.0],
  },
  {
    name: "a class that is neither",
    truth: [0, 0, 2, 2, 0],
    predicted: [0, 2, 2, 2, 0],
    matrix: [
      [2, 0, 1],
      [0, 0, 0],
      [0, 0, 2],
    ],
    macro: [0.8333333333333333, 0.8333333333333333, 0.8],
    precision: [1.0, 0.0, 0.6666666666666666],
    recall: [0.6666666666666666, 0.0, 1.0],
    f1: [0.8, 0.0, 0.8],
  },
  {
    name: "two classes",
    truth: [0, 1, 1, 0, 1, 0, 0, 1],
    predicted: [0, 1, 0, 0, 1, 1, 0, 1],
    matrix: [
      [3, 1],
      [1, 3],
    ],
    macro: [0.75, 0.75, 0.75],
    precision: [0.75, 0.75],
    recall: [0.75, 0.75],
    f1: [0.75, 0.75],
  },
  {
    name: "all wrong",
    truth: [0, 1, 0, 1],
    predicted: [1, 0, 1, 0],
    matrix: [
      [0, 2],
      [2, 0],
    ],
    macro: [0.0, 0.0, 0.0],
    precision: [0.0, 0.0],
    recall: [0.0, 0.0],
    f1: [0.0, 0.0],
  },
];

describe.each(SKLEARN)("as scikit-learn: $name", ({ truth, predicted, matrix, macro, ...of }) => {
  const counts = countsOf(truth, predicted, matrix.length);
  const parts = matrix.map((_, index) => `class ${index}`);
  const scores = scoreMetrics("val", counts, parts);

  test("the matrix, with rows of true classes", () => {
    expect(matrix.map((row, y) => row.map((_, x) => counts.at(y, x)))).toEqual(matrix);
  });

  test("the means over the classes that are there", () => {
    const means = ["precision", "recall", "f1"].map((score) => scores[`val/${score}`]);
    means.forEach((mean, index) => expect(mean).toBeCloseTo(macro[index]!, 12));
  });

  test("the scores of each class that is there", () => {
    matrix.forEach((row, index) => {
      const isThere = [...row, ...matrix.map((other) => other[index]!)].some((count) => count > 0);
      for (const score of ["precision", "recall", "f1"] as const) {
        const value = scores[`val/class ${index}_${score}`];
        if (isThere) expect(value).toBeCloseTo(of[score][index]!, 12);
        else expect(value).toBeUndefined();
      }
    });
  });
});

test("with one output the scores are those of class 1, as average=binary of scikit-learn", () => {
  const counts = countsOf([0, 1, 1, 0, 1, 0, 0, 0], [0, 1, 0, 0, 1, 1, 0, 1], 2, true);
  expect(scoreMetrics("val", counts, [])).toEqual({ "val/precision": 0.5, "val/recall": 2 / 3, "val/f1": 4 / 7 });
  expect(scoreMetrics("val", countsOf([0, 0], [0, 0], 2, true), [])["val/f1"]).toBe(0);
});

test("predictions of NaN are wrong ones; without a sample there are no scores", () => {
  const counts = countsOf([0, 0, 1, -1], [0, -1, 1, 0], 2);
  expect([counts.unpredicted(0), counts.withoutTarget, counts.totals().samples]).toEqual([1, 1, 3]);
  expect(scoreMetrics("val", counts, [])).toMatchObject({ "val/precision": 1, "val/recall": 0.75 });
  expect(scoreMetrics("val", countsOf([-1], [0], 2), [])).toEqual({});
});

describe("classPairs", () => {
  const tensor = (shape: number[], data: readonly number[], type: (data: readonly number[]) => TypedArray): Tensor => ({
    shape,
    dtype: "F32",
    data: type(data),
  });
  const floats = (shape: number[], ...data: number[]): Tensor => tensor(shape, data, (values) => Float32Array.from(values));
  const integers = (shape: number[], ...data: number[]): Tensor => tensor(shape, data, (values) => Int32Array.from(values));
  const longs = (shape: number[], ...data: number[]): Tensor =>
    tensor(shape, data, (values) => BigInt64Array.from(values, (value) => BigInt(value)));
  const three = floats([3, 3], 0.1, 0.7, 0.2, 0.5, 0.5, 0, -3, -2, -1);

  test.each<{ name: string; outputs: StepOutputs; truth: number[]; predicted: number[]; threshold?: number }>([
    {
      name: "one-hot",
      outputs: { predictions: three, targets: floats([3, 3], 0, 0, 1, 1, 0, 0, 0, 1, 0) },
      truth: [2, 0, 1],
      predicted: [1, 0, 2],
    },
    {
      name: "smoothed",
      outputs: { predictions: three, targets: floats([3, 3], 0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.3, 0.4, 0.3) },
      truth: [2, 0, 1],
      predicted: [1, 0, 2],
    },
    {
      name: "numbers [N]",
      outputs: { predictions: three, targets: integers([3], 2, 0, 1) },
      truth: [2, 0, 1],
      predicted: [1, 0, 2],
    },
    {
      name: "numbers [N, 1] as floats",
      outputs: { predictions: three, targets: floats([3, 1], 2, 0, 1) },
      truth: [2, 0, 1],
      predicted: [1, 0, 2],
    },
    {
      name: "numbers of 64 bits",
      outputs: { predictions: three, targets: longs([3], 2, 0, 1) },
      truth: [2, 0, 1],
      predicted: [1, 0, 2],
    },
    {
      name: "positions of a sequence",
      outputs: { predictions: floats([1, 3, 2], 1, 0, 0, 1, 1, 0), targets: integers([1, 3], 0, 0, 1) },
      truth: [0, 0, 1],
      predicted: [0, 1, 0],
    },
    {
      name: "targets that name no class",
      outputs: { predictions: three, targets: floats([3], -1, 3, 0.5) },
      truth: [-1, -1, -1],
      predicted: [1, 0, 2],
    },
    {
      name: "targets with several classes, or none",
      outputs: { predictions: three, targets: floats([3, 3], 1, 1, 0, 0, 0, 0, 0, NaN, 1) },
      truth: [-1, -1, -1],
      predicted: [1, 0, 2],
    },
    {
      name: "predictions of NaN, and infinite ones",
      outputs: { predictions: floats([3, 2], NaN, 1, 0, NaN, -Infinity, Infinity), targets: integers([3], 0, 1, 1) },
      truth: [0, 1, 1],
      predicted: [-1, -1, 1],
    },
    {
      name: "one output: above the threshold",
      outputs: { predictions: floats([4, 1], 0.5, 0.51, NaN, 0), targets: floats([4], 0, 1, 1, 0.1) },
      truth: [0, 1, 1, 0],
      predicted: [0, 1, -1, 0],
    },
    {
      name: "one output without sigmoid, targets of -1 and 1",
      outputs: { predictions: floats([3], -2, 0.1, 3), targets: floats([3, 1], -1, 1, 7) },
      threshold: 0,
      truth: [0, 1, -1],
      predicted: [0, 1, 1],
    },
  ])("$name", ({ outputs, truth, predicted, threshold = 0.5 }) => {
    const pairs = classPairs(outputs, threshold) as ClassPairs;
    expect([[...pairs.truth], [...pairs.predicted]]).toEqual([truth, predicted]);
    expect(pairs.isBinary).toBe(pairs.classes === 2 && outputs.predictions?.shape.at(-1) !== 2);
  });

  test.each([
    { name: "no outputs", outputs: {}, says: "Fill StepResult.outputs" },
    {
      name: "targets that fit neither",
      outputs: { predictions: three, targets: floats([3, 2], 0, 1, 0, 1, 0, 1) },
      says: "predictions of the shape [3, 3] do not fit targets of [3, 2]; targets are one-hot or numbers of classes",
    },
    { name: "no values", outputs: { predictions: floats([0, 3]), targets: floats([0, 3]) }, says: "have no classes" },
  ])("$name: why not", ({ outputs, says }) => {
    expect(classPairs(outputs, 0.5)).toContain(says);
  });
});

describe("confusionPicture", () => {
  const options = { normalize: "none", title: "confusion/val" } as const;
  const numbers = (classes: number): string[] => Array.from({ length: classes }, (_, index) => String(index));

  /** The places of the cells of one hue, from the left and the top, in cells. */
  function cells({ width, data }: ImageData, hue: "blue" | "red"): string[] {
    const found: [number, number][] = [];
    for (let at = 0; at < data.length; at += 3) {
      const [red = 0, , blue = 0] = data.subarray(at, at + 3);
      if ((hue === "blue" ? blue - red : red - blue) > 60) found.push([(at / 3) % width, Math.floor(at / 3 / width)]);
    }
    const starts = (axis: 0 | 1): number[] =>
      [...new Set(found.map((place) => place[axis]))]
        .toSorted((a, b) => a - b)
        .filter((place, i, all) => place - (all[i - 1] ?? -9) > 1);
    return starts(1).flatMap((y) =>
      starts(0)
        .filter((x) => found.some(([a, b]) => a === x && b === y))
        .map((x) => `${x},${y}`),
    );
  }

  test("true classes are rows, predicted ones columns; what is right is blue, what is wrong is red", () => {
    const image = confusionPicture(countsOf([0, 0, 1, 1, 2], [0, 2, 1, 1, 2], 3), { ...options, labels: numbers(3) });
    const [first, , last] = cells(image, "blue").map((place) => place.split(","));
    expect(cells(image, "blue")).toHaveLength(3);
    expect(cells(image, "red")).toEqual([`${last?.[0]},${first?.[1]}`]); // true 0, predicted 2
  });

  test.each([2, 23, 24, 100, 1000])("%d classes have a picture that TensorBoard can show", (classes) => {
    const all = Array.from({ length: classes }, (_, index) => index);
    const { width, height, data } = confusionPicture(countsOf(all, all, classes), { ...options, labels: numbers(classes) });
    expect(data).toHaveLength(width * height * 3);
    expect(Math.max(width, height)).toBeLessThan(1200);
    expect(width).toBeGreaterThan(300);
  });

  test("a column for NaN, only where there are such predictions", () => {
    const labels = ["cat", "a label that is far too long to be shown"];
    const sizes = [
      [0, 1],
      [0, -1],
    ].map((predicted) => confusionPicture(countsOf([0, 1], predicted, 2), { ...options, labels }));
    expect(cells(sizes[0]!, "red")).toHaveLength(0);
    expect(cells(sizes[1]!, "red")).toHaveLength(1);
  });

  test.each(["none", "true", "predicted"] as const)("an empty matrix, normalize: %s", (normalize) => {
    const image = confusionPicture(countsOf([], [], 2), { ...options, normalize, labels: ["no", "yes"] });
    expect([...cells(image, "blue"), ...cells(image, "red")]).toEqual([]);
  });
});
