import type { HookMethodName } from "../contract/index.js";

/** The name of every hook method, in the order of the loop. */
export const HOOK_METHODS: readonly HookMethodName[] = [
  "onTrainStart",
  "onEpochStart",
  "onTrainBatchStart",
  "onTrainBatchEnd",
  "onLogInterval",
  "onTrainEpochEnd",
  "onValidationStart",
  "onValidationBatchEnd",
  "onValidationEnd",
  "onCheckpoint",
  "onCheckpointSaved",
  "onEpochEnd",
  "onException",
  "onStop",
  "onTrainEnd",
];
