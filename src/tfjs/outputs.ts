import type { ImageData, MaybePromise, StateTree, StepOutputs, Tensor } from "../contract/index.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";
import { readTree } from "./weights.js";

/** Predictions, targets and, for image inputs, the images of one step, copied off the device. */
export function stepOutputs(
  ops: TfjsOps,
  inputs: TfjsTensor,
  targets: TfjsTensor,
  predictions: TfjsTensor,
): MaybePromise<StepOutputs> {
  const tensors = [predictions, targets, ...(isImages(inputs) ? [inputs] : [])];
  const tree = readTree(
    ops,
    tensors.map((tensor, index) => ({ name: PARTS[index] ?? "", tensor })),
  );
  return tree instanceof Promise ? tree.then(assemble) : assemble(tree);
}

const PARTS = ["predictions", "targets", "images"];

function assemble({ predictions, targets, images }: StateTree): StepOutputs {
  return { predictions, targets, ...(images === undefined ? {} : { images: imagesOf(images) }) };
}

function isImages(tensor: TfjsTensor): boolean {
  const channels = tensor.shape[3];
  return tensor.shape.length === 4 && tensor.dtype === "float32" && (channels === 1 || channels === 3 || channels === 4);
}

function imagesOf({ shape, data }: Tensor): ImageData[] {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const size = height * width * channels;
  const pixels = data as Float32Array;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels: channels as 1 | 3 | 4,
    data: pixels.slice(i * size, (i + 1) * size),
  }));
}
