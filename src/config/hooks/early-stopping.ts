import { z } from "zod";
import type { EarlyStoppingConfig as Input, ResolvedEarlyStoppingConfig } from "../../contract/index.js";
import { agreeing, count, field, flag, modeField, monitorField } from "../fields.js";

export type EarlyStoppingConfig = Input;

const schema = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    patience: field(count().default(10), "Checks in a row without gain after which the run stops."),
    mode: modeField(),
    minDelta: field(z.number().min(0).default(0), "A gain counts when it is larger than this."),
    stoppingThreshold: field(z.number().optional(), "The run stops when the metric is this good or better."),
    divergenceThreshold: field(z.number().optional(), "The run stops when the metric is this bad or worse."),
    checkFinite: field(flag(true), "Stops at a NaN or infinite value; false: it counts as a check without gain."),
    startFromEpoch: field(count(0).default(0), "The first epoch (zero-based) whose checks count."),
    restoreBest: field(flag(false), "Puts the best weights back at the end."),
  });

export const EarlyStoppingConfig: z.ZodType<ResolvedEarlyStoppingConfig, Input> = agreeing<ResolvedEarlyStoppingConfig, Input>()(
  "When the early stopping hook stops the run; used when enableEarlyStoppingHook is true.",
  schema,
);
