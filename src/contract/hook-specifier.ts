import type { HookClass } from "./hooks.js";

/** A hook of one's own in a config: its class, `"./file.js#Name"`, `"package/hooks#Name"`, or one of them with more. */
export type HookSpecifier = HookClass | string | HookEntry;

/** A hook of one's own with the key and the config it gets. */
export interface HookEntry {
  /** The class, or the file or package and the name that it exports. */
  hook: HookClass | string;
  /** The name that its state is saved under. @default the hook's own `key`, else its class name */
  key?: string | undefined;
  /** What its constructor takes; given here or in `hookConfigs`, not in both. */
  config?: unknown;
}
