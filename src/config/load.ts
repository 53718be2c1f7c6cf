import type { GenericTrainerConfig } from "../contract/index.js";
import { checkedOptions, optional, type OptionRules } from "../support/option-keys.js";
import { anEnvironment } from "./environment.js";
import type { LoadOptions } from "./load-options.js";

const RULES: OptionRules<LoadOptions, LoadOptions> = {
  overrides: optional({ allowed: "a list of key=value texts", accepts: (value) => Array.isArray(value) }),
  env: optional(anEnvironment),
  cwd: optional({ allowed: "the path of a directory", accepts: (value) => typeof value === "string" && value !== "" }),
};

/**
 * The config in a YAML (`.yaml`, `.yml`) or JSON (`.json`) file, with overrides applied, checked key by key; `resolveConfig` then
 * fills in defaults and checks what must hold between keys. A top-level `$schema` is for editors and is ignored.
 * Throws `ERR_CONFIG` for an unknown option, and a `TrainscopeError` that names the file, and the line where it is known.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<GenericTrainerConfig> {
  const { loadFile } = await import("./load-file.js");
  return loadFile(path, checkedOptions<LoadOptions, LoadOptions>(options, RULES, "loadConfig"));
}
