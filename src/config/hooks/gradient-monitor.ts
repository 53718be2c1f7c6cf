import { z } from "zod";
import type { GradientMonitorConfig as Input, ResolvedGradientMonitorConfig } from "../../contract/index.js";
import { agreeing, count, field, flag, text } from "../fields.js";

export type GradientMonitorConfig = Input;

const schema = () =>
  z.strictObject({
    logFrequency: field(count().default(100), "Steps between two looks at the gradients."),
    paramFilter: field(z.array(text()).readonly().default([]), "Parts of parameter names to watch; empty: every parameter."),
    perParameter: field(flag(true), "Logs each parameter beside the global norm."),
    histogram: field(flag(false), "Logs a histogram of each watched gradient."),
  });

export const GradientMonitorConfig: z.ZodType<ResolvedGradientMonitorConfig, Input> = agreeing<
  ResolvedGradientMonitorConfig,
  Input
>()("Gradient norms and statistics; used when enableGradientMonitor is true.", schema);
