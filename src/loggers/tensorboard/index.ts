/** TensorBoard event files from Node alone. The subpath `trainscope/tensorboard`. */
import "../../support/needs-node.js"; // first
export { TensorBoardBackend } from "./backend.js";
export type { SummaryWriterOptions, TensorBoardBackendOptions } from "./options.js";
export { SummaryWriter } from "./summary-writer.js";
export type { ChartCategory, CustomScalarsLayout, MarginSeries, ScalarChart } from "./payloads/custom-scalars.js";
export type { HistogramOptions } from "./payloads/histogram.js";
export type { HparamValue, HparamValues } from "./payloads/hparams.js";
export type { Mesh } from "./payloads/mesh.js";
export type { PrCurveOptions } from "./payloads/pr-curve.js";
export type { ScatterOptions } from "./payloads/raster/scatter.js";
