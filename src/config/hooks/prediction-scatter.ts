import { z } from "zod";
import type { PredictionScatterConfig as Input, ResolvedPredictionScatterConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const schema = () =>
  z.strictObject({
    source: field(
      z.enum(["validation", "train"]).default("validation"),
      "Which batches are plotted: all of each validation, or single train batches.",
    ),
    scatterFreq: field(count().default(500), 'Steps between two plots where source is "train".'),
    maxPoints: field(count().default(2000), "Points in one plot; of more, a random sample of this size is drawn."),
    output: field(
      count(0).optional(),
      "Index from 0 of the one output to plot where a sample has several; left out: all of them.",
    ),
  });

export type PredictionScatterConfig = Input;
/** Which predictions are plotted against their targets, and how many points. */
export const PredictionScatterConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Predictions against targets; used when enablePredictionScatter is true.",
  schema,
);
