import { compiledOf, type CompiledModel } from "./ops.js";
import type { TfjsLayersModel } from "./types.js";

const REASON = "model.stopTraining was set";

/** Why the run is to end, as `model.fit` does after the batch or epoch in which a program has set `model.stopTraining`; null where it is not. */
export function stopReason(model: TfjsLayersModel, part?: string): string | null {
  if (flagHolder(model)?.stopTraining !== true) return null;
  return part === undefined ? REASON : `stopTraining of the part "${part}" was set`;
}

/** Clears the flag, as `model.fit` does at its start: an earlier training may have left it set. */
export function clearStop(model: TfjsLayersModel): void {
  const holder = flagHolder(model);
  if (holder !== null) holder.stopTraining = false;
}

/** Null for a `Sequential` that was never built: reading or setting its flag throws. */
function flagHolder(model: TfjsLayersModel): CompiledModel | null {
  const compiled = compiledOf(model);
  return (compiled as unknown) === model && "add" in model ? null : compiled;
}
