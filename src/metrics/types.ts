import type { AggregationStrategy, Metrics } from "../contract/index.js";

/** The share of batches a loader really gave, and how far that is from what was expected. */
export interface LoaderProportion {
  /** 0 to 1; 0 before any batch. */
  batches: number;
  /** |share − expected share|; null where nothing is expected, or before any batch. */
  divergence: number | null;
}

/** The values of one epoch (or of any stretch between two resets), by bare metric name. */
export interface EpochMetrics {
  global: Metrics;
  perLoader: Record<string, Metrics>;
  proportions: Record<string, LoaderProportion>;
}

/** How the batches of one metric become one value. */
export type Aggregation = AggregationStrategy;
