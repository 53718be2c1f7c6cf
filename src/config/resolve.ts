import type { GenericTrainerConfig as GenericTrainerInput, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { checkedOptions, optional } from "../support/option-keys.js";
import { anEnvironment, withEnvironment, type Environment } from "./environment.js";
import { forbiddenKeys } from "./forbidden-keys.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import { check, errorOf } from "./problems.js";
import { RULES } from "./rules.js";

/** What `resolveConfig` takes beside the config. */
export interface ResolveOptions {
  /** Fills what the config leaves out. @default process.env */
  env?: Environment | undefined;
}

/**
 * The config with every default filled in, after the environment filled what it leaves out. Instances stay the same objects.
 * Throws one `TrainscopeError` that lists every problem: `ERR_NOT_BUILT`, `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export function resolveConfig(config: GenericTrainerInput, options: ResolveOptions = {}): ResolvedGenericTrainerConfig {
  const { env = process.env } = checkedOptions<ResolveOptions, ResolveOptions>(
    options,
    { env: optional(anEnvironment) },
    "resolveConfig",
  );
  const given = withEnvironment(config, env);
  const checked = check(GenericTrainerConfig, given);
  const forbidden = forbiddenKeys(given, ["__proto__"]);
  if (checked.problems !== undefined || forbidden.length > 0) throw errorOf([...forbidden, ...(checked.problems ?? [])]);
  const problems = RULES.flatMap((rule) => rule(checked.value, given));
  if (problems.length > 0) throw errorOf(problems);
  return checked.value;
}
