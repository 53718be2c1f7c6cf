import { TrainscopeError } from "../../../support/errors.js";
import { textProblem } from "../../composite/record-problems.js";
import { DataClass, pluginValue, stringTensor } from "./value.js";

/** Markdown as a Summary.Value of TensorBoard's text plugin. Throws `ERR_METRIC_VALUE` for what is no text. */
export function textValue(tag: string, markdown: string): Uint8Array<ArrayBuffer> {
  const problem = textProblem(markdown);
  if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", problem);
  return pluginValue({ tag, plugin: "text", dataClass: DataClass.tensor, tensor: stringTensor([], [markdown]) });
}
