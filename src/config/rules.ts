import type { HookSpecifier } from "../contract/index.js";
import { suggest } from "../support/nearest.js";
import { modes } from "./modes.js";
import type { Problem } from "./problem.js";
import type { Rule } from "./rule.js";
import type { ConfigPath } from "./tree.js";

/** A problem when `holds` is true. */
function when(holds: boolean, path: ConfigPath, message: string): readonly Problem[] {
  return holds ? [{ code: "ERR_CONFIG", path, message }] : [];
}

/** How long a run is. */
const limits: Rule = ({ maxEpochs, maxSteps, minEpochs, minSteps }) => [
  ...when(
    maxEpochs === undefined && maxSteps === undefined,
    ["maxEpochs"],
    "Neither maxEpochs nor maxSteps is given, so the run would never end.\nSet one of them (an integer of at least 1), or both.",
  ),
  ...when(
    maxEpochs !== undefined && minEpochs > maxEpochs,
    ["minEpochs"],
    `Found ${minEpochs}, which is above maxEpochs (${maxEpochs}). Lower minEpochs or raise maxEpochs.`,
  ),
  ...when(
    maxSteps !== undefined && minSteps !== undefined && minSteps > maxSteps,
    ["minSteps"],
    `Found ${minSteps}, which is above maxSteps (${maxSteps}). Lower minSteps or raise maxSteps.`,
  ),
];

/** What a resume needs. */
const resuming: Rule = ({ resume, runName, ranks, hooks: { enableModelCheckpointHook } }) => [
  ...when(
    resume !== "never" && runName === undefined,
    ["runName"],
    `resume is "${resume}", but runName is not given: a run without a name is always a new one. Set runName to the run to resume.`,
  ),
  ...when(
    (ranks.group?.worldSize ?? 1) > 1 && (enableModelCheckpointHook || resume !== "never"),
    resume === "never" ? ["hooks", "enableModelCheckpointHook"] : ["resume"],
    "This version saves no checkpoints of several ranks. Leave them out, or train in one process.",
  ),
];

/** Which loggers a run has. */
const logging: Rule = ({ logging: { loggerType, compositeLoggers } }) => {
  if (compositeLoggers === undefined) return [];
  return [
    ...when(
      loggerType !== "composite",
      ["logging", "compositeLoggers"],
      `compositeLoggers is given, but loggerType is "${loggerType}". Set loggerType: "composite", or leave compositeLoggers out.`,
    ),
    ...compositeLoggers.flatMap((name, index) =>
      when(
        compositeLoggers.indexOf(name) < index,
        ["logging", "compositeLoggers", index],
        `Found "${name}" a second time. Name each logger once.`,
      ),
    ),
  ];
};

/** Which early stopping may stop a run, and that it can. */
const earlyStopping: Rule = ({ validation: { earlyStoppingSource: source }, hooks, earlyStoppingPatience, maxEpochs }) => {
  const path = ["validation", "earlyStoppingSource"];
  const { startFromEpoch } = hooks.earlyStoppingConfig;
  const otherwise = 'or choose another source ("both" takes whatever is configured).';
  return [
    ...when(
      source === "hook" && !hooks.enableEarlyStoppingHook,
      path,
      `Found "hook", but hooks.enableEarlyStoppingHook is false. Set it to true, ${otherwise}`,
    ),
    ...when(
      source === "legacy" && earlyStoppingPatience === undefined,
      path,
      `Found "legacy", but earlyStoppingPatience is not given. Give it, ${otherwise}`,
    ),
    ...when(
      hooks.enableEarlyStoppingHook && maxEpochs !== undefined && startFromEpoch >= maxEpochs,
      ["hooks", "earlyStoppingConfig", "startFromEpoch"],
      `Found ${startFromEpoch}, and the last of maxEpochs (${maxEpochs}) is epoch ${Number(maxEpochs) - 1}, counted from 0: nothing would be checked. Lower it or raise maxEpochs.`,
    ),
  ];
};

/** Hooks that exclude each other, and configs that name no hook, or more than one. */
const hooks: Rule = ({ hooks: { hookClasses, hookConfigs, enableReduceLROnPlateau, enableLearningRateSchedule } }) => {
  const names = hookClasses.map(nameOf);
  const importsSome = hookClasses.some(
    (specifier) => typeof (typeof specifier === "object" ? specifier.hook : specifier) === "string",
  );
  return [
    ...when(
      enableReduceLROnPlateau && enableLearningRateSchedule,
      ["hooks", "enableReduceLROnPlateau"],
      "enableReduceLROnPlateau and enableLearningRateSchedule both set the learning rate. Enable one of them.",
    ),
    ...Object.keys(hookConfigs).flatMap((name) => {
      const matches = names.filter((known) => known === name).length;
      const path = ["hooks", "hookConfigs", name];
      return [
        ...when(
          matches === 0 && !importsSome,
          path,
          `hooks.hookClasses has no hook of this name.\n${suggest(name, new Set(names))}`,
        ),
        ...when(
          matches > 1,
          path,
          `${matches} hooks of hooks.hookClasses have this name. Write { hook, key, config } in hookClasses instead.`,
        ),
      ];
    }),
  ];
};

/** The name of a hook in `hookConfigs`, as far as it is known before the hook is imported: afterwards its class name counts too. */
function nameOf(specifier: HookSpecifier): string {
  if (typeof specifier === "object") return nameOf(specifier.hook);
  return typeof specifier === "function" ? specifier.name : specifier;
}

/** What must hold between the keys of a config. */
export const RULES: readonly Rule[] = [limits, resuming, logging, earlyStopping, hooks, modes];
