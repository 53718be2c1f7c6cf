import type { ResolvedMultiDataLoaderConfig } from "../../contract/index.js";
import { loaderDataError } from "../errors.js";
import type { LoaderEntry } from "../source.js";
import { weightsOf } from "../weights.js";
import { AlternatingStrategy } from "./alternating.js";
import { ProportionalStrategy } from "./proportional.js";
import { RoundRobinStrategy } from "./round-robin.js";
import { SequentialStrategy } from "./sequential.js";
import type { Strategy } from "./strategy.js";
import { WeightedStrategy } from "./weighted.js";

export type { Strategy } from "./strategy.js";

/** The strategy that `config` names, for these loaders. */
export function createStrategy(
  config: ResolvedMultiDataLoaderConfig,
  entries: readonly LoaderEntry<unknown>[],
  seed: number,
  rank: number,
): Strategy {
  switch (config.samplingStrategy) {
    case "sequential":
      return new SequentialStrategy();
    case "roundRobin":
      return new RoundRobinStrategy();
    case "alternating":
      return new AlternatingStrategy(config.blockSize);
    case "weighted":
      return new WeightedStrategy(weightsOf(config.dataloaderWeights, entries), seed, rank);
    case "proportional":
      return new ProportionalStrategy(entries.map(finiteLength));
  }
}

function finiteLength(entry: LoaderEntry<unknown>): number {
  if (entry.length !== null && Number.isFinite(entry.length)) return entry.length;
  throw loaderDataError(
    `The strategy "proportional" needs the length of every loader, and "${entry.name}" ` +
      `${entry.length === null ? "has none" : "is infinite"}.\nGive it a finite \`length\`, or use "weighted".`,
    "trainLoaderConfig.samplingStrategy",
  );
}
