/** Many backends as one, and the console. The subpath `trainscope/loggers`. */
export { CompositeLogger, type CompositeLoggerOptions } from "./composite.js";
export { ConsoleLogger, type ConsoleLoggerOptions } from "./console.js";
export type { RefusedPoint } from "./points.js";
export { PrimaryOnlyBackend } from "./primary-only.js";
export type { BackendFailure } from "./quarantine.js";
