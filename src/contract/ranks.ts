import type { MaybePromise } from "./scalar.js";

/** How long one collective operation, one flush or one close may take. Each method documents what it does without a limit. */
export interface Bounds {
  /** Milliseconds after which the caller no longer waits. */
  timeoutMs?: number | undefined;
  /** When it aborts, the caller no longer waits. */
  signal?: AbortSignal | undefined;
}

/**
 * The communication between the ranks of one run. Every rank calls the same operations in the same order; an operation ends when
 * all ranks have called it. Inputs are not changed. A rank that fails, leaves or does not come within `bounds` rejects the operation
 * on the others (`ERR_RANKS` from this package's groups). Without `bounds` an operation waits for as long as the others take.
 */
export interface ProcessGroup {
  /** The number of this process, 0 to `worldSize - 1`. Rank 0 owns the run's directory, journal and backends. */
  readonly rank: number;
  /** How many processes train together. */
  readonly worldSize: number;
  /** The element-wise sum, minimum or maximum over all ranks, the same bits on each. `values` has the same length on every rank. */
  allReduce(values: Float64Array, op: "sum" | "min" | "max", bounds?: Bounds): MaybePromise<Float64Array>;
  /** The bytes that rank `root` passed, on every rank; what the others pass is ignored. */
  broadcast(bytes: Uint8Array, root: number, bounds?: Bounds): MaybePromise<Uint8Array>;
  /** The bytes of every rank, in rank order, on every rank; lengths may differ. */
  gather(bytes: Uint8Array, bounds?: Bounds): MaybePromise<Uint8Array[]>;
  /** Ends when every rank has called it. */
  barrier(bounds?: Bounds): MaybePromise<void>;
  /** Leaves the group: operations of the others that wait for this rank fail. */
  close(bounds?: Bounds): MaybePromise<void>;
}
