import { z } from "zod";
import type { MetricsConfig as Input, ResolvedMetricsConfig } from "../contract/index.js";
import { aggregation, agreeing, field, mode } from "./fields.js";

export type MetricsConfig = Input;

const schema = () =>
  z.strictObject({
    aggregationStrategy: field(
      aggregation().default("weightedAverage"),
      "How the values of an epoch's steps become one; weight = samples.",
    ),
    perMetric: field(
      z.record(z.string().min(1), aggregation()).readonly().default({}),
      "Another strategy for single metrics, by bare name.",
    ),
    directions: field(
      z.record(z.string().min(1), mode()).readonly().default({}),
      "Which direction is better, by bare or monitor name.",
    ),
  });

/** How metrics are merged over the steps of an epoch. */
export const MetricsConfig: z.ZodType<ResolvedMetricsConfig, Input> = agreeing<ResolvedMetricsConfig, Input>()(
  "How metrics are merged over the steps of an epoch.",
  schema,
);
