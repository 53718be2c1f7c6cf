import type { DataLoader, WithDefaults } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkedOptions, type OptionRules, required } from "../support/option-keys.js";
import { isDataset } from "../support/tfjs-values.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { opsOf } from "./ops.js";
import { TENSOR_LOADER_RULES, TensorLoader, type TensorLoaderOptions } from "./tensor-loader.js";
import { sampleCount } from "./tensor-source.js";
import type { Tfjs, TfjsBatch, TfjsTensors } from "./types.js";

/** How `tfjsSplit` divides tensors in memory, and makes batches of both parts. */
export interface SplitOptions extends TensorLoaderOptions {
  /** The share of the samples that validate, above 0 and below 1: the last ones, before anything is shuffled. */
  validationSplit: number;
  /** Samples in a batch, of both parts; the last one of a pass may have fewer. @default 32 */
  batchSize?: number | undefined;
  /** A new order of the training samples for every pass, by the run's seed. Those that validate keep their order. @default false */
  shuffle?: boolean | undefined;
  /** Leaves out a last training batch that is not full. All samples validate. @default false */
  dropLast?: boolean | undefined;
}

/** The two loaders that `tfjsSplit` makes: what `trainer.fit` takes. */
export interface TfjsSplit<Batch> {
  /** Gives the first samples, shuffled where `shuffle` says so. */
  train: DataLoader<Batch>;
  /** The last samples, in their order. */
  validation: DataLoader<Batch>;
}

type Filled = WithDefaults<SplitOptions, keyof TensorLoaderOptions>;

const RULES: OptionRules<SplitOptions, Filled> = {
  ...TENSOR_LOADER_RULES,
  validationSplit: required({
    allowed: "a number above 0 and below 1, such as 0.2",
    accepts: (value) => typeof value === "number" && value > 0 && value < 1,
  }),
};

/**
 * Divides tensors in memory as `model.fit({ validationSplit })` does: `trainer.fit(tfjsSplit(tf, { xs, ys }, { validationSplit: 0.2 }))`.
 * - The last samples validate, as many as `model.fit` takes, before `shuffle`: samples that are sorted by class must be mixed first.
 * - Nothing is copied beforehand: a batch is a copy of its rows, made when it is pulled. The tensors stay the user's and are never
 *   disposed.
 * - Each part resumes as `tfjsLoader` does.
 * Throws `ERR_CONFIG` for an unknown, missing or wrong option, `ERR_LOADER_DATA` for a dataset, for tensors that differ in samples, and
 * where a part would be empty.
 */
export function tfjsSplit<Xs extends TfjsTensors | [], Ys extends TfjsTensors | []>(
  tf: Tfjs,
  data: TfjsBatch<Xs, Ys>,
  options: SplitOptions,
): TfjsSplit<TfjsBatch<Xs, Ys>> {
  const ops = opsOf(tf);
  if (isDataset(data)) throw splitError(DATASET);
  const samples = sampleCount(data, "tfjsSplit"); // first: tensors one after the other would be taken for options
  const { validationSplit, ...batches } = checkedOptions<SplitOptions, Filled>(options, RULES, "tfjsSplit", TRAINING_INSTEAD);
  const splitAt = Math.floor(samples * (1 - validationSplit)); // as model.fit rounds
  if (splitAt === 0 || splitAt === samples) throw splitError(emptyMessage(samples, splitAt, validationSplit));
  const validated = { batchSize: batches.batchSize };
  return {
    train: new TensorLoader<TfjsBatch<Xs, Ys>>(ops, data, batches, { first: 0, count: splitAt }),
    validation: new TensorLoader<TfjsBatch<Xs, Ys>>(ops, data, validated, { first: splitAt, count: samples - splitAt }),
  };
}

const DATASET =
  "A tf.data.Dataset is read as a stream and is split by its own methods, before it is batched:\n" +
  "  const train = tfjsLoader(tf, dataset.skip(200), { batchSize: 32 });\n" +
  "  const validation = tfjsLoader(tf, dataset.take(200), { batchSize: 32 });";

function emptyMessage(samples: number, splitAt: number, validationSplit: number): string {
  const found = `validationSplit ${validationSplit} of ${samples} samples leaves none to ${splitAt === 0 ? "train" : "validate"} on.`;
  if (samples === 1) return `${found}\nGive at least 2 samples.`;
  const way = splitAt === 0 ? `less than ${thousandths(1 - 1 / samples)}` : `more than ${thousandths(1 / samples)}`;
  return `${found}\nGive ${way}, or more samples.`;
}

/** Rounded down, so that less than it is enough; `validationSplit` is rounded in favour of the validation. */
function thousandths(share: number): number {
  return Math.floor(share * 1000) / 1000;
}

function splitError(message: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path: "tfjsSplit" });
}
