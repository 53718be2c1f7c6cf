import type { TypedArray } from "../../../contract/index.js";
import { checkedOptions, optional, type OptionRules } from "../../../support/option-keys.js";
import { unchecked } from "./option-checks.js";
import { exponentialBuckets } from "./tf1-buckets.js";
import { isBucketCount, MOST_BUCKETS, uniformBuckets, type Histogram } from "./uniform-buckets.js";
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

const RULES: OptionRules<HistogramOptions, HistogramOptions> = {
  buckets: optional({
    allowed: `an integer from 1 to ${MOST_BUCKETS}, or "tf1"`,
    accepts: (value) => value === "tf1" || isBucketCount(value),
  }),
  wallTime: optional(unchecked),
};

/** The options, checked but for the time. Throws `ERR_CONFIG`. */
export function histogramOptions(options: HistogramOptions): HistogramOptions {
  return checkedOptions<HistogramOptions, HistogramOptions>(options, RULES, "addHistogram");
}

const DEFAULT_BUCKETS = 30;

/** The histogram of the finite values, with the edges and counts of the `tensorboard` package. */
export function histogramOf(values: TypedArray, { buckets = DEFAULT_BUCKETS }: HistogramOptions = {}): Histogram {
  const numbers =
    values instanceof BigInt64Array || values instanceof BigUint64Array ? Float64Array.from(values, Number) : values;
  return buckets === "tf1" ? exponentialBuckets(numbers) : uniformBuckets(numbers, buckets);
}

/** The histogram of the finite values as a Summary.Value. The options are checked. */
export function histogramValue(tag: string, values: TypedArray, options: HistogramOptions = {}): Uint8Array<ArrayBuffer> {
  const { rows } = histogramOf(values, options);
  const tensor = numberTensor([rows.length / 3, 3], rows);
  return pluginValue({ tag, plugin: "histograms", dataClass: DataClass.tensor, tensor });
}
