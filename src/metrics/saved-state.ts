import type { AggregationStrategy, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import type { Accumulators } from "./accumulators.js";

const AGGREGATIONS: readonly string[] = ["weightedAverage", "simpleAverage", "sum", "max", "min"] satisfies AggregationStrategy[];

interface SavedSums {
  readonly [key: string]: StateValue;
  readonly loaders: readonly string[];
  readonly names: readonly string[];
  readonly aggregations: readonly string[];
  /** By metric, then loader. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly batches: Float64Array;
  readonly samples: Float64Array;
}

/** The sums as a checkpoint holds them. */
export function saveAccumulators(sums: Accumulators, loaders: readonly string[]): StateValue {
  const { columns } = sums;
  const values = new Float64Array(columns.length * loaders.length);
  const weights = new Float64Array(values.length);
  columns.forEach((_, column) => {
    loaders.forEach((_, loaderIdx) => {
      values[column * loaders.length + loaderIdx] = sums.value(column, loaderIdx);
      weights[column * loaders.length + loaderIdx] = sums.weight(column, loaderIdx);
    });
  });
  const saved: SavedSums = {
    loaders: [...loaders],
    names: columns.map((column) => column.name),
    aggregations: columns.map((column) => column.aggregation),
    values,
    weights,
    batches: sums.batches.slice(),
    samples: sums.samples.slice(),
  };
  return saved;
}

/** Puts saved sums in place of those in `sums`. The rule of each metric is the saved one until the next reset. */
export function loadAccumulators(state: StateValue, sums: Accumulators, loaders: readonly string[]): void {
  const saved = checked(state, loaders);
  sums.reset();
  sums.batches.set(saved.batches);
  sums.samples.set(saved.samples);
  saved.names.forEach((name, index) => {
    const aggregation = saved.aggregations[index] as AggregationStrategy;
    const column = sums.restart(name, aggregation);
    loaders.forEach((_, loaderIdx) => {
      const at = index * loaders.length + loaderIdx;
      const weight = saved.weights[at] as number;
      if (weight !== 0) sums.put(column, loaderIdx, saved.values[at] as number, weight);
    });
  });
}

function checked(state: StateValue, loaders: readonly string[]): SavedSums {
  const saved = state as SavedSums;
  const arrays = typeof state === "object" && state !== null ? [saved.values, saved.weights, saved.batches, saved.samples] : [];
  if (
    arrays.length === 0 ||
    !arrays.every((array) => array instanceof Float64Array) ||
    !Array.isArray(saved.loaders) ||
    !Array.isArray(saved.names)
  ) {
    throw new TrainscopeError("ERR_STATE", "The saved state is not one of metrics.");
  }
  if (saved.loaders.join("\n") !== loaders.join("\n")) {
    throw new TrainscopeError(
      "ERR_STATE",
      `The saved metrics are of the loaders ${saved.loaders.join(", ")}; now there are ${loaders.join(", ")}.`,
    );
  }
  const cells = saved.names.length * loaders.length;
  const whole =
    saved.values.length === cells &&
    saved.weights.length === cells &&
    saved.batches.length === loaders.length &&
    saved.samples.length === loaders.length &&
    Array.isArray(saved.aggregations) &&
    saved.aggregations.length === saved.names.length &&
    saved.aggregations.every((rule: string) => AGGREGATIONS.includes(rule));
  if (!whole) throw new TrainscopeError("ERR_STATE", "The saved state of the metrics is not complete.");
  return saved;
}
