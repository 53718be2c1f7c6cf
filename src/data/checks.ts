import type { ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import type { LoaderEntry } from "./source.js";
import { weightsOf } from "./weights.js";

/** Throws `ERR_LOADER_DATA` where the loaders and the config do not fit, as far as that shows before a batch is pulled. */
export function checkLoaders(
  entries: readonly LoaderEntry<unknown>[],
  config: ResolvedMultiDataLoaderConfig,
  role: "train" | "validation",
): void {
  if (role === "validation") {
    const infinite = entries.find((entry) => entry.length === Infinity);
    if (infinite === undefined) return;
    throw fault(
      `Validation goes through every batch, and loader "${infinite.name}" is infinite. Give it an end.`,
      `validation.${infinite.name}`,
    );
  }
  countOf(config.batchesPerEpoch ?? 1, "batchesPerEpoch");
  countOf(config.blockSize, "blockSize");
  weightsOf(config.dataloaderWeights, entries);
  checkReach(entries, config);
}

/** A sequential epoch never gets past an infinite loader. */
function checkReach(entries: readonly LoaderEntry<unknown>[], config: ResolvedMultiDataLoaderConfig): void {
  if (config.samplingStrategy !== "sequential" || config.batchesPerEpoch !== undefined) return;
  const endless = entries.findIndex((entry) => entry.length === Infinity);
  const next = endless < 0 ? undefined : entries[endless + 1];
  if (next === undefined) return;
  throw fault(
    `Loader "${entries[endless]?.name}" is infinite, so a sequential epoch never gets to "${next.name}".\n` +
      "Set trainLoaderConfig.batchesPerEpoch, put the infinite loader last, " +
      'or use another strategy ("weighted", "roundRobin", "alternating").',
    "trainLoaderConfig.samplingStrategy",
  );
}

function countOf(value: number, key: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw fault(`${key} is ${value}: it must be an integer of at least 1.`, `trainLoaderConfig.${key}`);
}

function fault(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path });
}
