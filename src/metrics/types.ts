import type { Metrics } from "../contract/index.js";

/** The share of the batches that a loader gave, and how far that is from what was expected. */
export interface LoaderProportion {
  /** Its batches divided by those of all loaders: 0 to 1; 0 before any batch. */
  batches: number;
  /** |share − expected share|, 0 to 1; null where no share is expected, and before any batch. */
  divergence: number | null;
}

/** The values of one epoch (or of any stretch between two resets), by bare metric name. */
export interface EpochMetrics {
  /** Over all loaders; `loss` and every metric that a batch reported. */
  global: Metrics;
  /** By loader name; a metric that no batch of the loader reported is absent. */
  perLoader: Record<string, Metrics>;
  /** By loader name. */
  proportions: Record<string, LoaderProportion>;
}
