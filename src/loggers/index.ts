/** Many backends as one, and the console. The subpath `trainscope/loggers`. */
export { CompositeLogger, type CompositeLoggerOptions } from "./composite/composite.js";
export { ConsoleBackend, type ConsoleBackendOptions } from "./console/console.js";
export type { RefusedPoint } from "./composite/points.js";
export { PrimaryOnlyBackend } from "./composite/primary-only.js";
export type { BackendFailure } from "./composite/quarantine.js";
