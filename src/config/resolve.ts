import type { GenericTrainerConfig as GenericTrainerInput, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { forbiddenKeys } from "./forbidden-keys.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import { check, errorOf } from "./problems.js";
import { RULES } from "./rules.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that fill keys which config leaves out. `NO_COLOR` is read by the console. */
const VARIABLES = [
  { variable: "TRAINSCOPE_LOG_DIR", section: null, key: "runsDir" },
  { variable: "TRAINSCOPE_TENSORBOARD_DIR", section: "logging", key: "tensorboardDir" },
] as const;

/** `config` with what it leaves out taken from `env`; an empty variable counts as none. */
export function withEnvironment(config: GenericTrainerInput, env: Environment): GenericTrainerInput {
  if (!isSection(config)) return config;
  let filled: Record<string, unknown> = config as Record<string, unknown>;
  for (const { variable, section, key } of VARIABLES) {
    const value = env[variable];
    const holder = section === null ? filled : (filled[section] ?? {});
    if (value === undefined || value === "" || !isSection(holder) || holder[key] !== undefined) continue;
    const taken = { ...holder, [key]: value };
    filled = section === null ? taken : { ...filled, [section]: taken };
  }
  return filled as GenericTrainerInput;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
