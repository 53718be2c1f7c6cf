import type { Accumulators } from "./accumulators.js";
import type { EpochMetrics, LoaderProportion } from "./types.js";

/** The values that `sums` come to, by bare metric name. */
export function epochMetrics(sums: Accumulators, loaders: readonly string[], expected: readonly number[] | null): EpochMetrics {
  const global: Record<string, number> = {};
  const perLoader: Record<string, Record<string, number>> = {};
  const proportions: Record<string, LoaderProportion> = {};
  sums.columns.forEach(({ name }, column) => {
    const value = sums.ofAll(column);
    if (value !== undefined) global[name] = value;
  });
  const batches = sums.batches.reduce((total, count) => total + count, 0);
  loaders.forEach((loader, loaderIdx) => {
    const values: Record<string, number> = {};
    sums.columns.forEach(({ name }, column) => {
      const value = sums.ofLoader(column, loaderIdx);
      if (value !== undefined) values[name] = value;
    });
    perLoader[loader] = values;
    proportions[loader] = proportion(sums.batches[loaderIdx] as number, batches, expected?.[loaderIdx]);
  });
  return { global, perLoader, proportions };
}

function proportion(given: number, total: number, expected: number | undefined): LoaderProportion {
  if (total === 0) return { batches: 0, divergence: null };
  const share = given / total;
  return { batches: share, divergence: expected === undefined ? null : Math.abs(share - expected) };
}
