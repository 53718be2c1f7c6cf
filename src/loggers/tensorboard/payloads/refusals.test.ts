import { describe, expect, test } from "vitest";
import type { ImageData } from "../../../contract/index.js";
import { encodeWav } from "./audio.js";
import { imagesValue } from "./image.js";
import { meshValues } from "./mesh.js";
import { encodePng } from "./png.js";
import { prCurveOptions, prCurveValue } from "./pr-curve.js";
import { tableValue } from "./table.js";

const triangle = new Float32Array(9);

test.each<{ name: string; make: () => unknown; says: RegExp }>([
  {
    name: "an image with too few values",
    make: () => imagesValue("i", [{ width: 2, height: 2, channels: 3, data: new Uint8Array(11) }]),
    says: /11 values; 2 × 2 × 3 needs 12/,
  },
  {
    name: "an image without pixels",
    make: () => imagesValue("i", [{ width: 0, height: 2, channels: 1, data: new Uint8Array(0) }]),
    says: /0 × 2/,
  },
  { name: "no images", make: () => imagesValue("samples", []), says: /list of images is empty/ },
  { name: "a table without rows", make: () => tableValue("t", []), says: /first row/ },
  { name: "a table without cells", make: () => tableValue("t", [[], []]), says: /first row/ },
  { name: "half a sample a second", make: () => encodeWav(triangle, 0.5), says: /0.5 Hz/ },
  { name: "a channel with fewer samples", make: () => encodeWav(triangle, 8000, { channels: 2 }), says: /2 channels/ },
  { name: "logits", make: () => prCurveValue("pr", [1, 0], [0.5, 3.5]), says: /Score 1 is 3.5[^]*sigmoid/ },
  { name: "a score of NaN", make: () => prCurveValue("pr", [1], [NaN]), says: /Score 0 is NaN/ },
  { name: "labels without scores", make: () => prCurveValue("pr", [1, 0], [0.5]), says: /2 labels and 1 scores/ },
  { name: "a score as text", make: () => prCurveValue("pr", [1], ["0.5"] as never), says: /Score 0 is "0.5"/ },
  { name: "a class as a label", make: () => prCurveValue("pr", [2], [0.5]), says: /Label 0 is 2[^]*1 and 0/ },
  { name: "points of two numbers", make: () => meshValues("m", { vertices: new Float32Array(8) }), says: /vertices has 8/ },
  {
    name: "a face of a point that is not there",
    make: () => meshValues("m", { vertices: triangle, faces: Int32Array.of(0, 1, 3) }),
    says: /point 3[^]*0 to 2/,
  },
  {
    name: "faces between more points than TensorBoard counts",
    make: () => meshValues("m", { vertices: new Float32Array(65_537 * 3), faces: Int32Array.of(0, 1, 2) }),
    says: /at most 65536 points, and there are 65537/,
  },
  {
    name: "a color for some points",
    make: () => meshValues("m", { vertices: triangle, colors: new Uint8Array(3) }),
    says: /3 points have 1 colors/,
  },
])("$name is refused", ({ make, says }) => {
  expect(make).toThrow(expect.objectContaining({ code: "ERR_METRIC_VALUE", message: expect.stringMatching(says) as unknown }));
});

test("a curve of one threshold is refused", () => {
  expect(() => prCurveOptions({ thresholds: 1 })).toThrow(/ERR_CONFIG at addPrCurve.thresholds[^]*Found 1[^]*2 to 100000/);
});

describe("the type of the array says what pixels mean", () => {
  const png = (data: ImageData["data"]): Uint8Array => encodePng({ width: data.length, height: 1, channels: 1, data });
  const bytes = [0, 1, 128, 255];

  test.each([Uint8ClampedArray, Uint16Array, Int16Array, Int32Array, Uint32Array, Buffer as unknown as Uint8ArrayConstructor])(
    "%o: integers 0 to 255",
    (type) => {
      expect(png(type.from(bytes))).toEqual(png(Uint8Array.from(bytes)));
    },
  );

  test.each([Float32Array, Float64Array])("%o: floats 0 to 1, and what rounding may add", (type) => {
    expect(png(type.from([0, 1 / 255, 0.5, 1]))).toEqual(png(Uint8Array.from(bytes)));
    expect(png(type.from([-0.001, 1.001]))).toEqual(png(Uint8Array.from([0, 255])));
  });

  test("a view of a part of a clamped array is that part", () => {
    expect(png(Uint8ClampedArray.from([9, ...bytes, 9]).subarray(1, 5))).toEqual(png(Uint8Array.from(bytes)));
  });

  test.each<[ImageData["data"], RegExp]>([
    [Float32Array.of(0, 37), /Pixel value 1 is 37\. Allowed in a Float32Array of 2: 0 to 1\.[^]*Uint8Array\.from\(data\)/],
    [Float64Array.of(-0.8), /Pixel value 0 is -0\.8[^]*\(x \+ 1\) \/ 2/],
    [Float32Array.of(0.5, NaN), /Pixel value 1 is NaN/],
    [Float32Array.of(Infinity), /Pixel value 0 is Infinity/],
    [Uint16Array.of(0, 65_535), /Pixel value 1 is 65535\. Allowed in an? Uint16Array of 2: 0 to 255\.[^]*257/],
    [Int32Array.of(256), /Pixel value 0 is 256/],
    [Int8Array.of(-1), /Pixel value 0 is -1/],
  ])("%o is refused", (data, says) => {
    expect(() => png(data)).toThrow(says);
  });
});
