import { z } from "zod";
import type { SampleImagesConfig as Input, ResolvedSampleImagesConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const schema = () =>
  z.strictObject({
    imageFreq: field(count().default(500), "Steps between two pictures."),
    maxImages: field(count().default(16), "Images of the batch in one picture; the rest of the batch is left out."),
  });

export type SampleImagesConfig = Input;
/** How many images of the train batches are logged, and how often. */
export const SampleImagesConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Images of the train batches; used when enableSampleImages is true. Floats are 0 to 1 and integers 0 to 255; where values are outside, their range is scaled to fit.",
  schema,
);
