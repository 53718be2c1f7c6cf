/** The test: what the trained weights make of digits that nothing has seen. */
import * as tf from "@tensorflow/tfjs";
import { CLASSES, digitLoader, loadDigits, type Digits } from "./data.js";

/** Of each digit how many there are, and how many were taken for another one. */
export interface Tested {
  accuracy: number;
  wrong: number[];
  all: number[];
}

/** The 2,000 digits of the test as they are, and shifted by up to two pixels. */
export function testDigits(net: tf.LayersModel): { clean: Tested; shifted: Tested } {
  const { test } = loadDigits();
  return { clean: tested(net, test, 0), shifted: tested(net, test, 2) };
}

function tested(net: tf.LayersModel, digits: Digits, shift: number): Tested {
  const wrong = Array<number>(CLASSES).fill(0);
  const all = Array<number>(CLASSES).fill(0);
  const batches = digitLoader(tf, digits, { batchSize: 500, shift, shuffle: false }).batches(0);
  let at = 0;
  for (const { xs, ys } of batches as Iterable<{ xs: tf.Tensor; ys: tf.Tensor }>) {
    const classes = tf.tidy(() => (net.predict(xs) as tf.Tensor).argMax(-1).dataSync());
    tf.dispose([xs, ys]);
    for (const predicted of classes) {
      const digit = digits.labels[at++] ?? 0;
      all[digit]!++;
      if (predicted !== digit) wrong[digit]!++;
    }
  }
  return { accuracy: 1 - wrong.reduce((sum, count) => sum + count, 0) / at, wrong, all };
}
