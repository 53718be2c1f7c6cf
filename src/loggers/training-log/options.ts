import { z } from "zod";
import {
  agreeing,
  callback,
  count,
  directory,
  field,
  flag,
  instance,
  levelField,
  milliseconds,
  text,
  withFallback,
} from "../../config/fields.js";
import type { LogLevel, WithDefaults } from "../../contract/index.js";
import type { TrainscopeError } from "../../support/errors.js";
import { uptime } from "../../support/uptime.js";
import { nodeFs, type LogFs } from "./files.js";

/** Values by name that are written beside a message. A name that a line has already gets a `_` appended. */
export type LogExtras = Readonly<Record<string, unknown>>;

/** Where a `RotatingFile` is written, when the next file begins, and how many are kept. */
export interface RotatingFileOptions {
  /** The directory of the files. It is made where it is missing. */
  dir: string;
  /** What the files' names begin with: `<prefix>-000001.jsonl`. @default "training" */
  prefix?: string | undefined;
  /** Bytes of a file before the next one begins. A line that is larger has a file of its own. @default 67108864 */
  maxBytes?: number | undefined;
  /** Milliseconds after its first line at which a file ends and the next one begins. @default 86400000 */
  maxAgeMs?: number | undefined;
  /** Files that are kept; the oldest are deleted when a new one begins. Left out: all are kept. */
  maxFiles?: number | undefined;
  /**
   * Lines that a burst gathers in memory before they are written together. Fewer lose less when the process is killed, and cost
   * more writes.
   * @default 1000
   */
  maxBufferedLines?: number | undefined;
  /** Milliseconds between two tries to write while the disk fails. @default 1000 */
  retryIntervalMs?: number | undefined;
  /**
   * Bytes of lines that are kept in memory while the disk fails; then the oldest lines are dropped and counted.
   * @default 8388608
   */
  maxPendingBytes?: number | undefined;
  /**
   * Called with `ERR_LOG` at the first failure of the disk, after which the log continues to retry, and at the first deletion of
   * a file that is written. What it throws is ignored.
   */
  onError?: ((error: TrainscopeError) => void) | undefined;
  /** The time in milliseconds since 1970. @internal */
  now?: (() => number) | undefined;
  /** A time in milliseconds that nothing sets back, for intervals. @internal */
  elapsed?: (() => number) | undefined;
  /** The file system calls of the log. @internal */
  fs?: LogFs | undefined;
}

/** @internal */
type ResolvedRotatingFileOptions = WithDefaults<
  RotatingFileOptions,
  "prefix" | "maxBytes" | "maxAgeMs" | "maxBufferedLines" | "retryIntervalMs" | "maxPendingBytes" | "now" | "elapsed" | "fs"
>;

/** Where a `TrainingLogger` writes its lines, what they hold, and how many files are kept. */
export interface TrainingLoggerOptions extends Omit<
  RotatingFileOptions,
  "dir" | "prefix" | "maxBufferedLines" | "maxPendingBytes"
> {
  /** The directory of the log's files. It is made where it is missing. */
  dir: string;
  /** Written on every line as `run`: the run's name. */
  run?: string | undefined;
  /** Written on every line as `rank`. Ranks other than 0 write files of their own, `training-rank<k>-000001.jsonl`. */
  rank?: number | undefined;
  /**
   * Written on every line as `experiment_id`. Left out: behind a trainer `project` of the config, else the run's id; by itself
   * nothing.
   */
  experiment?: string | undefined;
  /** The least important level that is written. @default "info" */
  level?: LogLevel | undefined;
  /** Written on every line as `component`: the part of a program that logs. @default "training" */
  component?: string | undefined;
  /** Written on every line as `module`. @default "training-log" */
  module?: string | undefined;
  /** Values written on every line, such as a device's number. Secrets are hidden. @default {} */
  fields?: LogExtras | undefined;
  /**
   * Lines that a burst gathers in memory before they are written together. Fewer lose less when the process is killed, and cost
   * more writes.
   * @default 1000
   */
  metricsBufferSize?: number | undefined;
}

type LoggerDefaults =
  | "level"
  | "component"
  | "module"
  | "fields"
  | "metricsBufferSize"
  | "maxBytes"
  | "maxAgeMs"
  | "retryIntervalMs"
  | "now"
  | "elapsed"
  | "fs";

/** @internal */
export type ResolvedTrainingLoggerOptions = WithDefaults<TrainingLoggerOptions, LoggerDefaults>;

/** What a `TrainingLogBackend` writes to the run's `log/` directory, and how much of it is kept. */
export interface TrainingLogBackendOptions extends Omit<TrainingLoggerOptions, "dir" | "run" | "rank"> {
  /**
   * The directory of the log's files; required where records are logged without `start`. Left out: log/ in the run's directory.
   */
  dir?: string | undefined;
  /**
   * Whether everything is written. With false only events and text are, and no file is made before the first one.
   * @default true
   */
  metrics?: boolean | undefined;
}

