import type { MaybePromise } from "./scalar.js";

/** Limits of one collective operation or of one flush. */
export interface Bounds {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** How several ranks talk. Every rank calls the same operations in the same order. */
export interface ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  /** The element-wise reduction over all ranks, the same array length on each; the input is not changed. */
  allReduce(values: Float64Array, op: "sum" | "min" | "max", bounds?: Bounds): MaybePromise<Float64Array>;
  /** Rank `root`'s bytes, on every rank. */
  broadcast(bytes: Uint8Array, root: number, bounds?: Bounds): MaybePromise<Uint8Array>;
  /** Every rank's bytes, in rank order, on every rank. */
  gather(bytes: Uint8Array, bounds?: Bounds): MaybePromise<Uint8Array[]>;
  barrier(bounds?: Bounds): MaybePromise<void>;
  close(bounds?: Bounds): MaybePromise<void>;
}
