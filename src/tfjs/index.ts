/** TensorFlow.js models and data for the trainer. The `tf` is the caller's; none is imported here. */
import "../support/needs-node.js"; // first
export { tfjsCallback, type CallbackOf, type TfjsCallbackOptions, type TfjsCallbacks, type TfjsFitCallback } from "./callback.js";
export type { ClassWeight } from "./class-weight.js";
export type { DatasetLoaderOptions } from "./dataset-loader.js";
export type { GradientClip } from "./gradient-clip.js";
export { tfjsLoader } from "./loader.js";
export { tfjsModel } from "./model.js";
export type { FunctionModelOptions, LayersModelOptions, TfjsModel, TfjsTraining } from "./options.js";
export type { PartsOptions, TfjsPart, TfjsPartsStep } from "./parts-options.js";
export { tfjsSeedWeights } from "./seed-weights.js";
export { tfjsSplit, type SplitOptions, type TfjsSplit } from "./split.js";
export type { TensorLoaderOptions } from "./tensor-loader.js";
export type * from "./types.js";
