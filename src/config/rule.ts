import type { GenericTrainerConfig, ResolvedGenericTrainerConfig } from "../contract/index.js";
import type { Problem } from "./problem.js";

/** Something that must hold between keys. Pure: what was given and its resolved form, the problems. */
export type Rule = (config: ResolvedGenericTrainerConfig, given: GenericTrainerConfig) => readonly Problem[];
