/**
 * `trainscope/log`: the training log, alone or behind a trainer.
 * @module
 */
import "../../support/needs-node.js"; // first
export { TrainingLogBackend } from "./backend.js";
export type { LogExtras, RotatingFileOptions, TrainingLogBackendOptions, TrainingLoggerOptions } from "./options.js";
export { RotatingFile } from "./rotating-file.js";
export { TrainingLogger, type LineLevel, type TrainingMetrics } from "./training-logger.js";
