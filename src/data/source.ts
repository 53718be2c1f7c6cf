import type { DataLoader, LoaderSource } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { checkName } from "../support/metric-names.js";
import { isPromise } from "../support/promises.js";

/** One loader as it was given, with what is known of it before anything is pulled. */
export interface LoaderEntry<Batch> {
  readonly name: string;
  readonly source: DataLoader<Batch> | readonly Batch[];
  /** Batches in a pass; null: not known; may be `Infinity`. */
  readonly length: number | null;
}

const DEFAULT_NAME = "default";

/** The loaders in `given`, in order. Throws `ERR_LOADER_DATA` or `ERR_METRIC_NAME` for what cannot be one. */
export function entriesOf<Batch>(given: LoaderSource<Batch>, role: "train" | "validation"): LoaderEntry<Batch>[] {
  if (Array.isArray(given) || isLoader<Batch>(given))
    return [entryOf(DEFAULT_NAME, given as DataLoader<Batch> | readonly Batch[], role)];
  if (!isRecord(given))
    throw fault(`${inWords(given)} is not a loader, an array of batches, or an object of them.${hint(given)}`, role);
  const names = Object.keys(given);
  if (names.length === 0) throw fault("There are no loaders: the object is empty.", role);
  const loaders = given as Readonly<Record<string, DataLoader<Batch> | readonly Batch[]>>;
  const entries = names.map((name) => {
    checkName(name, "loader");
    return entryOf(name, loaders[name] as DataLoader<Batch> | readonly Batch[], `${role}.${name}`);
  });
  refuseShared(entries, role);
  return entries;
}

/** True for a loader that can save where it stands and go on from there. */
export function isStateful(source: unknown): boolean {
  const loader = source as Partial<DataLoader<unknown>>;
  return typeof loader.state === "function" && typeof loader.loadState === "function";
}

function entryOf<Batch>(name: string, source: DataLoader<Batch> | readonly Batch[], path: string): LoaderEntry<Batch> {
  if (Array.isArray(source)) {
    if (source.length === 0) throw fault(`Loader "${name}" is an empty array: there is nothing to give.`, path);
    if (source.every(isLoader)) {
      throw fault(
        `Loader "${name}" is an array of ${source.length} loaders. An array is taken as batches: ` +
          "give loaders by name, as in { a, b }.",
        path,
      );
    }
    return { name, source, length: source.length };
  }
  if (!isLoader<Batch>(source))
    throw fault(`Loader "${name}" is ${inWords(source)}, not a loader or an array of batches.${hint(source)}`, path);
  return { name, source, length: lengthOf(name, source, path) };
}

function lengthOf(name: string, loader: DataLoader<unknown>, path: string): number | null {
  let length: number | undefined;
  try {
    length = loader.length;
  } catch (error) {
    throw new TrainscopeError("ERR_LOADER", `The length of loader "${name}" could not be read: ${messageOf(error)}`, {
      path,
      cause: error,
    });
  }
  if (length === undefined || length === null) return null;
  if (length === 0) throw fault(`Loader "${name}" has length 0: there is nothing to give.`, path);
  if (length === Infinity || (Number.isSafeInteger(length) && length > 0)) return length;
  throw fault(`The length of loader "${name}" is ${String(length)}: it must be a count of batches, or Infinity.`, path);
}

/** One object under two names would lose its place: each of the two would move the other's. */
function refuseShared(entries: readonly LoaderEntry<unknown>[], role: string): void {
  const seen = new Map<unknown, string>();
  for (const { name, source } of entries) {
    const other = seen.get(source);
    if (other !== undefined && isStateful(source)) {
      throw fault(`"${other}" and "${name}" are one loader object, which keeps one position. Make one for each name.`, role);
    }
    seen.set(source, name);
  }
}

function isLoader<Batch>(value: unknown): value is DataLoader<Batch> {
  return typeof value === "object" && value !== null && typeof (value as { batches?: unknown }).batches === "function";
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  const kind = value as { next?: unknown; [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown };
  return (
    !isPromise(value) &&
    typeof kind[Symbol.iterator] !== "function" &&
    typeof kind[Symbol.asyncIterator] !== "function" &&
    typeof kind.next !== "function"
  );
}

/** What something is, in words. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value)}`;
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object") return `the ${typeof value} ${String(value as number | boolean | bigint | symbol)}`;
  if (isPromise(value)) return "a promise";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === "Generator" || tag === "AsyncGenerator")
    return tag === "Generator" ? "a generator object" : "an async generator object";
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  if (name === undefined || name === "" || name === "Object")
    return `an object with the keys ${Object.keys(value).join(", ") || "(none)"}`;
  return `${/^[AEIOU]/i.test(name) ? "an" : "a"} ${name}`;
}

function hint(value: unknown): string {
  if (typeof value === "function")
    return "\nA function that makes the batches of a pass becomes a loader as { batches: makeBatches }.";
  if (isPromise(value)) return "\nAwait it before it is given.";
  if (typeof value !== "object" || value === null) return "";
  const kind = value as { forEachAsync?: unknown; next?: unknown; [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown };
  if (typeof kind.forEachAsync === "function")
    return "\nA tf.data dataset becomes a loader through tfjsLoader(tf, dataset) of trainscope/tfjs.";
  if (
    typeof kind.next === "function" ||
    typeof kind[Symbol.iterator] === "function" ||
    typeof kind[Symbol.asyncIterator] === "function"
  ) {
    return (
      "\nIt can be gone through once only, and every epoch starts again. " +
      "Give { batches: (pass) => makeBatches(pass) }, which makes a new one for each pass."
    );
  }
  return "\nA loader has a method batches(pass) that returns the batches of one pass.";
}

function fault(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_LOADER_DATA", message, { path });
}
