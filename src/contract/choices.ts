/** The choices that config keys offer. A generated type uses the name here where the values are the same. */

/** How the next batch is chosen among several loaders. */
export type SamplingStrategy = "weighted" | "roundRobin" | "sequential" | "alternating" | "proportional";
/** When an epoch over several loaders ends: at the first loader that ends, at the last one, or when each was read once. */
export type Exhaustion = "stopAtShortest" | "stopAtLongest" | "stopAtAll";
/** How the values of a metric over the steps of an epoch become one. */
export type AggregationStrategy = "weightedAverage" | "simpleAverage" | "sum" | "max" | "min";
/** Whether lower or higher is better. */
export type Mode = "min" | "max";
/** What happens where the run's directory exists: refuse it, resume where there is a checkpoint, or insist on resuming. */
export type Resume = "never" | "auto" | "must";
/** The least important level that is written. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
/** Which early stopping may stop a run: the hook, the top-level keys, or both. */
export type EarlyStoppingSource = "both" | "hook" | "legacy";
/** One TensorBoard run; or train and validation as two runs; or these, and one more below them for each loader. */
export type TensorBoardLayout = "one" | "phases" | "loaders";
/** The built-in logger of a run, or several of them. */
export type LoggerType = "console" | "tensorboard" | "none" | "composite";
/** A built-in logger, as `compositeLoggers` names it. */
export type LoggerName = "console" | "tensorboard";
/** The shape of a learning-rate schedule after its warm-up; "function" is one of the user's own. */
export type ScheduleKind =
  | "constant"
  | "step"
  | "milestones"
  | "exponential"
  | "linear"
  | "polynomial"
  | "cosine"
  | "cosineRestarts"
  | "oneCycle"
  | "function";
