import type { Mode } from "./choices.js";
import type { CheckpointInfo, RunIdentity } from "./run.js";
import type { Metrics } from "./scalar.js";
import type { StateTree, StateValue } from "./tensor.js";

/** How the files of a checkpoint are compressed. `zstd` needs Node 22.15 or newer. */
export type Compression = "none" | "gzip" | "zstd";

/**
 * The state that one checkpoint stores. `CheckpointManager.save` copies it; nothing keeps a reference to it after the ticket's
 * `captured`.
 */
export interface CheckpointBundle {
  /** The weights by name; stored as `model.safetensors`. */
  model: StateTree;
  /** The state of each optimizer by the optimizer's name; stored as `optimizer.safetensors`. Left out: no such file. */
  optimizers?: Readonly<Record<string, StateTree>> | undefined;
  /** Everything else that a resume needs; stored exactly (NaN, -0 and typed arrays included) as `run.json`. Left out: no such file. */
  run?: StateValue | undefined;
}

/** A checkpoint that was read back, each file verified against its size and SHA-256 in the manifest. */
export interface LoadedCheckpoint {
  /** Name, path, epoch, step and metrics of the checkpoint. */
  info: CheckpointInfo;
  /** The weights by name. Their arrays are views on the bytes of one file: copy one before you transfer it to another thread. */
  model: StateTree;
  /** The state of each optimizer by the optimizer's name, as views like `model`; empty when none was saved. */
  optimizers: Readonly<Record<string, StateTree>>;
  /** What was saved as `run`, or undefined when nothing was. */
  run: StateValue | undefined;
}

/** The progress of the run when a checkpoint is saved, and what was measured since the save before. */
export interface SaveDetails {
  /** Zero-based index of the epoch, as in `RunState`. Fills `{epoch}` in the name. */
  epoch: number;
  /** Completed optimizer steps. Fills `{step}` in the name. */
  step: number;
  /**
   * What was measured on these weights, by monitor name. Stored in the manifest; the monitored one ranks the checkpoint. Without
   * it, or when it is NaN or infinite, the checkpoint is unranked: it may be the newest, and is never among the best.
   */
  metrics?: Metrics | undefined;
  /**
   * True: while another save is running this one waits for its turn, and is never lost. False: a newer request replaces it
   * while it waits, and its `committed` resolves with `"superseded"`.
   * @default true
   */
  important?: boolean | undefined;
}

/** One requested save. Neither promise causes an unhandled rejection when it is not awaited. */
export interface SaveTicket {
  /**
   * Resolves when the state is copied and the model may change again: already resolved when nothing else was being saved. With
   * `async: false` it resolves when the save has ended. Never rejects.
   */
  captured: Promise<void>;
  /**
   * Resolves when the checkpoint is durable, or with `"superseded"` when a newer request replaced it before it was written.
   * Rejects with `ERR_CHECKPOINT_SAVE`, or with `ERR_CHECKPOINT_LOCKED` when another process or manager saves in the directory.
   */
  committed: Promise<CheckpointInfo | "superseded">;
}

/** What a keep rule sees of each committed checkpoint. */
export interface KeptCheckpoint {
  /** The name of the checkpoint's directory: what `keeps` returns. */
  name: string;
  /** Zero-based index of the epoch it was saved in. */
  epoch: number;
  /** Completed optimizer steps when it was saved. */
  step: number;
  /** The value of the metric that is monitored now, or null when the checkpoint is unranked: not measured, NaN or infinite. */
  score: number | null;
  /** When it was saved, in milliseconds since 1970. */
  savedAtMs: number;
}

/** Which of the committed checkpoints are kept. Pure: the same checkpoints give the same answer. */
export interface KeepRule {
  /** What the rule is called in warnings. */
  readonly name: string;
  /**
   * The names of the checkpoints that are kept, given all of them, oldest first, the one being saved last. The others are deleted
   * after the commit, except the one being saved. When it throws, nothing is deleted and a warning says so.
   */
  keeps(checkpoints: readonly KeptCheckpoint[]): ReadonlySet<string>;
}

