import { z } from "zod";
import type { ThroughputConfig as Input, ResolvedThroughputConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field } from "../fields.js";

const schema = () =>
  z.strictObject({
    windowSize: field(count().default(100), "Batches that a rate is averaged over; more make it smoother and slower to follow."),
  });

export type ThroughputConfig = Input;
/** Over how many batches rates are averaged. */
export const ThroughputConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Samples and tokens per second; used when enableThroughput is true.",
  schema,
);
