import { expect, test } from "vitest";
import { encodeWav } from "./audio.js";
import { imagesValue } from "./image.js";
import { meshValues } from "./mesh.js";
import { encodePng } from "./png.js";
import { prCurveValue } from "./pr-curve.js";
import { tableValue } from "./table.js";

const triangle = new Float32Array(9);

test.each<{ name: string; make: () => unknown; says: RegExp }>([
  {
    name: "an image with too few values",
    make: () => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(11) }),
    says: /2 x 2 pixels with 3 channels and 11 values/,
  },
  {
    name: "an image without pixels",
    make: () => encodePng({ width: 0, height: 2, channels: 1, data: new Uint8Array(0) }),
    says: /0 x 2/,
  },
  { name: "no images", make: () => imagesValue("samples", []), says: /list of images is empty/ },
  { name: "a table without rows", make: () => tableValue("t", []), says: /first row/ },
  { name: "a table without cells", make: () => tableValue("t", [[], []]), says: /first row/ },
  { name: "half a sample a second", make: () => encodeWav(triangle, 0.5), says: /0.5 Hz/ },
  { name: "a channel with fewer samples", make: () => encodeWav(triangle, 8000, { channels: 2 }), says: /2 channels/ },
  { name: "logits", make: () => prCurveValue("pr", [1, 0], [0.5, 3.5]), says: /Score 1 is 3.5[^]*sigmoid/ },
  { name: "a score of NaN", make: () => prCurveValue("pr", [1], [NaN]), says: /Score 0 is NaN/ },
  { name: "labels without scores", make: () => prCurveValue("pr", [1, 0], [0.5]), says: /2 labels and 1 scores/ },
  { name: "one threshold", make: () => prCurveValue("pr", [1], [0.5], { thresholds: 1 }), says: /1 thresholds/ },
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

test("floats outside 0..1 are clamped, NaN is black", () => {
  const pixels = (data: Uint8Array | Float32Array): Uint8Array => encodePng({ width: 5, height: 1, channels: 1, data });
  expect(pixels(Float32Array.of(-3, NaN, 0.5, 1, 7))).toEqual(pixels(Uint8Array.of(0, 0, 128, 255, 255)));
});
