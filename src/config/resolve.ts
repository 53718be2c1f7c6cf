import type { GenericTrainerConfig as GenericTrainerInput, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { forbiddenKeys } from "./forbidden-keys.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import { check, errorOf } from "./problems.js";
import { RULES } from "./rules.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that fill keys which config leaves out. `NO_COLOR` is read by the console. */
const VARIABLES = [{ variable: "TRAINSCOPE_LOG_DIR", key: "runsDir" }] as const;

/** `config` with what it leaves out taken from `env`; an empty variable counts as none. */
export function withEnvironment(config: GenericTrainerInput, env: Environment): GenericTrainerInput {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const found: Partial<Record<(typeof VARIABLES)[number]["key"], string>> = {};
  for (const { variable, key } of VARIABLES) {
    const value = env[variable];
    if (config[key] === undefined && value !== undefined && value !== "") found[key] = value;
  }
  return Object.keys(found).length === 0 ? config : { ...config, ...found };
}

export interface ResolveOptions {
  /** Default: `process.env`. */
  env?: Environment | undefined;
}

/**
 * The config with every default filled in, after the environment filled what it leaves out. Instances stay the same objects.
 * Throws one `TrainscopeError` that lists every problem: `ERR_NOT_BUILT`, `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export function resolveConfig(config: GenericTrainerInput, options: ResolveOptions = {}): ResolvedGenericTrainerConfig {
  const given = withEnvironment(config, options.env ?? process.env);
  const checked = check(GenericTrainerConfig, given);
  const forbidden = forbiddenKeys(given, ["__proto__"]);
  if (checked.problems !== undefined || forbidden.length > 0) throw errorOf([...forbidden, ...(checked.problems ?? [])]);
  const problems = RULES.flatMap((rule) => rule(checked.value, given));
  if (problems.length > 0) throw errorOf(problems);
  return checked.value;
}
