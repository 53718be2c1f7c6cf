/** The named points of a commit, in the order in which they are first reached. Tests end the thread or the process at each. */
export type CommitPoint =
  | "begin"
  | "before-file"
  | "mid-file"
  | "before-file-sync"
  | "after-file"
  | "before-manifest"
  | "after-manifest"
  | "before-rename"
  | "after-rename"
  | "committed"
  | "after-retire"
  | "mid-delete"
  | "end";
