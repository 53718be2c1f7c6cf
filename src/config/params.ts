import type { ParamValue, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import { check } from "./problems.js";
import { redactConfig, type PlainTree } from "./redact.js";

/** A tree as flat parameters: nested keys are joined with dots, lists and empty objects become JSON. */
export function flattenParams(tree: PlainTree): Record<string, ParamValue> {
  const params: [string, ParamValue][] = [];
  collect(tree, "", params);
  return Object.fromEntries(params);
}

function collect(value: PlainTree, path: string, into: [string, ParamValue][]): void {
  if (typeof value !== "object" || value === null) into.push([path, value]);
  else if (Array.isArray(value) || Object.keys(value).length === 0) into.push([path, JSON.stringify(value)]);
  else for (const [key, child] of Object.entries(value)) collect(child, path === "" ? key : `${path}.${key}`, into);
}

/**
 * Where a run is stored and how it is started, and what it is known by: none of it says how it trains. In a run's params these are left
 * out, and on a resume they may differ.
 */
export const NOT_TRAINING: RegExp =
  /^(resume|runName|runsDir|logging\.tensorboardDir|hooks\.modelCheckpointConfig\.(dir|rootDir|backupDir))$/;
/** What a run is known by, as keys of a flattened config. */
export const DESCRIPTION: RegExp = /^(project|notes|tags(\..*)?)$/;
const OWN_PARAMS = /^params(\.|$)/;

/** What of the config differs from its defaults, flat and without secrets, except for what the user describes the run with. */
export function changedSettings(config: ResolvedGenericTrainerConfig): Record<string, ParamValue> {
  const defaults = flattenParams(redactConfig(check(GenericTrainerConfig, {}).value));
  const isSetting = (name: string): boolean => !NOT_TRAINING.test(name) && !DESCRIPTION.test(name) && !OWN_PARAMS.test(name);
  const all = Object.entries(flattenParams(redactConfig(config)));
  return Object.fromEntries(
    all.filter(([name, value]) => isSetting(name) && !(Object.hasOwn(defaults, name) && defaults[name] === value)),
  );
}

/** Tags by name; those of a list have no value. */
export function tagsOf({ tags = {} }: ResolvedGenericTrainerConfig): Readonly<Record<string, string>> {
  return Array.isArray(tags)
    ? Object.fromEntries((tags as readonly string[]).map((tag) => [tag, ""]))
    : (tags as Record<string, string>);
}

/** The config as YAML, redacted: what `config.yaml` holds. */
export async function configYaml(config: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(redactConfig(config), { lineWidth: 0 });
}
