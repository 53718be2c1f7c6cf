import { z } from "zod";
import type {
  PredictionScatterConfig as ScatterInput,
  ResolvedPredictionScatterConfig,
  ResolvedSampleImagesConfig,
  ResolvedWeightHistogramsConfig,
  SampleImagesConfig as ImagesInput,
  WeightHistogramsConfig as WeightsInput,
} from "../../contract/index.js";
import { agreeing, count, field, text } from "../fields.js";

export type WeightHistogramsConfig = WeightsInput;
export type SampleImagesConfig = ImagesInput;
export type PredictionScatterConfig = ScatterInput;

const weights = () =>
  z.strictObject({
    histogramFreq: field(count().default(100), "Steps between two looks at the weights."),
    paramFilter: field(z.array(text()).readonly().default([]), "Parts of parameter names to watch; empty: every parameter."),
  });

/** Histograms of the weights. */
export const WeightHistogramsConfig: z.ZodType<ResolvedWeightHistogramsConfig, WeightsInput> = agreeing<
  ResolvedWeightHistogramsConfig,
  WeightsInput
>()("Histograms of the weights; used when enableWeightHistograms is true.", weights);

const images = () =>
  z.strictObject({
    imageFreq: field(count().default(500), "Steps between two pictures."),
    maxImages: field(count().default(16), "Images of the batch in one picture."),
  });

/** What the model is shown. */
export const SampleImagesConfig: z.ZodType<ResolvedSampleImagesConfig, ImagesInput> = agreeing<
  ResolvedSampleImagesConfig,
  ImagesInput
>()("Images of the train batches; used when enableSampleImages is true.", images);

const scatter = () =>
  z.strictObject({
    source: field(
      z.enum(["validation", "train"]).default("validation"),
      "Which batches are shown: every validation, or train batches.",
    ),
    scatterFreq: field(count().default(500), 'Steps between two pictures, for "train".'),
    maxPoints: field(count().default(2000), "Points of one picture; of more, so many are drawn by chance."),
    output: field(count(0).optional(), "Of several values a sample, the one to show, from 0; left out: all of them."),
  });

/** Predictions beside targets. */
export const PredictionScatterConfig: z.ZodType<ResolvedPredictionScatterConfig, ScatterInput> = agreeing<
  ResolvedPredictionScatterConfig,
  ScatterInput
>()("Predictions beside targets; used when enablePredictionScatter is true.", scatter);
