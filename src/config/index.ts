/**
 * The config room: what a run may be configured by, and what is wrong with a config.
 * - A config that passes `resolveConfig` is whole: every key has a value of its type, and keys agree with each other.
 * - One error lists every problem: path, what was found, what is allowed, the nearest name.
 * - Instances (hook classes, backends, a process group) come out as the same objects.
 * - Nothing is generated and no YAML is loaded before it is needed.
 */
export { MultiDataLoaderConfig } from "./data-loader.js";
export type { Environment } from "./environment.js";
export { agreeing, callback, count, field, flag, instance, milliseconds, text, withFallback } from "./fields.js";
export { GenericTrainerConfig } from "./generic-trainer.js";
export * from "./hooks/schemas.js";
export { BUILT_IN_HOOKS } from "./hooks/table.js";
export { loadConfig } from "./load.js";
export type { LoadOptions } from "./load-options.js";
export { activeLoggers } from "./logging.js";
export { MetricsConfig } from "./metrics.js";
export { applyOverrides } from "./overrides.js";
export { configYaml, flattenParams } from "./params.js";
export { parseConfig } from "./problems.js";
export { redactConfig, redactText, type PlainTree } from "./redact.js";
export { resolveConfig, type ResolveOptions } from "./resolve.js";
export { SystemMetricsConfig } from "./system.js";
