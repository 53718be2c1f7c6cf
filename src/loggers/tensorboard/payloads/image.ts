import type { ImageData } from "../../../contract/index.js";
import { TrainscopeError } from "../../../support/errors.js";
import { encodePng } from "./png.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** One image as a Summary.Value of TensorBoard's images. */
export function imageValue(tag: string, image: ImageData): Uint8Array<ArrayBuffer> {
  return imagesValue(tag, [image]);
}

/** Images of one step and tag, shown side by side; TensorBoard takes the size of the first for all of them. */
export function imagesValue(tag: string, images: readonly ImageData[]): Uint8Array<ArrayBuffer> {
  const [first] = images;
  if (first === undefined) throw new TrainscopeError("ERR_METRIC_VALUE", `There is no image for "${tag}": the list is empty.`);
  const strings = [String(first.width), String(first.height), ...images.map(encodePng)];
  return pluginValue({ tag, plugin: "images", dataClass: DataClass.blobs, tensor: stringTensor([strings.length], strings) });
}
