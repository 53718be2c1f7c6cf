import { z } from "zod";
import type { MetricTrackerConfig as Input, ResolvedMetricTrackerConfig as Resolved } from "../../contract/index.js";
import { agreeing, field, text, windowField } from "../fields.js";

const schema = () =>
  z.strictObject({
    metrics: field(z.array(text()).readonly().optional(), "The metrics to track, by monitor name; left out: all of them."),
    window: windowField(10, "Checks that the robust slope is computed over."),
  });

export type MetricTrackerConfig = Input;
/** Which metrics are tracked, and over how many checks their slope is taken. */
export const MetricTrackerConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "What the metric tracker follows; used when enableMetricTracker is true.",
  schema,
);
