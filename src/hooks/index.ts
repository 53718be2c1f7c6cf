/**
 * `trainscope/hooks`: every built-in hook, to be made by hand, and what a hook of one's own needs.
 * @module
 */
import "../support/needs-node.js"; // first
export * from "./built-in/index.js";
export type { LearningRateMonitorConfig } from "./built-in/learning-rate-monitor.js";
export type { TrackedValue } from "./built-in/metric-tracker.js";
export type { ProgressBarOptions, ProgressStream } from "./built-in/progress-bar.js";
export { every, once, after, before } from "./filters.js";
export { HookManager, type HookDescription } from "./hook-manager.js";
export { MonitoringHook, type MonitoringOptions, type Watch } from "./support/monitoring-hook.js";
export { TrainerHooks, defineHook, type HookArgs, type HookDefinition } from "./trainer-hooks.js";
