import type { MaybePromise } from "./scalar.js";
import type { StateValue } from "./tensor.js";

/**
 * A source of batches. The consumer of a batch disposes its tensors after the step; the trainer never pulls ahead.
 */
export interface DataLoader<out Batch> {
  /** One pass over the data; `pass` counts this loader's starts from 0. */
  batches(pass: number): Iterable<Batch> | AsyncIterable<Batch>;
  /** Batches in one pass. `Infinity`: started once, never expected to end. */
  readonly length?: number | undefined;
  /** Called once before the first pass, with the run's seed. */
  seed?(seed: number): void;
  /** The position after the last *yielded* batch. Without it a resume replays and skips. */
  state?(): StateValue;
  loadState?(state: StateValue): MaybePromise<void>;
}

/** One loader, an array of batches (one loader named `default`), or loaders by name. */
export type LoaderSource<Batch> =
  | DataLoader<Batch>
  | readonly Batch[]
  | Readonly<Record<string, DataLoader<Batch> | readonly Batch[]>>;

/** What `fit` trains and validates on. */
export interface FitData<Batch> {
  train: LoaderSource<Batch>;
  validation?: LoaderSource<Batch> | undefined;
}
