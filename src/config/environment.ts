import type { OptionCheck } from "../support/option-keys.js";
import type { GenericTrainerConfig as GenericTrainerInput } from "../contract/index.js";
import { isSection } from "./tree.js";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that fill keys which a config leaves out. `NO_COLOR` is read by the console. */
const VARIABLES: readonly { variable: string; sections: readonly string[]; key: string; unless?: string }[] = [
  { variable: "TRAINSCOPE_LOG_DIR", sections: [], key: "runsDir" },
  { variable: "TRAINSCOPE_TENSORBOARD_DIR", sections: ["logging"], key: "tensorboardDir" },
  { variable: "TRAINSCOPE_CHECKPOINT_DIR", sections: ["hooks", "modelCheckpointConfig"], key: "rootDir", unless: "dir" },
];

/** `config` with what it leaves out taken from `env`; an empty variable counts as none. */
export function withEnvironment(config: GenericTrainerInput, env: Environment): GenericTrainerInput {
  let filled: unknown = config;
  for (const { variable, sections, key, unless } of VARIABLES) {
    const value = env[variable];
    if (value !== undefined && value !== "") filled = fill(filled, sections, key, value, unless);
  }
  return filled as GenericTrainerInput;
}

/** A copy of `holder` with `value` at `key` below `sections`; the same object where it has one, or `unless`, or holds no keys. */
function fill(holder: unknown, sections: readonly string[], key: string, value: string, unless: string | undefined): unknown {
  if (!isSection(holder)) return holder;
  const [section, ...rest] = sections;
  if (section !== undefined)
    return { ...holder, [section]: fill(holder[section] === undefined ? {} : holder[section], rest, key, value, unless) };
  const isGiven = holder[key] !== undefined || (unless !== undefined && holder[unless] !== undefined);
  return isGiven ? holder : { ...holder, [key]: value };
}

/** What `env` may be. */
export const anEnvironment: OptionCheck = {
  allowed: "an object of texts, such as process.env",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};
