import { TrainscopeError } from "../../../support/errors.js";
import { ProtoWriter } from "../files/protobuf.js";
import { DataClass, numberTensor, pluginValue } from "./value.js";

const DEFAULT_THRESHOLDS = 201;
const MOST_THRESHOLDS = 100_000;
const SMALLEST_DIVISOR = 1e-7;

export interface PrCurveOptions {
  /** Thresholds, evenly from 0 to 1. Default 201. */
  thresholds?: number | undefined;
}

/**
 * A precision-recall curve as a Summary.Value. `labels` are true or not (0) and `scores` are 0..1, one for each label.
 * Throws `ERR_METRIC_VALUE` for a score that is outside 0..1 or NaN.
 */
export function prCurveValue(
  tag: string,
  labels: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  { thresholds = DEFAULT_THRESHOLDS }: PrCurveOptions = {},
): Uint8Array<ArrayBuffer> {
  checkCurve(labels, scores, thresholds);
  const content = new ProtoWriter().varint(2, thresholds).finish();
  const tensor = numberTensor([6, thresholds], curveOf(labels, scores, thresholds));
  return pluginValue({ tag, plugin: "pr_curves", content, dataClass: DataClass.tensor, tensor });
}

/** Six rows: true positives, false positives, true negatives, false negatives, precision, recall at each threshold. */
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

function checkCurve(labels: ArrayLike<unknown>, scores: ArrayLike<number>, thresholds: number): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  };
  if (!Number.isInteger(thresholds) || thresholds < 2 || thresholds > MOST_THRESHOLDS) {
    refuse(`A precision-recall curve cannot have ${thresholds} thresholds.\nGive a whole number from 2 to ${MOST_THRESHOLDS}.`);
  }
  if (labels.length !== scores.length)
    refuse(`There are ${labels.length} labels and ${scores.length} scores: give one for each other.`);
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index] as number;
    if (score >= 0 && score <= 1) continue;
    refuse(`Score ${index} is ${score}; scores are from 0 to 1.\nPass probabilities: a sigmoid makes them of logits.`);
  }
}
