import type { GenericTrainerConfig } from "../contract/index.js";
import type { LoadOptions } from "./load-options.js";

/**
 * The config in a YAML (`.yaml`, `.yml`) or JSON (`.json`) file, with overrides applied, checked key by key; `resolveConfig` then
 * fills in defaults and checks what must hold between keys. A top-level `$schema` is for editors and is ignored.
 * Throws a `TrainscopeError` that names the file, and the line where it is known.
 */
export async function loadConfig(path: string, options: LoadOptions = {}): Promise<GenericTrainerConfig> {
  const { loadFile } = await import("./load-file.js");
  return loadFile(path, options);
}
