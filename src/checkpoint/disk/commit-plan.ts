import type { Manifest, ManifestHead } from "../format/manifest.js";
import type { CommitProblem } from "./commit-error.js";
import type { CommitPoint } from "./commit-point.js";
import type { FilePlan } from "./write-files.js";

/** Everything that one commit needs. It is sent to the thread: no functions, no classes. */
export interface CommitPlan {
  /** The directory of the checkpoints, absolute. */
  dir: string;
  head: ManifestHead;
  files: readonly FilePlan[];
  /** Checkpoints that are no longer kept: name and identity. */
  remove: readonly { name: string; sha256: string }[];
  backupDir: string | null;
  /** The end of the names of leftovers (`leftoverTag`). */
  tag: string;
  /** The lock of `dir` must have it whenever something is renamed or deleted. */
  lockToken: string;
}

export type CommitResult = { manifest: Manifest; warnings: string[] } | { problem: CommitProblem };

/** What a commit reports while it runs. */
export interface CommitListener {
  onPoint?: ((point: CommitPoint, name: string) => void) | undefined;
  /** The checkpoint is durable, and what is no longer kept is hidden. Its removal and the backup follow. */
  onCommitted?: ((manifest: Manifest, warnings: readonly string[]) => void) | undefined;
}
