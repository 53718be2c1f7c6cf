import type { MaybePromise } from "../contract/index.js";

/** Values by bare name (`cpu_percent`); the prefix (`system/`) is added by whoever logs them. */
export type SystemValues = Record<string, number>;

/** Writes what was read into a sample. Runs on the main thread, without waiting for anything. */
export type ApplyValues = (values: SystemValues) => void;

/**
 * One place that values come from. `read` starts the waiting part at once and resolves with the part that computes, so
 * that the sampler can time what runs on the main thread.
 */
export interface SystemSource {
  /** Said in warnings: `nvidia-smi`, `disk IO`. */
  readonly name: string;
  read(): MaybePromise<ApplyValues>;
  close(): void;
}

/** What a source tells beside its values: absent hardware is information, a fault is a warning. Each is told once. */
export interface SourceNotices {
  info(message: string): void;
  warn(message: string): void;
}

/** Bytes in what the metric names call `gb`: 2^30, as nvidia-smi, top and torch count. */
export const GIB: number = 1024 ** 3;

/** Bytes in what the metric names call `mb`. */
export const MIB: number = 1024 ** 2;
