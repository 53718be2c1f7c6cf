/**
 * `trainscope/checkpoint`: checkpoints that commit, alone or behind a trainer.
 * @module
 */
export { CheckpointManager } from "./checkpoint-manager.js";
export { verifyDirectory } from "./verify.js";
export {
  anyOf,
  anyOfSave,
  everyMinutes,
  everyNEpochs,
  everyNSteps,
  keepBest,
  keepEvery,
  keepLatest,
} from "../decisions/index.js";
export type {
  CheckpointBundle,
  CheckpointProblem,
  CheckpointInfo,
  CheckpointMoment,
  CheckpointOptions,
  Compression,
  KeepRule,
  KeptCheckpoint,
  LoadedCheckpoint,
  SaveRule,
  SaveTicket,
} from "../contract/index.js";
