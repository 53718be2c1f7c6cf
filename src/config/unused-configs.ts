import type { z } from "zod";
import type { GenericTrainerConfig, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { BUILT_IN_HOOKS } from "./hooks/table.js";
import { flattenParams } from "./params.js";
import { redactConfig } from "./redact.js";
import { isSection } from "./tree.js";

/**
 * A warning for each config of a built-in hook that is given and differs from its defaults, while the hook is not enabled. A config of
 * checkpoints is used without its hook too, where a hook of the user's requests them: `requestsCheckpoints`.
 */
export function unusedHookConfigs(
  given: GenericTrainerConfig,
  config: ResolvedGenericTrainerConfig,
  { requestsCheckpoints }: { requestsCheckpoints: boolean },
): string[] {
  return BUILT_IN_HOOKS.flatMap(({ name, configKey, enableKey, schema }) => {
    if (configKey === null || enableKey === null || schema === null) return [];
    if (valueIn(given.hooks, configKey) === undefined || valueIn(config.hooks, enableKey) === true) return [];
    if (isDefault(valueIn(config.hooks, configKey), schema)) return [];
    if (name === "modelCheckpoint" && requestsCheckpoints) return [];
    return [
      `hooks.${configKey} is given, but hooks.${enableKey} is not true, so nothing uses it.\nSet hooks.${enableKey}: true, or leave hooks.${configKey} out.`,
    ];
  });
}

function valueIn(section: unknown, key: string): unknown {
  return isSection(section) ? section[key] : undefined;
}

/** True for what a config file with all defaults written out holds: `config.yaml` of a run can be used again without warnings. */
function isDefault(value: unknown, schema: z.ZodType): boolean {
  return textOf(value) === textOf(schema.parse({}));
}

function textOf(value: unknown): string {
  const params = Object.entries(flattenParams(redactConfig(value)));
  return JSON.stringify(params.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
