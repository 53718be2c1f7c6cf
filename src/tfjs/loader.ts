import type { DataLoader } from "../contract/index.js";
import { DatasetLoader, type DatasetLoaderOptions } from "./dataset-loader.js";
import { opsOf } from "./ops.js";
import { TensorLoader, type TensorLoaderOptions } from "./tensor-loader.js";
import type { Tfjs, TfjsBatch, TfjsDataset } from "./types.js";

/**
 * A loader of tensors in memory, or of a `tf.data.Dataset`.
 * Tensors: `{ xs, ys }`, each a tensor, an array or a record of them, first dimension the samples; shuffled by the run's
 * seed, resumable in mid-pass. Dataset: elements `{ xs, ys }`, grouped by `batchSize`; a resumed run replays the pass.
 * Batches are disposed by the model after the step; the source tensors never.
 */
export function tfjsLoader(tf: Tfjs, source: TfjsBatch, options?: TensorLoaderOptions): DataLoader<TfjsBatch>;
export function tfjsLoader<Batch = TfjsBatch>(
  tf: Tfjs,
  source: TfjsDataset<unknown>,
  options?: DatasetLoaderOptions,
): DataLoader<Batch>;
export function tfjsLoader(
  tf: Tfjs,
  source: TfjsBatch | TfjsDataset<unknown>,
  options: TensorLoaderOptions | DatasetLoaderOptions = {},
): DataLoader<unknown> {
  if ("iterator" in source) return new DatasetLoader(source, options as DatasetLoaderOptions);
  return new TensorLoader(opsOf(tf), source, options as TensorLoaderOptions);
}
