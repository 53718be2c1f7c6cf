/** TensorFlow.js models and data for the trainer. The `tf` is the caller's; none is imported here. */
import "../support/needs-node.js"; // first
export type { DatasetLoaderOptions } from "./dataset-loader.js";
export { tfjsLoader } from "./loader.js";
export { tfjsModel } from "./model.js";
export type { FunctionModelOptions, LayersModelOptions, TfjsModel, TfjsTraining } from "./options.js";
export type { TensorLoaderOptions } from "./tensor-loader.js";
export type * from "./types.js";
