import type { MultiDataLoaderConfig, ResolvedMultiDataLoaderConfig } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import type { LoaderEntry } from "./source.js";

const PATH = "trainLoaderConfig.dataloaderWeights";
const INTEGER_LIKE = /^(0|[1-9]\d*)$/;

/** One weight for each loader, by position or by name; equal ones when none are given. Throws `ERR_LOADER_DATA`. */
export function weightsOf(given: MultiDataLoaderConfig["dataloaderWeights"], entries: readonly LoaderEntry<unknown>[]): number[] {
  const names = entries.map((entry) => entry.name);
  if (given === undefined) return names.map(() => 1);
  const weights = isList(given) ? byPosition(given, names) : byName(given, names);
  weights.forEach((weight, index) => {
    if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return;
    throw fault(
      `The weight of loader "${names[index]}" is ${String(weight)}: it must be a number of at least 0 (0: never drawn).`,
    );
  });
  if (!weights.some((weight) => weight > 0)) throw fault("Every weight is 0: at least one must be above 0.");
  return weights;
}

/** The loaders that are drawn at all: not those whose weight is 0 where the strategy is "weighted". */
export function drawn(config: ResolvedMultiDataLoaderConfig, entries: readonly LoaderEntry<unknown>[]): boolean[] {
  if (config.samplingStrategy !== "weighted") return entries.map(() => true);
  return weightsOf(config.dataloaderWeights, entries).map((weight) => weight > 0);
}

function byPosition(given: readonly number[], names: readonly string[]): number[] {
  if (given.length !== names.length) {
    throw fault(`${count(given.length, "weight")} for ${count(names.length, "loader")}: ${names.join(", ")}.`);
  }
  const integerLike = names.find((name) => INTEGER_LIKE.test(name));
  if (integerLike !== undefined && names.length > 1) {
    throw fault(
      `The loader name "${integerLike}" looks like a number, and JavaScript orders such keys by value, not as written ` +
        `(here: ${names.join(", ")}).\n` +
        `Give the weights by name, as in { ${names.map((name) => `"${name}": 1`).join(", ")} }, or rename the loaders.`,
    );
  }
  return [...given];
}

function byName(given: Readonly<Record<string, number>>, names: readonly string[]): number[] {
  for (const key of Object.keys(given)) {
    if (!names.includes(key)) throw fault(`"${key}" is not a loader. ${suggest(key, names)}`);
  }
  const missing = names.filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) throw fault(`No weight for ${missing.join(", ")}. Loaders: ${names.join(", ")}.`);
  return names.map((name) => given[name] as number);
}

function isList(given: readonly number[] | Readonly<Record<string, number>>): given is readonly number[] {
  return Array.isArray(given);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function fault(message: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path: PATH });
}
