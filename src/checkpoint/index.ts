/**
 * `trainscope/checkpoint`: checkpoints that commit, alone or behind a trainer.
 * @module
 */
import "../support/needs-node.js"; // first
export { CheckpointManager } from "./checkpoint-manager.js";
export { verifyDirectory } from "./verify.js";
export {
  anyOf,
  anyOfSave,
  everyMinutes,
  everyNEpochs,
  everyNSteps,
  keepAll,
  keepBest,
  keepEvery,
  keepLatest,
} from "../decisions/index.js";
export type {
  CheckpointBundle,
  CheckpointInfo,
  CheckpointOptions,
  CheckpointProblem,
  Compression,
  KeepRule,
  KeptCheckpoint,
  LoadedCheckpoint,
  RunIdentity,
  SaveBoundary,
  SaveDetails,
  SavePoint,
  SaveRule,
  SaveTicket,
} from "../contract/index.js";