/** @internal */
export type ResolvedTrainingLogBackendOptions = WithDefaults<TrainingLogBackendOptions, LoggerDefaults | "metrics">;

/** When a file ends, and what happens while the disk fails. */
const fileFields = () => ({
  maxBytes: field(
    count().default(64 * 1024 * 1024),
    "Bytes of a file before the next one begins. A line that is larger has a file of its own.",
  ),
  maxAgeMs: field(count().default(86_400_000), "Milliseconds after its first line at which a file ends and the next one begins."),
  maxFiles: field(
    count().optional(),
    "Files that are kept; the oldest are deleted when a new one begins. Left out: all are kept.",
  ),
  retryIntervalMs: field(milliseconds().default(1000), "Milliseconds between two tries to write while the disk fails."),
  onError: callback<(error: TrainscopeError) => void>(
    "Called with `ERR_LOG` at the first failure of the disk, after which the log continues to retry, and at the first deletion of a file that is written. What it throws is ignored.",
  ).optional(),
  now: withFallback(callback<() => number>("The time in milliseconds since 1970.", { internal: true }), () => Date.now),
  elapsed: withFallback(
    callback<() => number>("A time in milliseconds that nothing sets back, for intervals.", { internal: true }),
    () => uptime,
  ),
  fs: withFallback(
    instance<LogFs>(isObject, "an object with file system calls", "The file system calls of the log.", { internal: true }),
    () => nodeFs,
  ),
});

/** What lines hold, and how they are gathered. */
const lineFields = () => ({
  experiment: field(
    z.string().optional(),
    "Written on every line as `experiment_id`. Left out: behind a trainer `project` of the config, else the run's id; by itself nothing.",
  ),
  level: levelField("The least important level that is written."),
  component: field(z.string().default("training"), "Written on every line as `component`: the part of a program that logs."),
  module: field(z.string().default("training-log"), "Written on every line as `module`."),
  fields: withFallback(
    instance<LogExtras>(isObject, "an object", "Values written on every line, such as a device's number. Secrets are hidden.", {
      default: "{}",
    }),
    () => ({}),
  ),
  metricsBufferSize: field(
    count().default(1000),
    "Lines that a burst gathers in memory before they are written together. Fewer lose less when the process is killed, and cost more writes.",
  ),
});

const rotatingFile = () =>
  z.strictObject({
    dir: field(directory(), "The directory of the files. It is made where it is missing."),
    prefix: field(text().default("training"), "What the files' names begin with: `<prefix>-000001.jsonl`."),
    maxBufferedLines: field(
      count().default(1000),
      "Lines that a burst gathers in memory before they are written together. Fewer lose less when the process is killed, and cost more writes.",
    ),
    maxPendingBytes: field(
      count().default(8 * 1024 * 1024),
      "Bytes of lines that are kept in memory while the disk fails; then the oldest lines are dropped and counted.",
    ),
    ...fileFields(),
  });

/** @internal */
export const RotatingFileOptions: z.ZodType<ResolvedRotatingFileOptions, RotatingFileOptions> = agreeing<
  ResolvedRotatingFileOptions,
  RotatingFileOptions
>()("What a RotatingFile takes.", rotatingFile);

const trainingLogger = () =>
  z.strictObject({
    dir: field(directory(), "The directory of the log's files. It is made where it is missing."),
    run: field(z.string().optional(), "Written on every line as `run`: the run's name."),
    rank: field(
      count(0).optional(),
      "Written on every line as `rank`. Ranks other than 0 write files of their own, `training-rank<k>-000001.jsonl`.",
    ),
    ...lineFields(),
    ...fileFields(),
  });

/** @internal */
export const TrainingLoggerOptions: z.ZodType<ResolvedTrainingLoggerOptions, TrainingLoggerOptions> = agreeing<
  ResolvedTrainingLoggerOptions,
  TrainingLoggerOptions
>()("What a TrainingLogger takes.", trainingLogger);

const trainingLogBackend = () =>
  z.strictObject({
    dir: field(
      directory().optional(),
      "The directory of the log's files; required where records are logged without `start`. Left out: log/ in the run's directory.",
    ),
    metrics: field(
      flag(true),
      "Whether everything is written. With false only events and text are, and no file is made before the first one.",
    ),
    ...lineFields(),
    ...fileFields(),
  });

/** @internal */
export const TrainingLogBackendOptions: z.ZodType<ResolvedTrainingLogBackendOptions, TrainingLogBackendOptions> = agreeing<
  ResolvedTrainingLogBackendOptions,
  TrainingLogBackendOptions
>()("What a TrainingLogBackend takes.", trainingLogBackend);

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
