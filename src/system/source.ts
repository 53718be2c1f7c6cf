import type { MaybePromise } from "../contract/index.js";

/** Values by bare name (`cpu_percent`); a `SystemMetricsLogger` adds the prefix (`system/`). */
export type SystemValues = Record<string, number>;

/** Writes what was read into a sample. Runs on the main thread, without waiting for anything. */
export type ApplyValues = (values: SystemValues) => void;

/**
 * One place that values come from. `read` starts the waiting part at once and resolves with the part that computes, so
 * that the sampler can time what runs on the main thread.
 */
export interface SystemSource {
  /** Its name in warnings: `nvidia-smi`, `disk IO`. */
  readonly name: string;
  read(): MaybePromise<ApplyValues>;
  /** Ends what it started. */
  close(): void;
}

/** What a source reports beside its values, each once: absent hardware is information, a failure is a warning. */
export interface SourceReporter {
  info(message: string): void;
  warn(message: string): void;
}

/** Bytes in what the metric names call `gb`: 2^30, as nvidia-smi, top and torch count. */
export const GIB: number = 1024 ** 3;

/** Bytes in what the metric names call `mb`. */
export const MIB: number = 1024 ** 2;
