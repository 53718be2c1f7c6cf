import { TrainscopeError } from "../../../support/errors.js";
import { ProtoWriter } from "../files/protobuf.js";
import { checkedOptions, optional, type OptionRules } from "../../../support/option-keys.js";
import { valueText } from "../../../support/value-text.js";
import { unchecked } from "./option-checks.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

const DEFAULT_THRESHOLDS = 201;
const MOST_THRESHOLDS = 100_000;
const SMALLEST_DIVISOR = 1e-7;

/** What `SummaryWriter.addPrCurve` takes beside labels and scores. */
export interface PrCurveOptions {
  /** The number of points of the curve: thresholds at equal distances from 0 to 1, 2 to 100,000. @default 201 */
  thresholds?: number | undefined;
  /** Seconds since 1970 at which the scores were computed. @default now */
  wallTime?: number | undefined;
}

const RULES: OptionRules<PrCurveOptions, PrCurveOptions> = {
  thresholds: optional({
    allowed: `an integer from 2 to ${MOST_THRESHOLDS}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= 2 && (value as number) <= MOST_THRESHOLDS,
  }),
  wallTime: optional(unchecked),
};

/** The options, checked but for the time. Throws `ERR_CONFIG`. */
export function prCurveOptions(options: PrCurveOptions): PrCurveOptions {
  return checkedOptions<PrCurveOptions, PrCurveOptions>(options, RULES, "addPrCurve");
}

/**
 * A precision-recall curve as a Summary.Value. A label is true or false (1 or 0); each has a score from 0 to 1.
 * Throws `ERR_METRIC_VALUE` for a score that is outside of 0..1 or NaN, another label, and lengths that differ. The options are checked.
 */
export function prCurveValue(
  tag: string,
  labels: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  { thresholds = DEFAULT_THRESHOLDS }: PrCurveOptions = {},
): Uint8Array<ArrayBuffer> {
  checkCurve(labels, scores);
  const content = new ProtoWriter().varint(2, thresholds).finish();
  const tensor = numberTensor([6, thresholds], curveOf(labels, scores, thresholds));
  return pluginValue({ tag, plugin: "pr_curves", content, dataClass: DataClass.tensor, tensor });
}

/** Six rows with a value per threshold: true positives, false positives, true negatives, false negatives, precision, recall. */
function curveOf(labels: ArrayLike<number | boolean>, scores: ArrayLike<number>, thresholds: number): Float32Array {
  const positives = new Float64Array(thresholds);
  const negatives = new Float64Array(thresholds);
  const single = scores instanceof Float32Array;
  for (let index = 0; index < scores.length; index += 1) {
    const exact = (scores[index] as number) * (thresholds - 1);
    const bucket = Math.floor(single ? Math.fround(exact) : exact);
    (((labels[index] as number | boolean) ? positives : negatives)[bucket] as number) += 1;
  }
  sumFromRight(positives);
  sumFromRight(negatives);
  const allPositives = positives[0] as number;
  const allNegatives = negatives[0] as number;

  const rows = new Float32Array(6 * thresholds);
  for (let index = 0; index < thresholds; index += 1) {
    const tp = positives[index] as number;
    const fp = negatives[index] as number;
    rows[index] = tp;
    rows[thresholds + index] = fp;
    rows[2 * thresholds + index] = allNegatives - fp;
    rows[3 * thresholds + index] = allPositives - tp;
    rows[4 * thresholds + index] = tp / Math.max(SMALLEST_DIVISOR, tp + fp);
    rows[5 * thresholds + index] = tp / Math.max(SMALLEST_DIVISOR, allPositives);
  }
  return rows;
}

function sumFromRight(counts: Float64Array): void {
  for (let index = counts.length - 2; index >= 0; index -= 1) (counts[index] as number) += counts[index + 1] as number;
}

function checkCurve(labels: ArrayLike<unknown>, scores: ArrayLike<unknown>): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  };
  for (const [name, values] of Object.entries({ labels, scores })) {
    if (!Array.isArray(values) && (!ArrayBuffer.isView(values) || values instanceof DataView))
      refuse(`The ${name} are ${valueText(values)}, not a list or a typed array.`);
  }
  if (labels.length !== scores.length)
    refuse(`There are ${labels.length} labels and ${scores.length} scores. Give one score for each label.`);
  for (let index = 0; index < scores.length; index += 1) {
    const label = labels[index];
    const score = scores[index];
    if (label !== 0 && label !== 1 && label !== true && label !== false)
      refuse(`Label ${index} is ${valueText(label)}. Allowed: true and false, or 1 and 0.`);
    if (typeof score === "number" && score >= 0 && score <= 1) continue;
    refuse(`Score ${index} is ${valueText(score)}; scores are from 0 to 1.\nPass probabilities: the sigmoid of logits.`);
  }
}
