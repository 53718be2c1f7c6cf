import { z } from "zod";
import type { ResolvedSystemMetricsConfig, SystemMetricsConfig as Input } from "../contract/index.js";
import { agreeing, count, field, flag } from "./fields.js";

export type SystemMetricsConfig = Input;

const DEFAULT_INTERVAL_STEPS = 10;

/** The options that the trainer's config and a `SystemSampler` share. */
export interface SampledFields {
  /** The schema of the switch for CPU load. */
  readonly logCpu: z.ZodDefault<z.ZodBoolean>;
  /** The schema of the switch for memory of machine and process. */
  readonly logMemory: z.ZodDefault<z.ZodBoolean>;
  /** The schema of the switch for GPUs and HPUs. */
  readonly logGpu: z.ZodDefault<z.ZodBoolean>;
  /** The schema of the switch for disk traffic. */
  readonly logDisk: z.ZodDefault<z.ZodBoolean>;
  /** The schema of the switch for network traffic. */
  readonly logNetwork: z.ZodDefault<z.ZodBoolean>;
  /** The schema of the one accelerator to sample, by its index in the driver. */
  readonly gpuDevice: z.ZodOptional<z.ZodInt>;
}

export function sampledFields(): SampledFields {
  return {
    logCpu: field(flag(true), "Samples the CPU load of the machine and of this process, and the lag of its event loop."),
    logMemory: field(flag(true), "Samples the memory of the machine, and the resident memory and heap of this process."),
    logGpu: field(flag(true), "Samples NVIDIA GPUs (through nvidia-smi) and Gaudi HPUs (through hl-smi), where there are any."),
    logDisk: field(flag(false), "Samples the disk traffic of the machine, in MiB per second."),
    logNetwork: field(flag(false), "Samples the network traffic of the machine, in MiB per second, without loopback."),
    gpuDevice: field(count(0).optional(), "The one accelerator to sample, by its driver's index; left out: all of them."),
  };
}

const schema = () =>
  z
    .strictObject({
      enabled: field(flag(false), "Logs CPU, memory and accelerators while training."),
      intervalSteps: field(count().optional(), "Steps between two samples; give it or intervalSeconds, not both.", {
        default: DEFAULT_INTERVAL_STEPS,
      }),
      intervalSeconds: field(
        z.number().min(1).optional(),
        "Seconds between two samples, instead of intervalSteps; 30 is a good value.",
      ),
      ...sampledFields(),
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
