import type { ProcessGroup } from "../contract/index.js";

/**
 * The group of a run that is one process, rank 0 of 1: what a run has without `ranks.group`. Every operation returns at once, without
 * a promise: `allReduce` a copy of its input, the others their input itself.
 */
export const singleProcess: ProcessGroup = {
  rank: 0,
  worldSize: 1,
  allReduce: (values) => values.slice(),
  broadcast: (bytes) => bytes,
  gather: (bytes) => [bytes],
  barrier() {},
  close() {},
};
