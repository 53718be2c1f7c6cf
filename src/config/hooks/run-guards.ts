import { z } from "zod";
import type {
  ProgressBarConfig as ProgressInput,
  ResolvedProgressBarConfig,
  ResolvedTerminateOnNaNConfig,
  ResolvedThroughputConfig,
  TerminateOnNaNConfig as NaNInput,
  ThroughputConfig as ThroughputInput,
} from "../../contract/index.js";
import { agreeing, count, field, flag } from "../fields.js";

export type TerminateOnNaNConfig = NaNInput;
export type ThroughputConfig = ThroughputInput;
export type ProgressBarConfig = ProgressInput;

const terminate = () =>
  z.strictObject({
    check: field(z.enum(["boundary", "everyStep"]).default("boundary"), "Looks at the loss at log boundaries, or at every step."),
    dumpBatch: field(flag(false), "everyStep: writes the batch to the run's directory."),
  });

/** Stops a run whose loss is NaN or infinite. */
export const TerminateOnNaNConfig: z.ZodType<ResolvedTerminateOnNaNConfig, NaNInput> = agreeing<
  ResolvedTerminateOnNaNConfig,
  NaNInput
>()("How a NaN loss is looked for; used when enableTerminateOnNaN is true.", terminate);

const throughput = () =>
  z.strictObject({
    windowSize: field(count().default(100), "Batches the rates are taken over."),
  });

/** Samples and tokens a second. */
export const ThroughputConfig: z.ZodType<ResolvedThroughputConfig, ThroughputInput> = agreeing<
  ResolvedThroughputConfig,
  ThroughputInput
>()("How rates are taken; used when enableThroughput is true.", throughput);

const progress = () =>
  z.strictObject({
    refreshMs: field(count().default(100), "Milliseconds between two redraws on a terminal."),
    plainEverySeconds: field(z.number().gt(0).default(10), "Seconds between two plain lines where there is no terminal."),
  });

/** The progress bar of the console. */
export const ProgressBarConfig: z.ZodType<ResolvedProgressBarConfig, ProgressInput> = agreeing<
  ResolvedProgressBarConfig,
  ProgressInput
>()("How often progress is shown; used when enableProgressBar is true.", progress);
