import { z } from "zod";
import type { EarlyStoppingConfig as Input, ResolvedEarlyStoppingConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, flag, minDeltaField, modeField, monitorField } from "../fields.js";

const schema = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    patience: field(
      count().default(10),
      "Checks in a row without improvement after which the run stops; a larger value waits longer before it gives up.",
    ),
    mode: modeField(),
    minDelta: minDeltaField(0),
    baseline: field(
      z.number().optional(),
      "A value that must be beaten by more than minDelta: until then, checks that improve count towards patience too, and do not stop the run; left out: there is none.",
    ),
    stoppingThreshold: field(
      z.number().optional(),
      "The run stops as soon as the metric is this good or better; left out: never.",
    ),
    divergenceThreshold: field(
      z.number().optional(),
      "The run stops as soon as the metric is this bad or worse; left out: never.",
    ),
    checkFinite: field(flag(true), "Stops the run at a NaN or infinite value; false counts it as a check without improvement."),
    startFromEpoch: field(count(0).default(0), "The first epoch (zero-based) whose checks count; earlier values are ignored."),
    restoreBest: field(
      flag(false),
      "Keeps a copy of the best weights in memory and loads them into the model when the run ends; false leaves the last weights.",
    ),
  });

export type EarlyStoppingConfig = Input;
/** When early stopping ends a run. */
export const EarlyStoppingConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When early stopping ends the run; used when enableEarlyStoppingHook is true.",
  schema,
);
