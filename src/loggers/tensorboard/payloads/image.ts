import type { ImageData } from "../../../contract/index.js";
import { TrainscopeError } from "../../../support/errors.js";
import { valueText } from "../../../support/value-text.js";
import { imageProblem } from "../../composite/record-problems.js";
import { encodePng } from "./png.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Why `images` cannot be images of one step; the range of their values is not checked here. */
export function imagesProblem(images: unknown): string | null {
  if (!Array.isArray(images)) return `The images are ${valueText(images)}, not a list of images.`;
  if (images.length === 0) return "The list of images is empty. Give at least one.";
  for (const image of images) {
    const problem = imageProblem(image as ImageData);
    if (problem !== null) return problem;
  }
  return null;
}

/** Images of one step and tag as a Summary.Value: TensorBoard shows them side by side, each in the size of the first. */
export function imagesValue(tag: string, images: readonly ImageData[]): Uint8Array<ArrayBuffer> {
  const problem = imagesProblem(images);
  if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", problem);
  const { width, height } = images[0] as ImageData;
  const strings = [String(width), String(height), ...images.map(encodePng)];
  return pluginValue({ tag, plugin: "images", dataClass: DataClass.blobs, tensor: stringTensor([strings.length], strings) });
}
