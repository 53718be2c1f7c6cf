import type { DataLoader } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { DatasetLoader, type DatasetLoaderOptions } from "./dataset-loader.js";
import { opsOf } from "./ops.js";
import { TensorLoader, type TensorLoaderOptions } from "./tensor-loader.js";
import type { TensorOf, Tfjs, TfjsBatch, TfjsDataset, TfjsElement, TfjsGrouped, TfjsTensors } from "./types.js";

/**
 * A loader of tensors in memory: `{ xs, ys }`, each a tensor, an array or a record of them, the samples along the first dimension.
 * - Shuffled by the run's seed, as `arrayLoader` is; a resumed run continues in mid-pass with the next sample, also with another
 *   `batchSize`.
 * - A batch is a copy of its rows. The model disposes it after the step; the source tensors are never disposed.
 * Throws `ERR_CONFIG` for an unknown or wrong option, `ERR_LOADER_DATA` where the tensors differ in samples or fill no batch.
 */
export function tfjsLoader<Xs extends TfjsTensors | [], Ys extends TfjsTensors | []>(
  tf: Tfjs,
  source: TfjsBatch<Xs, Ys>,
  options?: TensorLoaderOptions,
): DataLoader<TfjsBatch<Xs, Ys>>;
/**
 * A loader of a `tf.data.Dataset` with elements `{ xs, ys }`, grouped by `batchSize` or batches already; a resumed run reads the pass
 * again up to where it was. With `trainLoaderConfig.batchesPerEpoch` one iterator runs on over the epochs, as in `fitDataset`, and a new
 * one is made at its end. The model disposes a batch after the step. Throws `ERR_CONFIG` for an unknown or wrong option.
 */
export function tfjsLoader<T extends Tfjs, Element>(
  tf: T,
  source: TfjsDataset<Element>,
  options: DatasetLoaderOptions & {
    /** Elements of the dataset in a batch. */
    batchSize: number;
  },
): DataLoader<TfjsGrouped<Element, TensorOf<T>>>;
/** The same, of a dataset whose elements are batches already. */
export function tfjsLoader<T extends Tfjs, Element>(
  tf: T,
  source: TfjsDataset<Element>,
  options?: DatasetLoaderOptions & {
    /** Left out: the elements are batches. */
    batchSize?: undefined;
  },
): DataLoader<TfjsElement<Element>>;
/** The same, where you say what the batches are: `tfjsLoader<MyBatch>(tf, dataset)`. */
export function tfjsLoader<Batch = never>(
  tf: Tfjs,
  source: [Batch] extends [never] ? never : TfjsDataset<unknown>,
  options?: DatasetLoaderOptions,
): DataLoader<Batch>;
export function tfjsLoader(
  tf: Tfjs,
  source: TfjsBatch | TfjsDataset<unknown>,
  options: TensorLoaderOptions | DatasetLoaderOptions = {},
): DataLoader<unknown> {
  if (typeof source !== "object" || source === null)
    throw new TrainscopeError(
      "ERR_LOADER_DATA",
      `Found ${valueText(source)}. Allowed: { xs, ys } of tensors, or a tf.data.Dataset.`,
      {
        path: "tfjsLoader",
      },
    );
  if ("iterator" in source) return new DatasetLoader(opsOf(tf), source, options as DatasetLoaderOptions);
  return new TensorLoader(opsOf(tf), source, options as TensorLoaderOptions);
}
