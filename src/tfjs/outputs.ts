import type { ImageData, MaybePromise, StateTree, StepOutputs, StepResult, Tensor } from "../contract/index.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsOutputs, TfjsTensor } from "./types.js";
import { readTree } from "./weights.js";

/** `result` with `outputs`, copied off the device. `images` are left out where their shape or type is not that of images. */
export function withOutputs(ops: TfjsOps, result: StepResult, outputs: TfjsOutputs): MaybePromise<StepResult> {
  const named = PARTS.flatMap((name) => {
    const tensor = outputs[name];
    return tensor === undefined || (name === "images" && !isImages(tensor)) ? [] : [{ name, tensor }];
  });
  const tree = readTree(ops, named);
  const assemble = (read: StateTree): StepResult => ({ ...result, outputs: assembled(read) });
  return tree instanceof Promise ? tree.then(assemble) : assemble(tree);
}

const PARTS = ["predictions", "targets", "images"] as const;

function assembled({ predictions, targets, images }: StateTree): StepOutputs {
  return { predictions, targets, ...(images === undefined ? {} : { images: imagesOf(images) }) };
}

function isImages(tensor: TfjsTensor): boolean {
  const channels = tensor.shape[3];
  const isNumeric = tensor.dtype === "float32" || tensor.dtype === "int32";
  return tensor.shape.length === 4 && isNumeric && (channels === 1 || channels === 3 || channels === 4);
}

function imagesOf({ shape, data }: Tensor): ImageData[] {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const size = height * width * channels;
  const pixels = data as Float32Array | Int32Array;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels: channels as 1 | 3 | 4,
    data: pixels.slice(i * size, (i + 1) * size),
  }));
}
