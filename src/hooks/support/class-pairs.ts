import type { StepOutputs, Tensor } from "../../contract/index.js";
import { differing, NO_OUTPUTS } from "./output-pairs.js";

/** The true and the predicted class of each sample of a batch; -1 where there is none. */
export interface ClassPairs {
  /** How many classes there are: 2 for a model with one output. */
  classes: number;
  isBinary: boolean;
  truth: Int32Array;
  predicted: Int32Array;
}

/** The class of targets that name none, and of predictions that are NaN. */
export const NO_CLASS = -1;

/**
 * The classes of a batch; else why there are none. The last dimension of predictions is that of the classes, and the largest value is the
 * class; with one value a sample, those above `threshold` are class 1. Targets have the shape of predictions, or are numbers of classes.
 */
export function classPairs({ predictions, targets }: StepOutputs, threshold: number): ClassPairs | string {
  if (predictions === undefined || targets === undefined) return NO_OUTPUTS;
  const width = predictions.shape.length < 2 ? 1 : (predictions.shape.at(-1) ?? 1);
  const samples = width === 0 ? 0 : predictions.data.length / width;
  if (samples === 0) return `predictions of the shape [${predictions.shape.join(", ")}] have no classes.`;
  const isLike = targets.data.length === predictions.data.length;
  if (!isLike && targets.data.length !== samples)
    return `${differing(predictions, targets)}; targets are one-hot or numbers of classes.`;
  const classesOf = (read: (sample: number) => number): Int32Array => Int32Array.from({ length: samples }, (_, i) => read(i));
  if (width === 1) {
    const predicted = classesOf((i) => sideOf(Number(predictions.data[i]), threshold));
    return { classes: 2, isBinary: true, truth: classesOf((i) => binaryTarget(Number(targets.data[i]))), predicted };
  }
  const truth = isLike ? (i: number) => hotIndex(targets, width, i) : (i: number) => indexOf(Number(targets.data[i]), width);
  return {
    classes: width,
    isBinary: false,
    truth: classesOf(truth),
    predicted: classesOf((i) => largest(predictions, width, i)),
  };
}

function sideOf(value: number, threshold: number): number {
  return Number.isNaN(value) ? NO_CLASS : Number(value > threshold);
}

/** 0 and 1, or -1 and 1, smoothed or not. */
function binaryTarget(value: number): number {
  return Math.abs(value) <= 1 ? sideOf(value, 0.5) : NO_CLASS;
}

function indexOf(value: number, classes: number): number {
  return Number.isInteger(value) && value >= 0 && value < classes ? value : NO_CLASS;
}

/** The place of the largest value of a sample, of equal ones the first. NaN among them: none. */
function largest({ data }: Tensor, width: number, sample: number): number {
  let best = 0;
  for (let i = 0; i < width; i++) {
    const value = Number(data[sample * width + i]);
    if (Number.isNaN(value)) return NO_CLASS;
    if (value > Number(data[sample * width + best])) best = i;
  }
  return best;
}

/** As `largest`; none also where no value is above 0, or two are the largest: such a target names no single class. */
function hotIndex(tensor: Tensor, width: number, sample: number): number {
  const hot = largest(tensor, width, sample);
  if (hot === NO_CLASS) return NO_CLASS;
  const top = Number(tensor.data[sample * width + hot]);
  for (let i = hot + 1; i < width; i++) if (Number(tensor.data[sample * width + i]) === top) return NO_CLASS;
  return top > 0 ? hot : NO_CLASS;
}
