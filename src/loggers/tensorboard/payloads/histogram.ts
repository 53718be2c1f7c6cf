import type { TypedArray } from "../../../contract/index.js";
import { keysOf } from "./known-keys.js";
import { exponentialBuckets } from "./tf1-buckets.js";
import { uniformBuckets, type Histogram } from "./uniform-buckets.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

/** What `SummaryWriter.addHistogram` takes beside the values. */
export interface HistogramOptions {
  /**
   * The number of buckets of equal width between the least and the greatest value, 1 to 1,000,000; or "tf1": the buckets of
   * TensorFlow 1, each 1.1 times as wide as the one before, which resolve values near 0. @default 30
   */
  buckets?: number | "tf1" | undefined;
  /** Seconds since 1970 at which the values were read. @default now */
  wallTime?: number | undefined;
}

/** The keys of `HistogramOptions`. */
export const HISTOGRAM_KEYS: readonly string[] = keysOf<HistogramOptions>({ buckets: true, wallTime: true });

const DEFAULT_BUCKETS = 30;

/** The histogram of the finite values, with the edges and counts of the `tensorboard` package. */
export function histogramOf(values: TypedArray, { buckets = DEFAULT_BUCKETS }: HistogramOptions = {}): Histogram {
  const numbers =
    values instanceof BigInt64Array || values instanceof BigUint64Array ? Float64Array.from(values, Number) : values;
  return buckets === "tf1" ? exponentialBuckets(numbers) : uniformBuckets(numbers, buckets);
}

/** The histogram of the finite values as a Summary.Value. Throws `ERR_METRIC_VALUE` for an impossible number of buckets. */
export function histogramValue(tag: string, values: TypedArray, options: HistogramOptions = {}): Uint8Array<ArrayBuffer> {
  const { rows } = histogramOf(values, options);
  const tensor = numberTensor([rows.length / 3, 3], rows);
  return pluginValue({ tag, plugin: "histograms", dataClass: DataClass.tensor, tensor });
}
