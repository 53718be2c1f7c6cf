import type { AggregationStrategy, ResolvedMetricsConfig } from "../contract/index.js";

/** One metric: its name, and by what rule its batches become one value. */
export interface Column {
  readonly name: string;
  aggregation: AggregationStrategy;
}

/** The config that decides the rule of each metric. */
export type AggregationRules = Pick<ResolvedMetricsConfig, "aggregationStrategy" | "perMetric">;

/**
 * Sums of every metric and loader.
 * - Exactness: values are added in the order of the steps, so the result does not depend on when they were read.
 * - A metric that a batch lacks adds neither value nor weight.
 * - NaN and infinities enter the result as arithmetic has it; they are never dropped.
 * - Over all loaders: the loaders' sums are added in the order of the loaders, so an epoch's value is Σ v·w / Σ w.
 */
export class Accumulators {
  readonly loaders: number;
  readonly columns: Column[] = [];
  /** Batches and samples by loader. */
  readonly batches: Float64Array;
  readonly samples: Float64Array;
  readonly #rules: AggregationRules;
  readonly #byName: Map<string, number> = new Map();
  #values: Float64Array;
  #weights: Float64Array;

  constructor(loaders: number, rules: AggregationRules) {
    this.loaders = loaders;
    this.#rules = rules;
    this.batches = new Float64Array(loaders);
    this.samples = new Float64Array(loaders);
    this.#values = new Float64Array(4 * loaders);
    this.#weights = new Float64Array(4 * loaders);
  }

  /** True for a metric that has a column. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The index of a metric's column, made when there is none. */
  column(name: string, aggregation: AggregationStrategy = this.#rule(name)): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const index = this.columns.push({ name, aggregation }) - 1;
    this.#byName.set(name, index);
    if (this.columns.length * this.loaders > this.#values.length) {
      this.#values = doubled(this.#values);
      this.#weights = doubled(this.#weights);
    }
    this.#clear(index);
    return index;
  }

  /** The index of a metric's column, emptied, with `aggregation` as its rule until the next reset. */
  restart(name: string, aggregation: AggregationStrategy): number {
    const index = this.column(name, aggregation);
    (this.columns[index] as Column).aggregation = aggregation;
    this.#clear(index);
    return index;
  }

  /** Counts one batch of a loader. */
  batch(loaderIdx: number, batchSize: number): void {
    this.batches[loaderIdx] = (this.batches[loaderIdx] as number) + 1;
    this.samples[loaderIdx] = (this.samples[loaderIdx] as number) + batchSize;
  }

  /** One batch's value of one metric. */
  add(columnIdx: number, loaderIdx: number, value: number, batchSize: number): void {
    const aggregation = (this.columns[columnIdx] as Column).aggregation;
    if (aggregation === "weightedAverage") this.put(columnIdx, loaderIdx, value * batchSize, batchSize);
    else this.put(columnIdx, loaderIdx, value, 1);
  }

  /** A sum (or an extreme) with its weight, joined to what is there. */
  put(columnIdx: number, loaderIdx: number, value: number, weight: number): void {
    const at = columnIdx * this.loaders + loaderIdx;
    this.#values[at] = joined((this.columns[columnIdx] as Column).aggregation, this.#values[at] as number, value);
    this.#weights[at] = (this.#weights[at] as number) + weight;
  }

  /** The sum (or extreme) of one metric of one loader. */
  value(columnIdx: number, loaderIdx: number): number {
    return this.#values[columnIdx * this.loaders + loaderIdx] as number;
  }

  /** The weight behind that sum: samples for a weighted average, batches for any other rule. */
  weight(columnIdx: number, loaderIdx: number): number {
    return this.#weights[columnIdx * this.loaders + loaderIdx] as number;
  }

  /** One metric of one loader; undefined where no batch had it. */
  ofLoader(columnIdx: number, loaderIdx: number): number | undefined {
    const column = this.columns[columnIdx] as Column;
    return result(column.aggregation, this.value(columnIdx, loaderIdx), this.weight(columnIdx, loaderIdx));
  }

  /** One metric over all loaders; undefined where no batch had it. */
  ofAll(columnIdx: number): number | undefined {
    const { aggregation } = this.columns[columnIdx] as Column;
    let value = identity(aggregation);
    let weight = 0;
    for (let loaderIdx = 0; loaderIdx < this.loaders; loaderIdx++) {
      if (this.weight(columnIdx, loaderIdx) === 0) continue;
      value = joined(aggregation, value, this.value(columnIdx, loaderIdx));
      weight += this.weight(columnIdx, loaderIdx);
    }
    return result(aggregation, value, weight);
  }

  /** New accumulators without any sum, of the same loaders and rules. */
  emptyCopy(): Accumulators {
    return new Accumulators(this.loaders, this.#rules);
  }

  /** Adds what `other` holds, for the same loaders. */
  join(other: Accumulators): void {
    for (let loaderIdx = 0; loaderIdx < this.loaders; loaderIdx++) {
      this.batches[loaderIdx] = (this.batches[loaderIdx] as number) + (other.batches[loaderIdx] as number);
      this.samples[loaderIdx] = (this.samples[loaderIdx] as number) + (other.samples[loaderIdx] as number);
    }
    other.columns.forEach((column, from) => {
      const to = this.column(column.name, column.aggregation);
      for (let loaderIdx = 0; loaderIdx < this.loaders; loaderIdx++) {
        const weight = other.weight(from, loaderIdx);
        if (weight !== 0) this.put(to, loaderIdx, other.value(from, loaderIdx), weight);
      }
    });
  }

  /** Clears everything; columns are kept, their rules are those of the config again. */
  reset(): void {
    this.batches.fill(0);
    this.samples.fill(0);
    this.columns.forEach((column, index) => {
      column.aggregation = this.#rule(column.name);
      this.#clear(index);
    });
  }

  #clear(columnIdx: number): void {
    const from = columnIdx * this.loaders;
    this.#values.fill(identity((this.columns[columnIdx] as Column).aggregation), from, from + this.loaders);
    this.#weights.fill(0, from, from + this.loaders);
  }

  #rule(name: string): AggregationStrategy {
    const { perMetric, aggregationStrategy } = this.#rules;
    return Object.hasOwn(perMetric, name) ? (perMetric[name] as AggregationStrategy) : aggregationStrategy;
  }
}

function joined(aggregation: AggregationStrategy, a: number, b: number): number {
  if (aggregation === "max") return Math.max(a, b);
  if (aggregation === "min") return Math.min(a, b);
  return a + b;
}

function identity(aggregation: AggregationStrategy): number {
  if (aggregation === "max") return -Infinity;
  return aggregation === "min" ? Infinity : 0;
}

function result(aggregation: AggregationStrategy, value: number, weight: number): number | undefined {
  if (weight === 0) return undefined;
  return aggregation === "weightedAverage" || aggregation === "simpleAverage" ? value / weight : value;
}

function doubled(array: Float64Array): Float64Array {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}
