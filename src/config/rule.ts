import type { GenericTrainerConfig, ResolvedGenericTrainerConfig } from "../contract/index.js";
import type { Problem } from "./problem.js";
import type { ConfigPath } from "./tree.js";

/** Something that must hold between keys. Pure: what was given and its resolved form, the problems. */
export type Rule = (config: ResolvedGenericTrainerConfig, given: GenericTrainerConfig) => readonly Problem[];

/** A problem when `holds` is true. */
export function when(holds: boolean, path: ConfigPath, message: string): readonly Problem[] {
  return holds ? [{ code: "ERR_CONFIG", path, message }] : [];
}
