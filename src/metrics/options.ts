import { z } from "zod";
import { callback, maxPendingScalarsField } from "../config/fields.js";
import { agreeing, field, MetricsConfig, text } from "../config/index.js";
import type { ResolvedMetricsConfig, WithDefaults } from "../contract/index.js";
import { metricNameProblem } from "../support/metric-names.js";

/** Which loaders a `MetricsManager` keeps metrics for, and how values over the steps of an epoch become one. */
export interface MetricsManagerOptions {
  /** Loader names by index; ["default"] in a loop with one loader. */
  loaders: readonly string[];
  /** How metrics are merged over the steps of an epoch. @default {} */
  config?: MetricsConfig | undefined;
  /**
   * The share of the batches that each loader is meant to have, 0 to 1 by index; null: `divergence` is not known.
   * @default null
   */
  expectedProportions?: readonly number[] | null | undefined;
  /** Steps whose deferred scalars may wait to be read; the next step drains them. @default 256 */
  maxPendingScalars?: number | undefined;
  /** Called once, when the steps have reported more metric names than are kept. What it throws is ignored. */
  onWarning?: ((message: string) => void) | undefined;
}
/** `MetricsManagerOptions` with the defaults filled in. */
export interface ResolvedMetricsManagerOptions extends WithDefaults<
  Omit<MetricsManagerOptions, "config">,
  "expectedProportions" | "maxPendingScalars"
> {
  /** How values are merged, every key filled in. */
  config: ResolvedMetricsConfig;
}

const shape = () =>
  z.strictObject({
    loaders: field(z.array(text()).min(1).readonly(), 'Loader names by index; ["default"] in a loop with one loader.', {
      allowed: 'a list of the names of the loaders, for example ["default"]',
    }),
    config: MetricsConfig.prefault({}),
    expectedProportions: field(
      z.array(z.number().min(0).max(1)).readonly().nullable().default(null),
      "The share of the batches that each loader is meant to have, 0 to 1 by index; null: `divergence` is not known.",
      { allowed: "a list of numbers of 0 to 1, one for each loader, or null" },
    ),
    maxPendingScalars: maxPendingScalarsField(),
    onWarning: callback<(message: string) => void>(
      "Called once, when the steps have reported more metric names than are kept. What it throws is ignored.",
    ).optional(),
  });

const schema = () =>
  shape().superRefine(({ loaders, expectedProportions }, context) => {
    const complain = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    for (const [index, name] of loaders.entries()) {
      const problem = metricNameProblem(name, "loader");
      if (problem !== null) context.addIssue({ code: "custom", path: ["loaders", index], message: problem });
    }
    if (new Set(loaders).size < loaders.length) complain("loaders", "Each loader needs a name of its own.");
    if (expectedProportions !== null && expectedProportions.length !== loaders.length)
      complain("expectedProportions", `Give one number for each of the ${loaders.length} loaders.`);
  });

export const MetricsManagerOptions: z.ZodType<ResolvedMetricsManagerOptions, MetricsManagerOptions> = agreeing<
  ResolvedMetricsManagerOptions,
  MetricsManagerOptions
>()("What a MetricsManager takes.", schema);
