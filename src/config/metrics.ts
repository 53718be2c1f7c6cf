import { z } from "zod";
import type { MetricsConfig as Input, ResolvedMetricsConfig } from "../contract/index.js";
import { aggregation, agreeing, field, mode } from "./fields.js";

export type MetricsConfig = Input;

const schema = () =>
  z.strictObject({
    aggregationStrategy: field(
      aggregation().default("weightedAverage"),
      "How the values of an epoch's steps become one value; weights are the samples of each batch.",
    ),
    perMetric: field(
      z.record(z.string().min(1), aggregation()).readonly().default({}),
      "Another strategy for single metrics, by bare name (accuracy).",
    ),
    directions: field(
      z.record(z.string().min(1), mode()).readonly().default({}),
      "Whether lower or higher is better, by bare or monitor name; for metrics whose name does not say.",
    ),
  });

/** How metrics are merged over the steps of an epoch. */
export const MetricsConfig: z.ZodType<ResolvedMetricsConfig, Input> = agreeing<ResolvedMetricsConfig, Input>()(
  "How metrics are merged over the steps of an epoch.",
  schema,
);
