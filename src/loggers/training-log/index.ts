/**
 * `trainscope/log`: the training log, alone or behind a trainer.
 * @module
 */
export { TrainingLogBackend, type TrainingLogBackendOptions } from "./backend.js";
export type { LogFs } from "./files.js";
export { RotatingFile, type RotatingFileOptions } from "./rotating-file.js";
export { TrainingLogger, type LogExtras, type TrainingLoggerOptions, type TrainingMetrics } from "./training-logger.js";
