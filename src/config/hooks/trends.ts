import { z } from "zod";
import type {
  DivergenceWarningConfig as DivergenceInput,
  MetricTrackerConfig as TrackerInput,
  PlateauWarningConfig as PlateauInput,
  ResolvedDivergenceWarningConfig,
  ResolvedMetricTrackerConfig,
  ResolvedPlateauWarningConfig,
  ResolvedRisingLossWarningConfig,
  RisingLossWarningConfig as RisingInput,
} from "../../contract/index.js";
import { agreeing, count, field, modeField, monitorField, text } from "../fields.js";

export type MetricTrackerConfig = TrackerInput;
export type PlateauWarningConfig = PlateauInput;
export type DivergenceWarningConfig = DivergenceInput;
export type RisingLossWarningConfig = RisingInput;

const tracker = () =>
  z.strictObject({
    metrics: field(z.array(text()).readonly().optional(), "The metrics to follow, by monitor name; left out: all."),
    window: field(count(2).default(10), "Checks the robust slope is taken over."),
  });

/** History, best value and slope of metrics. */
export const MetricTrackerConfig: z.ZodType<ResolvedMetricTrackerConfig, TrackerInput> = agreeing<
  ResolvedMetricTrackerConfig,
  TrackerInput
>()("What the metric tracker follows; used when enableMetricTracker is true.", tracker);

const plateau = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    patience: field(count().default(5), "Checks in a row without gain after which it warns."),
    minDelta: field(z.number().min(0).default(0.0001), "A gain counts when it is larger than this."),
  });

/** Warns when a metric stops improving. */
export const PlateauWarningConfig: z.ZodType<ResolvedPlateauWarningConfig, PlateauInput> = agreeing<
  ResolvedPlateauWarningConfig,
  PlateauInput
>()("When it warns that a metric stands still; used when enablePlateauWarning is true.", plateau);

const divergence = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    factor: field(
      z.number().gt(0).default(2),
      "How many times the robust spread of the window the metric may be away from its best.",
    ),
    window: field(count(2).default(5), "Checks the robust spread is taken over."),
  });

/** Warns when a metric runs away from its best. */
export const DivergenceWarningConfig: z.ZodType<ResolvedDivergenceWarningConfig, DivergenceInput> = agreeing<
  ResolvedDivergenceWarningConfig,
  DivergenceInput
>()("When it warns that a metric runs away; used when enableDivergenceWarning is true.", divergence);

const rising = () =>
  z.strictObject({
    monitor: monitorField("train/loss"),
    window: field(count(2).default(5), "Checks the robust slope is taken over."),
    minSlope: field(z.number().min(0).default(0), "It warns when the loss rises by more than this per check."),
  });

/** Warns when a loss rises. */
export const RisingLossWarningConfig: z.ZodType<ResolvedRisingLossWarningConfig, RisingInput> = agreeing<
  ResolvedRisingLossWarningConfig,
  RisingInput
>()("When it warns that a loss rises; used when enableRisingLossWarning is true.", rising);
