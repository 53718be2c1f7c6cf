import type { GenericTrainerConfig as GenericTrainerInput } from "../contract/index.js";

/** Environment variables by name. */
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
