import type { ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import type { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { loaderDataError } from "./errors.js";
import type { LoaderEntry } from "./source.js";

const PATH = "trainLoaderConfig.dataloaderWeights";
const INTEGER_LIKE = /^(0|[1-9]\d*)$/;

type Weights = NonNullable<ResolvedMultiDataLoaderConfig["dataloaderWeights"]>;

/** One weight for each loader, given by position or by name; equal ones when none are given. Throws `ERR_LOADER_DATA` where they do not fit. */
export function weightsOf(given: Weights | undefined, entries: readonly LoaderEntry<unknown>[]): number[] {
  const names = entries.map((entry) => entry.name);
  if (given === undefined) return names.map(() => 1);
  return isList(given) ? byPosition(given, names) : byName(given, names);
}

/** The loaders that are drawn at all: not those whose weight is 0 where the strategy is "weighted". */
export function drawn(config: ResolvedMultiDataLoaderConfig, entries: readonly LoaderEntry<unknown>[]): boolean[] {
  if (config.samplingStrategy !== "weighted") return entries.map(() => true);
  return weightsOf(config.dataloaderWeights, entries).map((weight) => weight > 0);
}

function byPosition(given: readonly number[], names: readonly string[]): number[] {
  if (given.length !== names.length) {
    throw weightsError(`${count(given.length, "weight")} for ${count(names.length, "loader")}: ${names.join(", ")}.`);
  }
  const integerLike = names.find((name) => INTEGER_LIKE.test(name));
  if (integerLike !== undefined && names.length > 1) {
    throw weightsError(
      `The loader name "${integerLike}" looks like a number, and JavaScript orders such keys by value, not as written ` +
        `(here: ${names.join(", ")}).\n` +
        `Give the weights by name, as in { ${names.map((name) => `"${name}": 1`).join(", ")} }, or rename the loaders.`,
    );
  }
  return [...given];
}

function byName(given: Readonly<Record<string, number>>, names: readonly string[]): number[] {
  const known = new Set(names);
  for (const key of Object.keys(given)) {
    if (!known.has(key)) throw weightsError(`"${key}" is not a loader. ${suggest(key, names)}`);
  }
  const missing = names.filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) throw weightsError(`No weight for ${missing.join(", ")}. Loaders: ${names.join(", ")}.`);
  return names.map((name) => given[name] as number);
}

function isList(given: Weights): given is readonly number[] {
  return Array.isArray(given);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function weightsError(message: string): TrainscopeError {
  return loaderDataError(message, PATH);
}
