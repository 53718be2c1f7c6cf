/** A value or a promise of it: what returns no promise costs no `await`. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A value that is still on a device. Returning one from `trainStep` hands it over: the trainer reads it at most
 * once and disposes it exactly once, also after an error.
 */
export interface DeferredScalar {
  /** The value; waits for the device, or returns a promise. Called at most once, at a boundary or when a hook reads the metric. */
  read(): MaybePromise<number>;
  /** Frees what holds the value. Called exactly once, after `read` or instead of it. */
  dispose(): void;
}

/** A number, or one that is read later. */
export type Scalar = number | DeferredScalar;

/** Metric values by name. Batch hooks see bare names (`loss`), all others monitor names (`val/loss`). */
export type Metrics = Readonly<Record<string, number>>;
