import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Markdown as a Summary.Value of TensorBoard's text plugin. */
export function textValue(tag: string, markdown: string): Uint8Array<ArrayBuffer> {
  return pluginValue({ tag, plugin: "text", dataClass: DataClass.tensor, tensor: stringTensor([], [markdown]) });
}
