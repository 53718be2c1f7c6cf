/** TensorBoard event files from Node alone. The subpath `trainscope/tensorboard`. */
export { TensorBoardBackend, type TensorBoardBackendOptions } from "./backend.js";
export { SummaryWriter, type SummaryWriterOptions } from "./summary-writer.js";
export type { ChartCategory, CustomScalarsLayout, MarginSeries, ScalarChart } from "./payloads/custom-scalars.js";
export type { HistogramOptions } from "./payloads/histogram.js";
export type { HparamValue, HparamValues } from "./payloads/hparams.js";
export type { Mesh } from "./payloads/mesh.js";
export type { PrCurveOptions } from "./payloads/pr-curve.js";
