import type { LoaderSource } from "../contract/index.js";
import { MultiDataLoader } from "../data/index.js";
import { MetricsManager } from "../metrics/index.js";
import type { RunServices } from "./run-services.js";

/** The loaders of one split of the data, train or validation, and what is measured on them. */
export interface DataSplit<Batch> {
  readonly loader: MultiDataLoader<Batch>;
  readonly metrics: MetricsManager;
}

/** Throws `ERR_LOADER_DATA` where `loaders` do not fit the config. */
export function makeSplit<Batch>(
  { config, group, model, warnings }: RunServices<Batch>,
  loaders: LoaderSource<Batch>,
  role: "train" | "validation",
): DataSplit<Batch> {
  const onWarning = (message: string): void => warnings.warn(message);
  const loader = new MultiDataLoader<Batch>({
    loaders,
    config: config.trainLoaderConfig,
    seed: config.seed,
    rank: group.rank,
    role,
    onWarning,
    discard: (batch) => model.discardBatch?.(batch),
  });
  const metrics = new MetricsManager({
    loaders: loader.names,
    config: config.metrics,
    expectedProportions: loader.expectedProportions,
    maxPendingScalars: config.logging.maxPendingScalars,
    onWarning,
  });
  return { loader, metrics };
}
