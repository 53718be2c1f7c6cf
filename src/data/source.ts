import type { DataLoader, LoaderSource } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { checkName } from "../support/metric-names.js";
import { isPromise } from "../support/promises.js";
import { tfjsDataAdvice } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { loaderDataError } from "./errors.js";

/** One loader as it was given, with what is known of it before a batch is pulled. */
export interface LoaderEntry<Batch> {
  readonly name: string;
  readonly source: DataLoader<Batch> | readonly Batch[];
  /** Batches in a pass; null: not known; may be `Infinity`. */
  readonly length: number | null;
}

/** The batches of one pass. */
export type BatchIterator<Batch> = Iterator<Batch | Promise<Batch>> | AsyncIterator<Batch>;

const DEFAULT_NAME = "default";

/**
 * The loaders in `given`, in order. Throws `ERR_LOADER_DATA` for what is not a loader, `ERR_METRIC_NAME` for a name that backends
 * refuse, `ERR_LOADER` where reading a length throws.
 */
export function entriesOf<Batch>(given: LoaderSource<Batch>, role: "train" | "validation"): LoaderEntry<Batch>[] {
  if (Array.isArray(given) || isLoader<Batch>(given))
    return [entryOf(DEFAULT_NAME, given as DataLoader<Batch> | readonly Batch[], role)];
  if (!isRecord(given) || tfjsDataAdvice(given) !== null)
    throw loaderDataError(`${valueText(given)} is not a loader, an array of batches, or an object of them.${hint(given)}`, role);
  const names = Object.keys(given);
  if (names.length === 0) throw loaderDataError("There are no loaders: the object is empty.", role);
  const loaders = given as Readonly<Record<string, DataLoader<Batch> | readonly Batch[]>>;
  const entries = names.map((name) => {
    checkName(name, "loader");
    return entryOf(name, loaders[name] as DataLoader<Batch> | readonly Batch[], `${role}.${name}`);
  });
  refuseShared(entries, role);
  return entries;
}

/** True for a loader that saves its own position and resumes from it. */
export function isStateful(source: unknown): boolean {
  const loader = source as Partial<DataLoader<unknown>> | null | undefined;
  return typeof loader?.state === "function" && typeof loader.loadState === "function";
}

/** An iterator over what `batches()` returned, or null where that cannot be iterated. */
export function iteratorOf<Batch>(made: unknown): BatchIterator<Batch> | null {
  const source = made as Partial<Iterable<Batch> & AsyncIterable<Batch>> | null | undefined;
  if (typeof source?.[Symbol.iterator] === "function") return (made as Iterable<Batch>)[Symbol.iterator]();
  if (typeof source?.[Symbol.asyncIterator] === "function") return (made as AsyncIterable<Batch>)[Symbol.asyncIterator]();
  return null;
}

function entryOf<Batch>(name: string, source: DataLoader<Batch> | readonly Batch[], path: string): LoaderEntry<Batch> {
  if (Array.isArray(source)) {
    if (source.length === 0) throw loaderDataError(`Loader "${name}" is an empty array: it has no batches.`, path);
    if (source.every(isLoader)) {
      throw loaderDataError(
        `Loader "${name}" is an array of ${source.length} loaders. An array is taken as batches: ` +
          "give loaders by name, as in { a, b }.",
        path,
      );
    }
    return { name, source, length: source.length };
  }
  if (!isLoader<Batch>(source))
    throw loaderDataError(`Loader "${name}" is ${valueText(source)}, not a loader or an array of batches.${hint(source)}`, path);
  refuseHalfState(name, source, path);
  return { name, source, length: lengthOf(name, source, path) };
}

/** One of `state` and `loadState` alone would be kept and never used. */
function refuseHalfState(name: string, loader: DataLoader<unknown>, path: string): void {
  if (isStateful(loader)) return;
  const given = (["state", "loadState"] as const).find((method) => loader[method] !== undefined);
  if (given === undefined) return;
  throw loaderDataError(
    `Loader "${name}" has ${given}, which is ${valueText(loader[given])}, and a position needs two methods.\n` +
      "Give it both, state() and loadState(state), or neither: it is then read again from the start of its pass.",
    path,
  );
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
  if (length === 0) throw loaderDataError(`Loader "${name}" has length 0: it has no batches.`, path);
  if (length === Infinity || (Number.isSafeInteger(length) && length > 0)) return length;
  throw loaderDataError(`The length of loader "${name}" is ${String(length)}: it must be a count of batches, or Infinity.`, path);
}

/** One object under two names has one position, which each of the two would move for the other. */
function refuseShared(entries: readonly LoaderEntry<unknown>[], role: string): void {
  const seen = new Map<unknown, string>();
  for (const { name, source } of entries) {
    const other = seen.get(source);
    if (other !== undefined && isStateful(source)) {
      throw loaderDataError(
        `"${other}" and "${name}" are one loader object, which keeps one position. Make one for each name.`,
        role,
      );
    }
    seen.set(source, name);
  }
}

function isLoader<Batch>(value: unknown): value is DataLoader<Batch> {
  return typeof value === "object" && value !== null && typeof (value as { batches?: unknown }).batches === "function";
}

/** True for an object that may hold loaders by name: nothing that can be iterated, no promise. */
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

/** What to give instead of `value`, as a further line of a message, or nothing. */
function hint(value: unknown): string {
  if (typeof value === "function")
    return "\nA function that makes the batches of a pass becomes a loader as { batches: makeBatches }.";
  if (isPromise(value)) return "\nAwait it first.";
  if (typeof value !== "object" || value === null) return "";
  const advice = tfjsDataAdvice(value);
  if (advice !== null) return `\n${advice}`;
  const kind = value as { next?: unknown; [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown };
  if (
    typeof kind.next === "function" ||
    typeof kind[Symbol.iterator] === "function" ||
    typeof kind[Symbol.asyncIterator] === "function"
  ) {
    return (
      "\nIt can be iterated once only, and every epoch starts a new pass. " +
      "Give { batches: (pass) => makeBatches(pass) }, which makes a new iterable for each pass."
    );
  }
  return "\nA loader has a method batches(pass) that returns the batches of one pass.";
}
