import { z } from "zod";
import type { RisingLossWarningConfig as Input, ResolvedRisingLossWarningConfig as Resolved } from "../../contract/index.js";
import { agreeing, field, monitorField, windowField } from "../fields.js";

const schema = () =>
  z.strictObject({
    monitor: monitorField("train/loss"),
    window: windowField(5, "Checks that the robust slope is computed over."),
    minSlope: field(z.number().min(0).default(0), "The warning is logged where the loss rises by more than this per check."),
  });

export type RisingLossWarningConfig = Input;
/** When a rising loss is reported. */
export const RisingLossWarningConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "When a warning reports that a loss rises; used when enableRisingLossWarning is true.",
  schema,
);
