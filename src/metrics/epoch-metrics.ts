import type { Accumulators } from "./accumulators.js";
import type { EpochMetrics, LoaderProportion } from "./types.js";

/** The values that `sums` come to, by bare metric name. The objects have no prototype: a loader or metric may be called `constructor`. */
export function epochMetrics(sums: Accumulators, loaders: readonly string[], expected: readonly number[] | null): EpochMetrics {
  const global = byName<number>();
  const perLoader = byName<Record<string, number>>();
  const proportions = byName<LoaderProportion>();
  sums.columns.forEach(({ name }, column) => {
    const value = sums.ofAll(column);
    if (value !== undefined) global[name] = value;
  });
  const batches = sums.batches.reduce((total, count) => total + count, 0);
  loaders.forEach((loader, loaderIdx) => {
    const values = byName<number>();
    sums.columns.forEach(({ name }, column) => {
      const value = sums.ofLoader(column, loaderIdx);
      if (value !== undefined) values[name] = value;
    });
    perLoader[loader] = values;
    proportions[loader] = proportion(sums.batches[loaderIdx] as number, batches, expected?.[loaderIdx]);
  });
  return { global, perLoader, proportions };
}

function byName<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

function proportion(given: number, total: number, expected: number | undefined): LoaderProportion {
  if (total === 0) return { batches: 0, divergence: null };
  const share = given / total;
  return { batches: share, divergence: expected === undefined ? null : Math.abs(share - expected) };
}
