import { z } from "zod";
import { agreeing, callback, field, instance, milliseconds, text } from "../config/index.js";
import { sampledFields, type SampledFields } from "../config/system.js";
import type { LoggerProtocol, SystemMetricsConfig, WithDefaults } from "../contract/index.js";

/** What the names of system metrics begin with, where nothing else is given. */
export const DEFAULT_PREFIX = "system";

/** Which parts of the machine are read: the switches of the trainer's `system` config. */
export type SampledMetrics = Pick<SystemMetricsConfig, keyof SampledFields>;

/** What a `SystemSampler` reads, and how often at most. */
export interface SystemSamplerOptions extends SampledMetrics {
  /** Milliseconds between two samples at least; a call in between gets the last sample again. @default 1000 */
  minIntervalMs?: number | undefined;
  /** Milliseconds that nvidia-smi or hl-smi may print nothing before it is killed and no longer read. @default 5000 */
  deviceTimeoutMs?: number | undefined;
  /**
   * Bytes in the training framework's own pool on the first accelerator: the metric `gpu_memory_reserved_gb`. Called at each
   * sample.
   */
  reservedBytes?: (() => number | undefined) | undefined;
  /**
   * Called once for each source that fails (a tool that hangs or ends, a file that cannot be read), and once when a logger
   * throws. What it throws is ignored.
   */
  onWarning?: ((message: string) => void) | undefined;
  /** Called once when there is no accelerator to sample. What it throws is ignored. */
  onInfo?: ((message: string) => void) | undefined;
}
/** The keys that the schema gives a default. */
type FilledKeys = Exclude<keyof SampledFields, "gpuDevice"> | "minIntervalMs" | "deviceTimeoutMs";
/** `SystemSamplerOptions` with the defaults filled in. */
type ResolvedSystemSamplerOptions = WithDefaults<SystemSamplerOptions, FilledKeys>;

const samplerFields = () => ({
  ...sampledFields(),
  minIntervalMs: field(
    z.number().min(0).default(1000),
    "Milliseconds between two samples at least; a call in between gets the last sample again.",
  ),
  deviceTimeoutMs: field(
    milliseconds().default(5000),
    "Milliseconds that nvidia-smi or hl-smi may print nothing before it is killed and no longer read.",
  ),
  reservedBytes: callback<() => number | undefined>(
    "Bytes in the training framework's own pool on the first accelerator: the metric `gpu_memory_reserved_gb`. Called at each sample.",
  ).optional(),
  onWarning: callback<(message: string) => void>(
    "Called once for each source that fails (a tool that hangs or ends, a file that cannot be read), and once when a logger throws. What it throws is ignored.",
  ).optional(),
  onInfo: callback<(message: string) => void>(
    "Called once when there is no accelerator to sample. What it throws is ignored.",
  ).optional(),
});

export const SystemSamplerOptions: z.ZodType<ResolvedSystemSamplerOptions, SystemSamplerOptions> = agreeing<
  ResolvedSystemSamplerOptions,
  SystemSamplerOptions
>()("What a SystemSampler takes.", () => z.strictObject(samplerFields()));

/** Where system metrics are logged. */
export type MetricsSink = Pick<LoggerProtocol, "logMetrics">;

/** What a `SystemMetricsLogger` samples, and where it sends the values. */
export interface SystemMetricsLoggerOptions extends SystemSamplerOptions {
  /** Where `logMetrics` and `start` send the values; without one only `sample` can be used. */
  logger?: MetricsSink | undefined;
}
/** `SystemMetricsLoggerOptions` with the defaults filled in. */
type ResolvedSystemMetricsLoggerOptions = WithDefaults<SystemMetricsLoggerOptions, FilledKeys>;

const metricsLogger = () =>
  z.strictObject({
    ...samplerFields(),
    logger: instance<MetricsSink>(
      hasLogMetrics,
      "an object with a `logMetrics` method",
      "Where `logMetrics` and `start` send the values; without one only `sample` can be used.",
    ).optional(),
  });

export const SystemMetricsLoggerOptions: z.ZodType<ResolvedSystemMetricsLoggerOptions, SystemMetricsLoggerOptions> = agreeing<
  ResolvedSystemMetricsLoggerOptions,
  SystemMetricsLoggerOptions
>()("What a SystemMetricsLogger takes.", metricsLogger);

/** How `SystemMetricsLogger.start` logs. */
export interface SystemMetricsStartOptions {
  /** The step that a sample belongs to, called when the sample is taken. */
  step: () => number;
  /** Milliseconds between two samples; samples closer together than `minIntervalMs` are not taken. @default 30000 */
  intervalMs?: number | undefined;
  /** What the names begin with: `<prefix>/cpu_percent`. @default "system" */
  prefix?: string | undefined;
}
/** `SystemMetricsStartOptions` with the defaults filled in. */
type ResolvedSystemMetricsStartOptions = WithDefaults<SystemMetricsStartOptions, "intervalMs" | "prefix">;

const start = () =>
  z.strictObject({
    step: callback<() => number>("The step that a sample belongs to, called when the sample is taken."),
    intervalMs: field(
      milliseconds().default(30_000),
      "Milliseconds between two samples; samples closer together than `minIntervalMs` are not taken.",
    ),
    prefix: field(text().default(DEFAULT_PREFIX), "What the names begin with: `<prefix>/cpu_percent`."),
  });

export const SystemMetricsStartOptions: z.ZodType<ResolvedSystemMetricsStartOptions, SystemMetricsStartOptions> = agreeing<
  ResolvedSystemMetricsStartOptions,
  SystemMetricsStartOptions
>()("How SystemMetricsLogger.start logs.", start);

function hasLogMetrics(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as Partial<MetricsSink>).logMetrics === "function";
}
