import { z } from "zod";
import type { LoggerName, LoggerBackend, LoggingConfig as Input, ResolvedLoggingConfig } from "../contract/index.js";
import { agreeing, count, field, flag, text } from "./fields.js";
import { isLoggerBackend } from "./instances.js";

export type LoggingConfig = Input;

/** What `compositeLoggers` may name. */
const COMPOSITE_LOGGERS = ["console", "tensorboard"] as const satisfies readonly LoggerName[];

const backend = () =>
  field(z.custom<LoggerBackend>(isLoggerBackend), "A backend of your own.", {
    allowed: "an object with a `name` and a `logMetrics` method",
    codeOnly: true,
  });

const schema = () =>
  z.strictObject({
    loggerType: field(
      z.enum(["console", "tensorboard", "none", "composite"]).default("console"),
      "Where everything that is observed goes.",
    ),
    compositeLoggers: field(
      z.array(z.enum(COMPOSITE_LOGGERS)).readonly().optional(),
      'The loggers of "composite", in this order; left out: the console and every backend that is configured; empty: none.',
    ),
    loggers: field(
      z.array(backend()).readonly().default([]),
      "Your own backends, added after the others, even with none of them.",
      {
        allowed: "a list of objects with a `name` and a `logMetrics` method",
        codeOnly: true,
      },
    ),
    logEveryNSteps: field(count().default(50), "Steps between two log boundaries."),
    logPerLoaderMetrics: field(flag(true), "Logs metrics for each loader."),
    logGlobalMetrics: field(flag(true), "Logs metrics over all loaders."),
    logLoaderProportions: field(flag(false), "Logs the realised share of each loader, and how far it is from the expected one."),
    allReduceMetrics: field(flag(false), "Reduces metrics and proportions over all ranks before they are logged."),
    maxPendingScalars: field(count().default(256), "Steps whose deferred scalars may wait to be read."),
    startTimeoutMs: field(
      count().default(5000),
      "Milliseconds a backend may take to start before the run goes on without waiting for it.",
    ),
    tensorboardDir: field(
      text().optional(),
      "Where TensorBoard's event files go, a directory for each run; left out: tensorboard/ in the run's directory. TRAINSCOPE_TENSORBOARD_DIR fills it.",
    ),
    tensorboardLayout: field(
      z.enum(["one", "phases", "loaders"]).default("one"),
      'Whether train and validation are curves of one chart: "phases" makes runs train and validation, "loaders" one more below them for each loader.',
    ),
  });

/** Where records go, and how often. */
export const LoggingConfig: z.ZodType<ResolvedLoggingConfig, Input> = agreeing<ResolvedLoggingConfig, Input>()(
  "Where records go, and how often.",
  schema,
);

/** The built-in loggers a run opens, in order; `logging.loggers` come after them. */
export function activeLoggers(
  logging: Pick<ResolvedLoggingConfig, "loggerType" | "compositeLoggers" | "tensorboardDir">,
): readonly LoggerName[] {
  const { loggerType, compositeLoggers, tensorboardDir } = logging;
  if (loggerType === "none") return [];
  if (loggerType !== "composite") return [loggerType];
  return compositeLoggers ?? (tensorboardDir === undefined ? ["console"] : ["console", "tensorboard"]);
}
