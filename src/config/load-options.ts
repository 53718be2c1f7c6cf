import type { Environment } from "./environment.js";

/** Where `loadConfig` reads from beside the file. */
export interface LoadOptions {
  /** `key=value` settings with a dotted path as key, applied after the file; the later of two wins. @default [] */
  overrides?: readonly string[] | undefined;
  /** Fills what the file and the overrides leave out. @default process.env */
  env?: Environment | undefined;
  /** The directory that a relative path starts from. @default process.cwd() */
  cwd?: string | undefined;
}
