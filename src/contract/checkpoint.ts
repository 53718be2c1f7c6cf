import type { Mode } from "./config.js";
import type { CheckpointInfo } from "./run.js";
import type { Metrics } from "./scalar.js";
import type { StateTree, StateValue } from "./tensor.js";

export type Compression = "none" | "gzip" | "zstd";

/** What one checkpoint holds. */
export interface CheckpointBundle {
  /** Weights by name: `model.safetensors`. */
  model: StateTree;
  /** Optimizer state by optimizer name: `optimizer.safetensors`. */
  optimizers?: Readonly<Record<string, StateTree>> | undefined;
  /** Everything else that a resume needs: `run.json`. */
  run?: StateValue | undefined;
}

/** A checkpoint that was read back and verified. */
export interface LoadedCheckpoint {
  info: CheckpointInfo;
  model: StateTree;
  optimizers: Readonly<Record<string, StateTree>>;
  run: StateValue | undefined;
}

/** When a checkpoint was taken, and what was measured since the one before. */
export interface CheckpointMoment {
  epoch: number;
  step: number;
  /** Without the monitored metric, or with one that is not finite, the checkpoint is unranked. */
  metrics?: Metrics | undefined;
  /**
   * False: while another save is under way, a newer request takes this one's place. Default true: it waits its turn and
   * is never lost.
   */
  important?: boolean | undefined;
}

/** One save under way. Neither promise is ever an unhandled rejection. */
export interface SaveTicket {
  /** The state was copied: the model may change again. Resolved at once where the save copied before it returned. */
  captured: Promise<void>;
  /** Durable, or replaced by a newer request before it was written. Rejects with `ERR_CHECKPOINT_SAVE`. */
  committed: Promise<CheckpointInfo | "superseded">;
}

/** What keep rules see of each committed checkpoint, oldest first. */
export interface KeptCheckpoint {
  name: string;
  epoch: number;
  step: number;
  /** The monitored value, or null when it is unranked. */
  score: number | null;
  savedAtMs: number;
}

/** Which of the committed checkpoints stay. Pure; what no rule keeps is deleted after the next commit. */
export interface KeepRule {
  readonly name: string;
  keeps(checkpoints: readonly KeptCheckpoint[]): ReadonlySet<string>;
}

/** When a checkpoint is due. Pure: it is asked at every boundary. */
export interface SaveRule {
  readonly name: string;
  isDue(
    now: { step: number; epoch: number; epochEnded: boolean; ms: number },
    last: { step: number; epoch: number; ms: number } | null,
  ): boolean;
}

export interface CheckpointOptions {
  /** Where the checkpoints lie; made where it is missing. */
  dir: string;
  maxCheckpoints?: number | undefined; // 5; the newest that are kept
  saveTopK?: number | undefined; // 3; the best that are kept
  saveLast?: boolean | undefined; // true
  monitor?: string | undefined; // "val/loss"
  mode?: Mode | undefined; // "min"; must be given for a metric named like accuracy
  filename?: string | undefined; // "epoch-{epoch}-step-{step}"; keys: epoch, step, and metric names
  compress?: Compression | undefined; // "none"
  backupDir?: string | undefined; // every committed checkpoint is copied there too
  async?: boolean | undefined; // true; false: save() blocks until the checkpoint is durable
  keep?: KeepRule | undefined; // in place of maxCheckpoints, saveTopK and saveLast
  /** Told once a fault: a damaged checkpoint that was skipped, a backup that failed. */
  onWarning?: ((message: string) => void) | undefined;
}

/** A fault that `verify` found. */
export interface CheckpointProblem {
  checkpoint: string;
  /** The file it is in, or null for the directory itself. */
  file: string | null;
  problem: string;
}
