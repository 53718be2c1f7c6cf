import { describe, expect, test } from "vitest";
import type { ImageData } from "../../../../contract/index.js";
import { rasterScatter } from "./scatter.js";
import { ticksOf } from "./ticks.js";

describe("ticksOf", () => {
  test.each([
    { range: [0, 10, 6], labels: ["0", "2", "4", "6", "8", "10"] },
    { range: [-1.04, 1.04, 5], labels: ["-1.0", "-0.5", "0", "0.5", "1.0"] },
    { range: [0, 1, 5], labels: ["0", "0.25", "0.50", "0.75", "1.00"] },
    { range: [2.6e-6, 3.4e-6, 5], labels: ["2.6e-6", "2.8e-6", "3.0e-6", "3.2e-6", "3.4e-6"] },
    { range: [0, 3e9, 4], labels: ["0", "1e9", "2e9", "3e9"] },
    { range: [1e9, 1e9 + 4, 3], labels: ["1.000000000e9", "1.000000002e9", "1.000000004e9"] },
    { range: [-5e299, 5e299, 3], labels: ["-5e299", "0", "5e299"] },
  ])("$range", ({ range: [least = 0, greatest = 0, most = 0], labels }) => {
    expect(ticksOf(least, greatest, most).map(({ label }) => label)).toEqual(labels);
  });
});

describe("rasterScatter", () => {
  const blue = ({ width, data }: ImageData): [number, number][] => {
    const found: [number, number][] = [];
    for (let at = 0; at < data.length; at += 3) {
      const [red = 0, , third = 0] = data.subarray(at, at + 3);
      if (third - red > 100) found.push([(at / 3) % width, Math.floor(at / 3 / width)]);
    }
    return found;
  };

  test("points stand where their values are: x to the right, y upwards", () => {
    const low = blue(rasterScatter(Float32Array.of(0, 10), Float32Array.of(0, 10)));
    const across = low.map(([x]) => x);
    const lowest = low.filter(([x]) => x === Math.min(...across)).map(([, y]) => y);
    const highest = low.filter(([x]) => x === Math.max(...across)).map(([, y]) => y);
    expect(Math.min(...lowest)).toBeGreaterThan(315); // of 420
    expect(Math.max(...highest)).toBeLessThan(60);
  });

  test.each([
    { name: "no points", x: [], y: [] },
    { name: "one point", x: [5], y: [1e9] },
    { name: "nothing finite", x: [NaN, 1], y: [1, Infinity] },
    { name: "huge and tiny", x: [1e300, -1e300], y: [5e-324, 0] },
    { name: "equal but for the last bit", x: [1, 1 + Number.EPSILON], y: [-0, 0] },
  ])("$name: a picture of the size that was asked for", ({ x, y }) => {
    const image = rasterScatter(Float64Array.from(x), Float64Array.from(y), {
      width: 200,
      height: 160,
      title: "t",
      oneToOne: true,
    });
    expect([image.width, image.height, image.channels, image.data.length]).toEqual([200, 160, 3, 200 * 160 * 3]);
  });

  test("many points are drawn one pixel each", () => {
    const many = Float32Array.from({ length: 200_000 }, (_, index) => Math.sin(index));
    expect(blue(rasterScatter(many, many)).length).toBeGreaterThan(300);
  });

  test.each([
    { name: "x and y of different lengths", x: 2, y: 3, width: 640 },
    { name: "a picture too small for its labels", x: 2, y: 2, width: 20 },
  ])("$name is refused", ({ x, y, width }) => {
    expect(() => rasterScatter(new Float32Array(x), new Float32Array(y), { width })).toThrow(/ERR_METRIC_VALUE/);
  });
});
