export { every, once, after, before } from "./filters.js";
export { HookManager, type HookDescription } from "./hook-manager.js";
export { TrainerHooks, defineHook, type HookArgs, type HookDefinition } from "./trainer-hooks.js";
