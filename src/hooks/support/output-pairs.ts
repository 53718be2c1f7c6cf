import type { StepOutputs, Tensor } from "../../contract/index.js";

/** One prediction for each target. */
export interface OutputPairs {
  targets: Float64Array;
  predictions: Float64Array;
}

/** Why there are no pairs of a model that fills no outputs. */
export const NO_OUTPUTS = "the model gave no predictions and targets. Fill StepResult.outputs when context.wantsOutputs.";

/** Predictions and targets of a batch side by side, all values of each sample or its value number `output`; else why not. */
export function outputPairs({ predictions, targets }: StepOutputs, output?: number): OutputPairs | string {
  if (predictions === undefined || targets === undefined) return NO_OUTPUTS;
  const samples = Math.max(1, predictions.shape[0] ?? 1);
  const width = predictions.data.length / samples;
  const targetWidth = targets.data.length / samples;
  if (output === undefined) {
    if (width !== targetWidth) return `${differing(predictions, targets)}; set output to show one of them.`;
    return { predictions: numbersOf(predictions, 1, 0), targets: numbersOf(targets, 1, 0) };
  }
  if (targetWidth !== width && targetWidth !== 1) return `${differing(predictions, targets)}.`;
  if (output >= width) return `there is no output ${output}: a sample has ${width}, from 0.`;
  return {
    predictions: numbersOf(predictions, width, output),
    targets: numbersOf(targets, targetWidth, targetWidth === 1 ? 0 : output),
  };
}

/** That the two cannot be compared, with their shapes. */
export function differing(predictions: Tensor, targets: Tensor): string {
  return `predictions of the shape [${predictions.shape.join(", ")}] do not fit targets of [${targets.shape.join(", ")}]`;
}

/** Every `stride`-th value from `start` on. */
function numbersOf({ data }: Tensor, stride: number, start: number): Float64Array {
  return Float64Array.from({ length: data.length / stride }, (_, index) => Number(data[index * stride + start]));
}
