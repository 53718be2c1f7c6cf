/**
 * `trainscope/loggers`: many backends as one, and the console.
 * @module
 */
import "../support/needs-node.js"; // first
export { CompositeLogger } from "./composite/composite-logger.js";
export type { BackendFailure } from "./composite/guarded-backend.js";
export type { CompositeLoggerOptions } from "./composite/options.js";
export type { RefusedPoint } from "./composite/points.js";
export { PrimaryOnlyBackend } from "./composite/primary-only.js";
export { ConsoleBackend, type ConsoleBackendOptions, type LineStream } from "./console/index.js";
