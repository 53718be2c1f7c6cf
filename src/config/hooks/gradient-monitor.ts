import { z } from "zod";
import type { GradientMonitorConfig as Input, ResolvedGradientMonitorConfig as Resolved } from "../../contract/index.js";
import { agreeing, count, field, flag, paramFilterField } from "../fields.js";

const schema = () =>
  z.strictObject({
    logFrequency: field(count().default(100), "Steps between two readings of the gradients; each reading waits for the device."),
    paramFilter: paramFilterField(),
    perParameter: field(flag(true), "Logs each parameter beside the global norm; false logs the global values only."),
    histogram: field(flag(false), "Logs a histogram of each selected gradient as well."),
  });

export type GradientMonitorConfig = Input;
/** What the gradient monitor logs, and how often. */
export const GradientMonitorConfig: z.ZodType<Resolved, Input> = agreeing<Resolved, Input>()(
  "Gradient norms and statistics; used when enableGradientMonitor is true.",
  schema,
);
