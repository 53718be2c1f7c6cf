import type { ConfigPath } from "./tree.js";

/** One thing that is wrong with a config. */
export interface Problem {
  code: "ERR_CONFIG" | "ERR_NOT_BUILT" | "ERR_MODE_REQUIRED";
  path: ConfigPath;
  message: string;
}
