/**
 * trainscope: observability for training in Node.
 *
 * What a user's own loop takes beside the trainer has subpaths of its own (`trainscope/metrics`, `/data`, `/hooks`,
 * `/loggers`, `/log`, `/system`), so that an import here loads no more than a config and a trainer need.
 *
 * @module
 */
import "./support/needs-node.js"; // first
export {
  applyOverrides,
  configYaml,
  flattenParams,
  loadConfig,
  parseConfig,
  redactConfig,
  redactText,
  resolveConfig,
  type Environment,
  type LoadOptions,
  type PlainTree,
  type ResolveOptions,
} from "./config/index.js";
export * from "./config/public.js";
export { arrayLoader } from "./data/array-loader.js";
export type { ArrayLoaderOptions } from "./data/options.js";
export * from "./decisions/index.js";
export { ERROR_CODES, TrainscopeError, isTrainscopeError } from "./support/errors.js";
export { after, before, every, once } from "./hooks/filters.js";
export { HookManager, type HookDescription } from "./hooks/hook-manager.js";
export { TrainerHooks, defineHook, type HookArgs, type HookDefinition } from "./hooks/trainer-hooks.js";
export type { RefusedPoint } from "./loggers/composite/points.js";
export type { BackendFailure } from "./loggers/composite/guarded-backend.js";
export { singleProcess } from "./ranks/single-process.js";
export { GenericTrainer } from "./trainer/generic-trainer.js";
export type { TrainerEvents } from "./trainer/events.js";
export type { FitOptions } from "./trainer/options.js";
