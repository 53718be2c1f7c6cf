import { z } from "zod";
import type { WeightHistogramsConfig as Input, ResolvedWeightHistogramsConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, paramFilterField } from "../fields.js";

const schema = () =>
  z.strictObject({
    histogramFreq: field(count().default(100), "Steps between two histograms; each reads the weights from the device."),
    paramFilter: paramFilterField(),
  });

export type WeightHistogramsConfig = Input;
/** Which weights are logged as histograms, and how often. */
export const WeightHistogramsConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Histograms of the weights; used when enableWeightHistograms is true.",
  schema,
);
