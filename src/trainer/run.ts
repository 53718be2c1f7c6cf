import type { DirectoryLock } from "../checkpoint/disk/lock.js";
import type { Checkpointing } from "./checkpointing.js";
import type { Context } from "./context.js";
import type { Interruption } from "./interruption.js";
import type { LoopPhase } from "./loop-phase.js";
import type { SavableRun } from "./saved-run.js";
import type { Schedule } from "./schedule.js";

/** Everything that one `fit` works with: the trainer's services themselves, extended when the data is known. */
export interface Run<Batch> extends SavableRun<Batch> {
  readonly context: Context;
  readonly schedule: Schedule;
  readonly interruption: Interruption;
  readonly checkpoints: Checkpointing<Batch>;
  /** That of the run's directory; null on ranks other than 0. */
  readonly lock: DirectoryLock | null;
  /** Where the checkpoint was taken from which this run is resumed; null: the run is not resumed. */
  resumed: LoopPhase | null;
  /** Sent to every backend once it is open. */
  readonly tags: Record<string, string>;
}
