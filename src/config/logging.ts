import { z } from "zod";
import type { LoggerName, LoggerBackend, LoggingConfig as Input, ResolvedLoggingConfig } from "../contract/index.js";
import {
  agreeing,
  count,
  directory,
  field,
  flag,
  instance,
  maxPendingScalarsField,
  startTimeoutField,
  tensorboardLayoutField,
} from "./fields.js";
import { isLoggerBackend } from "./instances.js";

export type LoggingConfig = Input;

/** What `compositeLoggers` may name. */
const COMPOSITE_LOGGERS = ["console", "tensorboard"] as const satisfies readonly LoggerName[];

const backend = () =>
  instance<LoggerBackend>(isLoggerBackend, "an object with a `name` and a `logMetrics` method", "A backend of your own.", {
    tsType: "LoggerBackend",
  });

/** What concerns TensorBoard alone. */
const tensorboard = () => ({
  tensorboardDir: field(
    directory().optional(),
    "Where TensorBoard's event files are written, in a directory for each run (with -2, -3, … where another run of its name has one); used where the run has the logger tensorboard; left out: TRAINSCOPE_TENSORBOARD_DIR, else tensorboard/ in the run's directory.",
  ),
  tensorboardLayout: tensorboardLayoutField(),
});

const schema = () =>
  z.strictObject({
    loggerType: field(
      z.enum(["console", "tensorboard", "none", "composite"]).default("console"),
      'The built-in logger of the run; "composite" takes several, "none" only your own backends and the training log.',
    ),
    compositeLoggers: field(
      z.array(z.enum(COMPOSITE_LOGGERS)).readonly().optional(),
      'The built-in loggers of "composite", in order; left out: the console, and TensorBoard where tensorboardDir or TRAINSCOPE_TENSORBOARD_DIR is given; empty: none.',
    ),
    loggers: field(z.array(backend()).readonly().default([]), "Your own backends, called after the built-in ones.", {
      allowed: "a list of objects with a `name` and a `logMetrics` method",
      codeOnly: true,
    }),
    logEveryNSteps: field(
      count().default(50),
      "Optimizer steps between two log boundaries: fewer give more points, and wait for the device more often.",
    ),
    logPerLoaderMetrics: field(flag(true), "Logs the metrics of each named loader beside those over all of them."),
    logGlobalMetrics: field(flag(true), "Logs the metrics over all loaders."),
    logLoaderProportions: field(
      flag(false),
      "Logs the share of batches that each loader had in an epoch, and its distance from the expected share.",
    ),
    allReduceMetrics: field(
      flag(false),
      "Reduces metrics and loader proportions over all ranks before they are logged; false logs those of rank 0.",
    ),
    maxPendingScalars: maxPendingScalarsField(),
    startTimeoutMs: startTimeoutField(),
    ...tensorboard(),
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