/** Where in a run a checkpoint was saved. */
export interface SavePoint {
  /** Completed optimizer steps, over all epochs and resumes. */
  readonly step: number;
  /** Zero-based index of the epoch. */
  readonly epoch: number;
  /** Milliseconds since the start of the run. */
  readonly ms: number;
}

/** A boundary at which a checkpoint may be due. */
export interface SaveBoundary extends SavePoint {
  /** True at the end of a train epoch, false after a step. */
  readonly epochEnded: boolean;
}

/** When a checkpoint is due. Pure; evaluated at every boundary. */
export interface SaveRule {
  /** What the rule is called in messages. */
  readonly name: string;
  /** True when a checkpoint is due now, given the last one, or null when there is none. */
  isDue(now: SaveBoundary, last: SavePoint | null): boolean;
}

/** What a `CheckpointManager` takes. Only `dir` is required. */
export interface CheckpointOptions {
  /** The directory of the checkpoints, made by the first save. It may be moved or copied while no run writes to it. */
  dir: string;
  /** How many of the newest checkpoints are kept; 0: only the best and, with saveLast, the last. @default 5 */
  maxCheckpoints?: number | undefined;
  /**
   * How many of the best checkpoints by monitor are kept, beside the newest; of equal ones the older; 0: none for its score; -1:
   * all checkpoints are kept, also those without a score.
   * @default 3
   */
  saveTopK?: number | undefined;
  /**
   * Keeps the newest checkpoint even when maxCheckpoints is 0; with the trainer, also saves one when the run ends.
   * @default true
   */
  saveLast?: boolean | undefined;
  /** The metric to watch, by its monitor name: val/loss, train/accuracy, val/<loader>/loss. @default "val/loss" */
  monitor?: string | undefined;
  /**
   * Whether lower ("min") or higher ("max") is better. Must be given for a metric named like accuracy, or, in the config of a
   * trainer, declared "max" in metrics.directions.
   * @default "min"
   */
  mode?: Mode | undefined;
  /**
   * The name of a checkpoint's directory; {epoch}, {step} and metrics such as {val/loss} (four decimals, "none" when not
   * measured) are filled in. A name that exists gets "-2", "-3", ….
   * @default "epoch-{epoch}-step-{step}"
   */
  filename?: string | undefined;
  /**
   * How the files are compressed. Weights shrink little and take longer to save; zstd needs Node 22.15 or newer.
   * @default "none"
   */
  compress?: Compression | undefined;
  /**
   * A second directory that every committed checkpoint is copied to, and deleted from when it is deleted here; several runs may
   * share it; an error there is a warning.
   */
  backupDir?: string | undefined;
  /**
   * Hashes, compresses and writes on another thread while training continues; false: training waits until the checkpoint is
   * durable.
   * @default true
   */
  async?: boolean | undefined;
  /** Which checkpoints are kept, in place of maxCheckpoints, saveTopK and saveLast: one rule, or anyOf(…) several. */
  keep?: KeepRule | undefined;
  /**
   * The run that the checkpoints belong to, such as `trainer.run`: the manager lists, loads, ranks and deletes only those of this
   * runId. Left out: it lists and loads all, and deletes by its keep rules only those of no run.
   */
  run?: RunIdentity | undefined;
  /**
   * Called once for each warning: a damaged checkpoint that was skipped, one that could not be deleted or copied to backupDir, a
   * keep rule that threw. What it throws is ignored.
   */
  onWarning?: ((message: string) => void) | undefined;
}

/** One thing that is wrong with a stored checkpoint, as `verify` lists it. */
export interface CheckpointProblem {
  /** The name of the checkpoint's directory that has the problem. */
  checkpoint: string;
  /** The file with the problem, or null for the directory itself. */
  file: string | null;
  /** What is wrong, as the end of a sentence about the file: `it is missing`. */
  problem: string;
}
