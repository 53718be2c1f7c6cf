import type { ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import { loaderDataError } from "./errors.js";
import type { LoaderEntry } from "./source.js";
import { weightsOf } from "./weights.js";

/** Throws `ERR_LOADER_DATA` where loaders and config do not fit each other, as far as that shows before a batch is pulled. */
export function checkLoaders(
  entries: readonly LoaderEntry<unknown>[],
  config: ResolvedMultiDataLoaderConfig,
  role: "train" | "validation",
): void {
  if (role === "validation") {
    const infinite = entries.find((entry) => entry.length === Infinity);
    if (infinite === undefined) return;
    throw loaderDataError(
      `Validation goes through every batch, and loader "${infinite.name}" is infinite. Give it an end.`,
      `validation.${infinite.name}`,
    );
  }
  weightsOf(config.dataloaderWeights, entries);
  checkReach(entries, config);
}

/** Sequential reading never gets past an infinite loader. */
function checkReach(entries: readonly LoaderEntry<unknown>[], config: ResolvedMultiDataLoaderConfig): void {
  if (config.samplingStrategy !== "sequential") return;
  const endless = entries.findIndex((entry) => entry.length === Infinity);
  const next = endless < 0 ? undefined : entries[endless + 1];
  if (next === undefined) return;
  throw loaderDataError(
    `Loader "${entries[endless]?.name}" is infinite, so sequential reading never gets to "${next.name}".\n` +
      'Put the infinite loader last, or use another strategy ("weighted", "roundRobin", "alternating").',
    "trainLoaderConfig.samplingStrategy",
  );
}
