import { missingMode } from "../decisions/metric-direction.js";
import type { ConfigPath } from "./tree.js";
import type { Rule } from "./rules.js";

/** Every metric that is watched for gain has a direction that was not guessed. */
export const modes: Rule = ({ hooks, metrics, validation, ...legacy }, given) => {
  const source = validation.earlyStoppingSource;
  const watched: { on: boolean; monitor: string; mode: unknown; path: ConfigPath }[] = [
    {
      on: legacy.earlyStoppingPatience !== undefined && source !== "hook",
      monitor: legacy.earlyStoppingMetric,
      mode: given.earlyStoppingMode,
      path: ["earlyStoppingMode"],
    },
    {
      on: hooks.enableEarlyStoppingHook && source !== "legacy",
      monitor: hooks.earlyStoppingConfig.monitor,
      mode: given.hooks?.earlyStoppingConfig?.mode,
      path: ["hooks", "earlyStoppingConfig", "mode"],
    },
    {
      on: hooks.enableReduceLROnPlateau,
      monitor: hooks.reduceLROnPlateauConfig.monitor,
      mode: given.hooks?.reduceLROnPlateauConfig?.mode,
      path: ["hooks", "reduceLROnPlateauConfig", "mode"],
    },
    {
      on: hooks.enableModelCheckpointHook,
      monitor: hooks.modelCheckpointConfig.monitor,
      mode: given.hooks?.modelCheckpointConfig?.mode,
      path: ["hooks", "modelCheckpointConfig", "mode"],
    },
    {
      on: hooks.enablePlateauWarning,
      monitor: hooks.plateauWarningConfig.monitor,
      mode: given.hooks?.plateauWarningConfig?.mode,
      path: ["hooks", "plateauWarningConfig", "mode"],
    },
    {
      on: hooks.enableDivergenceWarning,
      monitor: hooks.divergenceWarningConfig.monitor,
      mode: given.hooks?.divergenceWarningConfig?.mode,
      path: ["hooks", "divergenceWarningConfig", "mode"],
    },
  ];
  return watched.flatMap(({ on, monitor, mode, path }) => {
    const message = on && mode === undefined ? missingMode(monitor, metrics.directions) : null;
    return message === null ? [] : [{ code: "ERR_MODE_REQUIRED", path, message }];
  });
};
