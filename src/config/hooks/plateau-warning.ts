import { z } from "zod";
import type { PlateauWarningConfig as Input, ResolvedPlateauWarningConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, minDeltaField, modeField, monitorField } from "../fields.js";

const schema = () =>
  z.strictObject({
    monitor: monitorField("val/loss"),
    mode: modeField(),
    patience: field(count().default(5), "Checks in a row without improvement after which the warning is logged."),
    minDelta: minDeltaField(0.0001),
  });

export type PlateauWarningConfig = Input;
/** When a plateau is reported. */
export const PlateauWarningConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When a warning reports that a metric has stopped improving; used when enablePlateauWarning is true.",
  schema,
);
