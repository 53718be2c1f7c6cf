import type { Mode } from "../contract/index.js";
import { missingMode } from "../decisions/direction.js";
import { BUILT_IN_HOOKS } from "./hooks/table.js";
import type { Problem } from "./problem.js";
import type { Rule } from "./rule.js";
import type { ConfigPath } from "./tree.js";

/** Every metric that is watched for improvement has a direction that was not guessed. Only what is on is looked at. */
export const modes: Rule = (config, given) => {
  const { directions } = config.metrics;
  const watched = BUILT_IN_HOOKS.filter((hook) => hook.configKey !== null && hook.isOn(config)).flatMap(({ configKey }) => {
    const key = String(configKey);
    return modeProblems(sectionOf(given.hooks, key), sectionOf(config.hooks, key), ["hooks", key], directions);
  });
  const legacy = BUILT_IN_HOOKS.some(({ name, isOn }) => name === "legacyEarlyStopping" && isOn(config))
    ? modeProblem(config.earlyStoppingMetric, given.earlyStoppingMode, ["earlyStoppingMode"], directions)
    : [];
  return [...watched, ...legacy];
};

/**
 * What is wrong with the `mode` of one config object that has a `monitor` and a `mode`: the default "min" must not be taken
 * for a metric that is better when it is higher. `given` is what the user wrote, `resolved` what the schema made of it.
 */
export function modeProblems(
  given: unknown,
  resolved: unknown,
  path: ConfigPath,
  directions?: Readonly<Record<string, Mode>>,
): readonly Problem[] {
  const { monitor, mode } = (resolved ?? {}) as { monitor?: unknown; mode?: unknown };
  if (typeof monitor !== "string" || mode === undefined) return [];
  return modeProblem(monitor, (given as { mode?: unknown } | null | undefined)?.mode, [...path, "mode"], directions);
}

function modeProblem(
  monitor: string,
  given: unknown,
  path: ConfigPath,
  directions: Readonly<Record<string, Mode>> | undefined,
): readonly Problem[] {
  const message = given === undefined ? missingMode(monitor, directions, String(path.at(-1))) : null;
  return message === null ? [] : [{ code: "ERR_MODE_REQUIRED", path, message }];
}

function sectionOf(sections: object | undefined, key: string): unknown {
  return (sections as Readonly<Record<string, unknown>> | undefined)?.[key];
}
