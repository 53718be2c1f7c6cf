import type { Monitored, ResolvedGenericTrainerConfig } from "../contract/index.js";
import { isOfValidation } from "../decisions/monitor.js";
import { TrainscopeError } from "../support/errors.js";
import type { Run } from "./run.js";

/** Config paths of what stops the run or cuts the learning rate by a metric. */
const DECIDERS = /^(earlyStoppingMetric$|hooks\.(earlyStoppingConfig|reduceLROnPlateauConfig)\.)/;

/** A setting that no validation can follow from, in words, and whether that is certain before the first step. */
interface NeverDue {
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
  readonly isCertain: boolean;
}

/**
 * A validation that is never due: what stops the run or cuts the learning rate by a validation metric would do nothing, and is refused
 * with `ERR_CONFIG`. Where it is not certain, or where nothing but a ranking of checkpoints or a warning depends on it, it is a warning.
 */
export function checkValidationIsDue<Batch>({ config, progress, validation, hooks, warnings }: Run<Batch>): void {
  if (validation === null) return;
  const never = neverDue(config, progress.batchesPerEpoch);
  if (never === null) return;
  const watching = hooks.monitors.filter(({ monitor }) => isOfValidation(monitor));
  const message = `No validation is ever due: ${never.problem}. ${effectOf(watching)}\n${never.remedy}`;
  if (never.isCertain && watching.some(({ path }) => DECIDERS.test(path)))
    throw new TrainscopeError("ERR_CONFIG", message, { path: never.path });
  warnings.warn(`${never.path}: ${message}`);
}

/** What keeps validation from being due, or null where one is. `batchesPerEpoch`: null where it is not known. */
function neverDue(config: ResolvedGenericTrainerConfig, batchesPerEpoch: number | null): NeverDue | null {
  const { validation, maxEpochs = Infinity, maxSteps = Infinity } = config;
  const { everyNSteps, everyNEpochs } = validation;
  if (everyNSteps !== undefined) {
    const steps = Math.min(maxSteps, maxEpochs * (batchesPerEpoch ?? Infinity));
    if (everyNSteps <= steps) return null;
    const limit = steps === maxSteps ? "maxSteps" : `maxEpochs ${maxEpochs} × ${batchesPerEpoch} batches`;
    return {
      path: "validation.everyNSteps",
      problem: `everyNSteps is ${everyNSteps}, and the run ends after ${steps} steps (${limit})`,
      remedy: `Set everyNSteps to at most ${steps}, leave it out to validate after each epoch, or train longer.`,
      isCertain: true,
    };
  }
  const epochs = Math.min(maxEpochs, Math.max(1, Math.ceil(maxSteps / (batchesPerEpoch ?? 1))));
  if (everyNEpochs <= epochs) return null;
  const perEpoch = batchesPerEpoch === null ? "" : `, ${batchesPerEpoch} batches an epoch`;
  const limit = epochs === maxEpochs ? "maxEpochs" : `maxSteps ${maxSteps}${perEpoch}`;
  return {
    path: "validation.everyNEpochs",
    problem: `everyNEpochs is ${everyNEpochs}, and the run ends in epoch ${epochs} (${limit})`,
    remedy: `Set everyNEpochs to at most ${epochs}, or train longer.`,
    isCertain: epochs === maxEpochs, // with several batches a step, maxSteps takes more epochs
  };
}

function effectOf(watching: readonly Monitored[]): string {
  if (watching.length === 0) return "The validation data is not used.";
  const watched = watching.map(({ monitor, path }) => `${path} ("${monitor}")`).join(", ");
  return `So there is never a value for ${watched}.`;
}
