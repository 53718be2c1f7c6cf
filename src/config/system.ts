import { z } from "zod";
import type { ResolvedSystemMetricsConfig, SystemMetricsConfig as Input } from "../contract/index.js";
import { agreeing, count, field, flag } from "./fields.js";

export type SystemMetricsConfig = Input;

const DEFAULT_INTERVAL_STEPS = 10;

const schema = () =>
  z
    .strictObject({
      enabled: field(flag(false), "Samples CPU, memory and accelerators while the run goes on."),
      intervalSteps: field(count().optional(), "Steps between two samples; give it or intervalSeconds, not both.", {
        default: DEFAULT_INTERVAL_STEPS,
      }),
      intervalSeconds: field(
        z.number().min(1).optional(),
        "Seconds between two samples, instead of intervalSteps; 30 is a good value.",
      ),
      logCpu: field(flag(true), "Logs CPU load."),
      logMemory: field(flag(true), "Logs memory of the machine and of the process."),
      logGpu: field(flag(true), "Logs GPUs and HPUs, where there are any."),
      logDisk: field(flag(false), "Logs disk traffic."),
      logNetwork: field(flag(false), "Logs network traffic."),
      gpuDevice: field(count(0).optional(), "The one accelerator to log; left out: all."),
    })
    .refine((given) => given.intervalSteps === undefined || given.intervalSeconds === undefined, {
      error: "intervalSteps and intervalSeconds are both given. Leave one out.",
      path: ["intervalSeconds"],
    })
    .transform((given) =>
      given.intervalSeconds === undefined ? { ...given, intervalSteps: given.intervalSteps ?? DEFAULT_INTERVAL_STEPS } : given,
    );

/** Sampling of the machine's resources. */
export const SystemMetricsConfig: z.ZodType<ResolvedSystemMetricsConfig, Input> = agreeing<ResolvedSystemMetricsConfig, Input>()(
  "Sampling of the machine's resources.",
  schema,
);
