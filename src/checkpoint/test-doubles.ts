import type { CheckpointFiles } from "./disk/files.js";
import type { LockParts } from "./disk/lock.js";
import type { Writer } from "./thread/writer.js";

/** Parts that the tests of this package put in place of the real ones. */
export interface TestDoubles {
  writer?: Writer | undefined;
  files?: CheckpointFiles | undefined;
  now?: (() => Date) | undefined;
  lockParts?: Partial<LockParts> | undefined;
}
