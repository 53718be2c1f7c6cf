import type { MaybePromise } from "./scalar.js";
import type { StateValue } from "./tensor.js";

/**
 * A source of batches. Batches are pulled one at a time, never ahead; the consumer of a batch disposes its tensors after the step.
 * An array of batches is a loader too; `arrayLoader` makes one from an array of samples.
 */
export interface DataLoader<out Batch> {
  /**
   * The batches of one pass over the data, as a new iterable. Called once at the start of each pass.
   * `pass` counts the passes of this loader from 0. An iterator that is left before its end gets `return()`. What it returns when it
   * ends is no batch.
   */
  batches(pass: number): Iterable<Batch> | AsyncIterable<Batch>;
  /**
   * Batches in one pass: an integer above 0, or `Infinity` for a loader that is started once and never ends. Left out: not known
   * before the first pass ends, so that progress and the strategy "proportional" lack it.
   */
  readonly length?: number | undefined;
  /** Samples in one pass, for summaries. Left out: not known. */
  readonly samples?: number | undefined;
  /** Samples in one full batch, for summaries and the run's parameters. Left out: not known. */
  readonly batchSize?: number | undefined;
  /** Takes the run's seed, once, before the first pass: shuffle by (seed, pass), and a resumed run has the same order. */
  seed?(seed: number): void;
  /**
   * The position after the last batch that was *yielded*, for a checkpoint. A loader without `state` and `loadState` is resumed by reading
   * its pass again and discarding the batches before the position.
   */
  state?(): StateValue;
  /** Goes to a position that `state` returned, also of another process; the next `batches(pass)` continues there when it is of that pass. */
  loadState?(state: StateValue): MaybePromise<void>;
  /**
   * True where `loadState` goes to its place by reading the pass again: that takes time and needs a source that gives the same again, so the
   * trainer says so at a resume. Without `state` and `loadState` it is always so. @default false
   */
  readonly replays?: boolean | undefined;
}

/** One loader, an array of batches (one loader named `default`), or loaders by name. Loader names follow the rule of metric names. */
export type LoaderSource<Batch> =
  | DataLoader<Batch>
  | readonly Batch[]
  | Readonly<Record<string, DataLoader<Batch> | readonly Batch[]>>;

/** What `fit` trains and validates on. */
export interface FitData<Batch> {
  /** The loaders of training; `trainLoaderConfig` says how they become one stream. */
  train: LoaderSource<Batch>;
  /** The loaders of validation: every batch of every one, in order. Left out: the run does not validate. */
  validation?: LoaderSource<Batch> | undefined;
}

/** The type of the batches of a loader, or of an array of batches: `BatchOf<typeof train>`. */
export type BatchOf<Loader> =
  Loader extends DataLoader<infer Batch> ? Batch : Loader extends readonly (infer Batch)[] ? Batch : never;
