import type { ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import type { LoaderEntry } from "./source.js";
import { drawn, weightsOf } from "./weights.js";

type Entries = readonly LoaderEntry<unknown>[];

/** Batches an epoch will have, or null where that cannot be known beforehand. */
export function plannedBatches(config: ResolvedMultiDataLoaderConfig, entries: Entries): number | null {
  if (config.batchesPerEpoch !== undefined) return config.batchesPerEpoch;
  const isDrawn = drawn(config, entries);
  const lengths = knownLengths(entries.filter((_, index) => isDrawn[index]));
  if (lengths === null) return null;
  const first = lengths[0] as number;
  if (config.samplingStrategy === "sequential" && config.exhaustion === "stopAtShortest") return finiteOrNull(first);
  if (lengths.length === 1) return finiteOrNull(first);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (
    config.exhaustion === "stopAtAll" ||
    config.samplingStrategy === "sequential" ||
    config.samplingStrategy === "proportional"
  ) {
    return finiteOrNull(total);
  }
  if (config.samplingStrategy === "weighted") return null;
  const blockSize = config.samplingStrategy === "alternating" ? config.blockSize : 1;
  return config.exhaustion === "stopAtShortest" ? untilFirstMiss(lengths, blockSize) : untilLastGiven(lengths, blockSize);
}

/** The share of batches that each loader is meant to have, or null where lengths decide and are not known. */
export function expectedShares(config: ResolvedMultiDataLoaderConfig, entries: Entries): number[] | null {
  switch (config.samplingStrategy) {
    case "weighted":
      return normalised(weightsOf(config.dataloaderWeights, entries));
    case "roundRobin":
    case "alternating":
      return entries.map(() => 1 / entries.length);
    case "proportional":
    case "sequential": {
      const lengths = knownLengths(entries);
      if (lengths === null || !lengths.every(Number.isFinite)) return null;
      return normalised(readsFirstOnly(config) ? lengths.map((length, index) => (index === 0 ? length : 0)) : lengths);
    }
  }
}

/** Batches given before a loader is first found exhausted, with blocks of each loader in turn. */
function untilFirstMiss(lengths: readonly number[], blockSize: number): number | null {
  const places = lengths.map((length, index) => placeOf(length, index, lengths.length, blockSize));
  return finiteOrNull(places.reduce((first, place) => Math.min(first, place)));
}

/** Batches until every loader that ends has given its last one. */
function untilLastGiven(lengths: readonly number[], blockSize: number): number | null {
  const places = lengths.flatMap((length, index) =>
    length === Infinity ? [] : [placeOf(length - 1, index, lengths.length, blockSize) + 1],
  );
  return places.length === 0 ? null : places.reduce((last, place) => Math.max(last, place));
}

/** How many batches come before batch `nth` (from 0) of loader `index`. */
function placeOf(nth: number, index: number, loaders: number, blockSize: number): number {
  if (nth === Infinity) return Infinity;
  return Math.floor(nth / blockSize) * loaders * blockSize + index * blockSize + (nth % blockSize);
}

/** A sequential epoch that ends with its first loader. */
function readsFirstOnly({ samplingStrategy, exhaustion, batchesPerEpoch }: ResolvedMultiDataLoaderConfig): boolean {
  return samplingStrategy === "sequential" && exhaustion === "stopAtShortest" && batchesPerEpoch === undefined;
}

function knownLengths(entries: Entries): number[] | null {
  const lengths: number[] = [];
  for (const entry of entries) {
    if (entry.length === null) return null;
    lengths.push(entry.length);
  }
  return lengths;
}

function normalised(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
