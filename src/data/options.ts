import { z } from "zod";
import { agreeing, callback, count, field, flag, instance, MultiDataLoaderConfig } from "../config/index.js";
import type { LoaderSource, ResolvedMultiDataLoaderConfig, WithDefaults } from "../contract/index.js";

/** Which loaders a `MultiDataLoader` reads, and how their batches become one stream. */
export interface MultiDataLoaderOptions<Batch> {
  /** One loader, an array of batches (one loader named `default`), or loaders by name. */
  loaders: LoaderSource<Batch>;
  /** How the batches of several loaders become one stream. @default {} */
  config?: MultiDataLoaderConfig | undefined;
  /** Where the draws of the weighted strategy and the shuffles of the loaders start. */
  seed: number;
  /** The rank of this process: with one seed, each rank draws from the loaders in another order. @default 0 */
  rank?: number | undefined;
  /** What the batches are for. "validation" goes through every batch of every loader and ignores `config`. */
  role: "train" | "validation";
  /**
   * Called when a loader gives more or fewer batches than its `length` says, returns a value when it ends, or does not close; the
   * first two once for each loader.
   */
  onWarning?: ((message: string) => void) | undefined;
  /**
   * Called with whatever is read and not given: a batch that a resume skips, one that comes after its pass was left, the value
   * that an iterator returns when it ends. Dispose its tensors here.
   */
  discard?: ((batch: Batch) => void) | undefined;
}
/** `MultiDataLoaderOptions` with the defaults filled in. */
export interface ResolvedMultiDataLoaderOptions<Batch> extends WithDefaults<
  Omit<MultiDataLoaderOptions<Batch>, "config">,
  "rank"
> {
  /** How batches are drawn, every key filled in. */
  config: ResolvedMultiDataLoaderConfig;
}

const multiDataLoader = () =>
  z.strictObject({
    loaders: instance<LoaderSource<unknown>>(
      () => true, // entriesOf checks it: its messages say more
      "a loader, an array of batches, or an object of them by name",
      "One loader, an array of batches (one loader named `default`), or loaders by name.",
    ),
    config: MultiDataLoaderConfig.prefault({}),
    seed: field(z.int(), "Where the draws of the weighted strategy and the shuffles of the loaders start."),
    rank: field(
      count(0).default(0),
      "The rank of this process: with one seed, each rank draws from the loaders in another order.",
    ),
    role: field(
      z.enum(["train", "validation"]),
      'What the batches are for. "validation" goes through every batch of every loader and ignores `config`.',
    ),
    onWarning: callback<(message: string) => void>(
      "Called when a loader gives more or fewer batches than its `length` says, returns a value when it ends, or does not close; " +
        "the first two once for each loader.",
    ).optional(),
    discard: callback<(batch: unknown) => void>(
      "Called with whatever is read and not given: a batch that a resume skips, one that comes after its pass was left, " +
        "the value that an iterator returns when it ends. Dispose its tensors here.",
    ).optional(),
  });

export const MultiDataLoaderOptions: z.ZodType<
  ResolvedMultiDataLoaderOptions<unknown>,
  MultiDataLoaderOptions<unknown>
> = agreeing<ResolvedMultiDataLoaderOptions<unknown>, MultiDataLoaderOptions<unknown>>()(
  "What a MultiDataLoader takes.",
  multiDataLoader,
);

/** How an `arrayLoader` makes batches of samples. */
export interface ArrayLoaderOptions<T, Batch = T[]> {
  /** How many samples make one batch; the last of a pass may have fewer. */
  batchSize: number;
  /** A new order of the samples for each pass, a function of the run's seed and the number of the pass only. @default false */
  shuffle?: boolean | undefined;
  /** Leaves out the last batch of a pass where it has fewer than `batchSize` samples. @default false */
  dropLast?: boolean | undefined;
  /** Makes a batch of the array of its samples, a new array for each batch; left out: the batch is that array. */
  collate?: ((samples: T[]) => Batch) | undefined;
}
/** `ArrayLoaderOptions` with the defaults filled in. */
export type ResolvedArrayLoaderOptions<T, Batch> = WithDefaults<ArrayLoaderOptions<T, Batch>, "shuffle" | "dropLast">;

const arrayLoader = () =>
  z.strictObject({
    batchSize: field(count(), "How many samples make one batch; the last of a pass may have fewer."),
    shuffle: field(
      flag(false),
      "A new order of the samples for each pass, a function of the run's seed and the number of the pass only.",
    ),
    dropLast: field(flag(false), "Leaves out the last batch of a pass where it has fewer than `batchSize` samples."),
    collate: callback<(samples: unknown[]) => unknown>(
      "Makes a batch of the array of its samples, a new array for each batch; left out: the batch is that array.",
    ).optional(),
  });

export const ArrayLoaderOptions: z.ZodType<
  ResolvedArrayLoaderOptions<unknown, unknown>,
  ArrayLoaderOptions<unknown, unknown>
> = agreeing<ResolvedArrayLoaderOptions<unknown, unknown>, ArrayLoaderOptions<unknown, unknown>>()(
  "How an arrayLoader makes batches of samples.",
  arrayLoader,
);
