/** A value or a promise of it: whatever returns no promise costs no `await`. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A value that still lives on a device. Returning one from `trainStep` hands it over: the trainer reads it at most
 * once and disposes it exactly once, also after an error.
 */
export interface DeferredScalar {
  read(): MaybePromise<number>;
  dispose(): void;
}

/** A number, or one that is read later. */
export type Scalar = number | DeferredScalar;

/** Metric values by name. Batch hooks see bare names (`loss`), all others monitor names (`val/loss`). */
export type Metrics = Readonly<Record<string, number>>;
