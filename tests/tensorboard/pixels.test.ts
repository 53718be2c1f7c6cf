/** What the values of pixels mean, by the type of their array: the same as TensorFlow.js draws, value by value. */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodePng } from "../../src/loggers/tensorboard/payloads/png.js";
import { pixels } from "./png.js";

type Values = Float32Array | Int32Array;

/** The grey levels that `tf.browser.toPixels` gives, or the message of its refusal. */
async function drawn(values: Values): Promise<number[] | string> {
  const tensor = tf.tensor2d(values, [1, values.length], values instanceof Int32Array ? "int32" : "float32");
  try {
    return Array.from(await tf.browser.toPixels(tensor)).filter((_, index) => index % 4 === 0);
  } catch (error) {
    return (error as Error).message;
  } finally {
    tensor.dispose();
  }
}

function written(values: Values): number[] {
  return pixels(Buffer.from(encodePng({ width: values.length, height: 1, channels: 1, data: values })), 1).data;
}

test.each([
  { type: "float32", from: (list: number[]) => Float32Array.from(list), value: fc.float({ min: 0, max: 1, noNaN: true }) },
  { type: "int32", from: (list: number[]) => Int32Array.from(list), value: fc.integer({ min: 0, max: 255 }) },
])("$type: as TensorFlow.js", async ({ from, value }) => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 50 }), async (list) => {
      expect(written(from(list))).toEqual(await drawn(from(list)));
    }),
    { numRuns: 50 },
  );
});

test.each<Values>([
  Float32Array.of(0.5, 37),
  Float32Array.of(-0.5),
  Float32Array.of(NaN),
  Int32Array.of(0, 256),
  Int32Array.of(-1),
])("%o is refused, as TensorFlow.js refuses it", async (values) => {
  const refusal = await drawn(values);
  if (Number.isFinite(values[0])) expect(refusal).toMatch(/must be in the range/);
  expect(() => written(values)).toThrow(/Pixel value \d is .+ Allowed in an? /);
});
