import type { TypedArray } from "../../../contract/index.js";
import { exponentialBuckets } from "./tf1-buckets.js";
import { uniformBuckets, type Histogram } from "./uniform-buckets.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

export interface HistogramOptions {
  /** So many of one width (default 30), or "tf1": those of TensorFlow 1, each a tenth wider than the one before. */
  buckets?: number | "tf1" | undefined;
}

const DEFAULT_BUCKETS = 30;

/** The histogram of the finite values, as the `tensorboard` package makes it. */
export function histogramOf(values: TypedArray, { buckets = DEFAULT_BUCKETS }: HistogramOptions = {}): Histogram {
  const numbers =
    values instanceof BigInt64Array || values instanceof BigUint64Array ? Float64Array.from(values, Number) : values;
  return buckets === "tf1" ? exponentialBuckets(numbers) : uniformBuckets(numbers, buckets);
}

/** A histogram of `values` as a Summary.Value. NaN and infinities are left out: `histogramOf` counts them. */
export function histogramValue(tag: string, values: TypedArray, options: HistogramOptions = {}): Uint8Array<ArrayBuffer> {
  return encodeHistogram(tag, histogramOf(values, options));
}

/** A histogram that was made before, as a Summary.Value. */
export function encodeHistogram(tag: string, { rows }: Histogram): Uint8Array<ArrayBuffer> {
  const tensor = numberTensor([rows.length / 3, 3], rows);
  return pluginValue({ tag, plugin: "histograms", dataClass: DataClass.tensor, tensor });
}
