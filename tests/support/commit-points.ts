import type { CommitPoint } from "../../src/checkpoint/disk/commit-point.js";

const order: Record<CommitPoint, true> = {
  begin: true,
  "before-file": true,
  "mid-file": true,
  "before-file-sync": true,
  "after-file": true,
  "before-manifest": true,
  "after-manifest": true,
  "before-rename": true,
  "after-rename": true,
  committed: true,
  "after-retire": true,
  "mid-delete": true,
  end: true,
};

/** Every point of a commit, in the order in which they are first reached; the record above does not compile without one of them. */
export const COMMIT_POINTS: readonly CommitPoint[] = Object.keys(order) as CommitPoint[];
