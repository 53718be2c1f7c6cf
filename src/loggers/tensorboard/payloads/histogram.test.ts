import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogramOf, histogramOptions } from "./histogram.js";

function countsOf(rows: Float64Array): number[] {
  return Array.from(rows).filter((_, index) => index % 3 === 2);
}

function total(rows: Float64Array): number {
  return countsOf(rows).reduce((sum, count) => sum + count, 0);
}

describe("histogramOf", () => {
  test("one width a bucket, from the least to the greatest value", () => {
    const { rows, nonFinite } = histogramOf(Float32Array.of(0, 1, 2, 3, 4), { buckets: 2 });
    expect({ rows: [...rows], nonFinite }).toEqual({ rows: [0, 2, 2, 2, 4, 3], nonFinite: 0 });
  });

  test("equal values are in the last bucket", () => {
    expect([...histogramOf(Float32Array.of(5, 5, 5), { buckets: 2 }).rows]).toEqual([5, 5, 0, 5, 5, 3]);
  });

  test.each([{ buckets: 30 }, { buckets: "tf1" as const }])(
    "NaN and infinities are left out and counted: $buckets",
    (options) => {
      const { rows, nonFinite } = histogramOf(Float32Array.of(NaN, 1, Infinity, 2, -Infinity), options);
      expect({ total: total(rows), nonFinite }).toEqual({ total: 2, nonFinite: 3 });
      expect([rows[0], rows.at(-2)]).toEqual([1, 2]);
    },
  );

  test("nothing finite: empty buckets, or none", () => {
    expect(histogramOf(new Float32Array(0)).rows).toEqual(new Float64Array(90));
    expect(histogramOf(Float32Array.of(NaN), { buckets: "tf1" })).toEqual({ rows: new Float64Array(0), nonFinite: 1 });
  });

  test.each([
    { name: "a range over the largest number", values: [-1.7e308, 0, 1.7e308], counts: [1, 1, 1] },
    { name: "a range that cannot be divided", values: [0, 5e-324, 1e-323], counts: [1, 1, 1] },
  ])("$name loses no count", ({ values, counts }) => {
    const { rows } = histogramOf(Float64Array.from(values), { buckets: 3 });
    expect(countsOf(rows)).toEqual(counts);
    expect([rows[0], rows.at(-2)]).toEqual([values[0], values[2]]);
    expect(rows.every(Number.isFinite)).toBe(true);
  });

  test("the buckets of TensorFlow 1: empty ones joined, the outer edges are values", () => {
    const { rows } = histogramOf(Float64Array.of(-2, 0, 0, 3), { buckets: "tf1" });
    expect(countsOf(rows)).toEqual([1, 0, 2, 0, 1]);
    expect([rows[0], rows.at(-2)]).toEqual([-2, 3]);
    expect([rows[6], rows[7]]).toEqual([0, 1e-12]); // 0 belongs to the bucket above it
  });

  test("a range of subnormal numbers keeps its edges in order", () => {
    const { rows } = histogramOf(Float64Array.of(0, 8e-323), { buckets: 30 });
    for (let at = 0; at < rows.length; at += 3) expect(rows[at]).toBeLessThanOrEqual(rows[at + 1] ?? NaN);
    expect(total(rows)).toBe(2);
  });

  test("any float64: each value in the bucket that holds it, edges in order", () => {
    const options = fc.constantFrom({ buckets: 30 }, { buckets: 1 }, { buckets: "tf1" as const });
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1 }), options, (values, { buckets }) => {
        const { rows, nonFinite } = histogramOf(values, { buckets });
        expect(total(rows) + nonFinite).toBe(values.length);
        for (let at = 0; at + 3 < rows.length; at += 3) expect(rows[at + 1]).toBe(rows[at + 3]);
        for (let at = 0; at < rows.length; at += 3) expect(rows[at]).toBeLessThanOrEqual(rows[at + 1] ?? NaN);
      }),
      { numRuns: 300 },
    );
  });

  test.each([0, -1, 1.5, NaN, 1e9])("%s buckets are refused", (buckets) => {
    expect(() => histogramOptions({ buckets })).toThrow(/ERR_CONFIG at addHistogram.buckets[^]*1 to 1000000/);
  });
});

test("counts of many values are those that one division each gives", () => {
  const floats = fc.float32Array({ minLength: 1, maxLength: 60, noNaN: true, min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(floats, fc.constantFrom(1, 7, 30, 1024, 1025), (values, buckets) => {
      const [least, greatest] = [Math.min(...values), Math.max(...values)];
      fc.pre(least < greatest);
      const counts = Array.from({ length: buckets }, () => 0);
      for (const value of values) {
        const bucket = Math.min(Math.trunc((value - least) / ((greatest - least) / buckets)), buckets - 1);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      expect(countsOf(histogramOf(values, { buckets }).rows)).toEqual(counts);
    }),
    { numRuns: 300 },
  );
});
