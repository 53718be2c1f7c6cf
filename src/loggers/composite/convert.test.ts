import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventText, histogramScalars, scatterText } from "./convert.js";

describe("a histogram as scalars", () => {
  test.each([
    { name: "a few", values: new Float64Array([1, 2, 3, 6]), expected: { min: 1, max: 6, mean: 3, std: Math.sqrt(3.5) } },
    { name: "one", values: new Int8Array([-4]), expected: { min: -4, max: -4, mean: -4, std: 0 } },
    { name: "big integers", values: new BigInt64Array([2n, 4n]), expected: { min: 2, max: 4, mean: 3, std: 1 } },
    {
      name: "a large offset",
      values: new Float64Array([1e9 + 1, 1e9 + 3]),
      expected: { min: 1e9 + 1, max: 1e9 + 3, mean: 1e9 + 2, std: 1 },
    },
    {
      name: "some not finite",
      values: new Float32Array([1, NaN, 3, Infinity]),
      expected: { min: 1, max: 3, mean: 2, std: 1, non_finite: 2 },
    },
    {
      name: "none finite",
      values: new Float32Array([NaN]),
      expected: { min: NaN, max: NaN, mean: NaN, std: NaN, non_finite: 1 },
    },
  ])("$name", ({ values, expected }) => {
    const prefixed = Object.fromEntries(Object.entries(expected).map(([key, value]) => [`w/${key}`, value]));
    expect(histogramScalars("w", values)).toEqual(prefixed);
  });

  test("nothing of an empty array, and of a name without room", () => {
    expect(histogramScalars("w", new Float32Array())).toBeNull();
    expect(histogramScalars("w".repeat(245), new Float32Array(1))).toBeNull();
  });

  test("the mean is between the extremes, the deviation is never negative", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 50 }), (values) => {
        const scalars = histogramScalars("w", Float64Array.from(values)) ?? {};
        const [min, max, mean, std] = ["min", "max", "mean", "std"].map((key) => scalars[`w/${key}`] as number) as [
          number,
          number,
          number,
          number,
        ];
        const slack = Math.max(Math.abs(min), Math.abs(max)) * 1e-12;
        expect(mean).toBeGreaterThanOrEqual(min - slack);
        expect(mean).toBeLessThanOrEqual(max + slack);
        expect(std).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test.each([
  { x: [0, 1, 2], y: [0, 2, 4], text: "3 points, x 0 to 2 (mean 1), y 0 to 4 (mean 2), correlation 1" },
  { x: [0, 1, 2, NaN], y: [4, 2, 0, 1], text: "4 points, x 0 to 2 (mean 1), y 0 to 4 (mean 1.75), correlation -1" },
  { x: [1, 1], y: [1, 2], text: "2 points, x 1 to 1 (mean 1), y 1 to 2 (mean 1.5), correlation NaN" },
  { x: [], y: [], text: "0 points, x NaN to NaN (mean NaN), y NaN to NaN (mean NaN), correlation NaN" },
])("a scatter in words: $text", ({ x, y, text }) => expect(scatterText(Float64Array.from(x), Float64Array.from(y))).toBe(text));

test("an event as text", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  expect(eventText({ message: "hello", step: 1 })).toBe("hello");
  expect(eventText({ message: "see https://me:pw@host" })).toBe("see https://***@host");
  expect(eventText({ a: 1 })).toBe('{"a":1}');
  expect(eventText({ big: 1n, password: 7 })).toBe('{"big":"1","password":"***"}');
  expect(eventText(circular)).toBe('{"self":"[circular]"}');
});
