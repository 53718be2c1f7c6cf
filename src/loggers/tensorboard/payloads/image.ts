import type { ImageData } from "../../../contract/index.js";
import { TrainscopeError } from "../../../support/errors.js";
import { encodePng } from "./png.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Images of one step and tag as a Summary.Value: TensorBoard shows them side by side, each in the size of the first. */
export function imagesValue(tag: string, images: readonly ImageData[]): Uint8Array<ArrayBuffer> {
  const [first] = images;
  if (first === undefined) throw new TrainscopeError("ERR_METRIC_VALUE", "The list of images is empty. Give at least one.");
  const strings = [String(first.width), String(first.height), ...images.map(encodePng)];
  return pluginValue({ tag, plugin: "images", dataClass: DataClass.blobs, tensor: stringTensor([strings.length], strings) });
}
