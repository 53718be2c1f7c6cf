import { z } from "zod";
import type { MetricTrackerConfig as Input, ResolvedMetricTrackerConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, text, windowField } from "../fields.js";

const shape = () =>
  z.strictObject({
    metrics: field(z.array(text()).readonly().optional(), "The metrics to track, by monitor name; left out: all of them."),
    window: windowField(10, "Checks that the robust slope is computed over."),
    maxHistory: field(
      count(2).default(10_000),
      "Values of each metric that are kept, in memory and in checkpoints; of more, the oldest are dropped, with one warning. The best value is kept.",
    ),
  });

const schema = () =>
  shape().refine(({ window, maxHistory }) => window <= maxHistory, {
    error: "The history is shorter than window. Raise maxHistory, or lower window.",
    path: ["maxHistory"],
  });

export type MetricTrackerConfig = Input;
/** Which metrics are tracked, and over how many checks their slope is taken. */
export const MetricTrackerConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "What the metric tracker follows; used when enableMetricTracker is true.",
  schema,
);
