import type { StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";

/** The position of one loader. */
export interface CursorState {
  readonly [key: string]: StateValue;
  /** Passes begun. */
  readonly passes: number;
  /** Batches given in the last one. */
  readonly taken: number;
  /** True while that pass is not over. */
  readonly inPass: boolean;
  /** Batches that the pass has; null where that is not known, or the pass was begun with another batch size. */
  readonly length: number | null;
  /** The loader's own state, in a list of one, so that a loader may save null; empty for one that has none. */
  readonly own: readonly StateValue[];
}

/** What `MultiDataLoader` saves. */
export interface SavedLoaders {
  readonly [key: string]: StateValue;
  readonly names: readonly string[];
  readonly strategy: string;
  readonly strategyState: StateValue;
  /** True between `startEpoch` and `endEpoch`. */
  readonly inEpoch: boolean;
  /** True once `next` has found the epoch over. */
  readonly over: boolean;
  /** Batches given in the epoch. */
  readonly given: number;
  /** 1 for a loader that came to its end in the epoch. */
  readonly finished: readonly number[];
  readonly loaders: readonly CursorState[];
}

/** `state` as what these loaders saved, or `ERR_STATE`. */
export function readSavedState(state: StateValue, names: readonly string[]): SavedLoaders {
  const saved = state as SavedLoaders;
  if (!isObject(state) || !isList(saved.names) || !isList(saved.loaders) || !isList(saved.finished))
    throw stateError("The saved state is not one of loaders.");
  if (saved.names.join("\n") !== names.join("\n")) {
    throw stateError(
      `The saved run had the loaders ${saved.names.join(", ")}; now there are ${names.join(", ")}.\n` +
        "Give the same loaders in the same order, or start a new run.",
    );
  }
  const whole =
    saved.loaders.length === names.length &&
    saved.finished.length === names.length &&
    saved.loaders.every(isCursor) &&
    Number.isSafeInteger(saved.given) &&
    typeof saved.inEpoch === "boolean" &&
    typeof saved.over === "boolean";
  if (!whole) throw stateError("The saved state of the loaders is not complete.");
  return saved;
}

function isCursor(value: StateValue): boolean {
  const cursor = value as CursorState;
  return (
    isObject(value) &&
    Number.isSafeInteger(cursor.passes) &&
    Number.isSafeInteger(cursor.taken) &&
    typeof cursor.inPass === "boolean" &&
    (cursor.length === null || Number.isSafeInteger(cursor.length)) &&
    isList(cursor.own)
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function stateError(message: string): TrainscopeError {
  return new TrainscopeError("ERR_STATE", message, { path: "train" });
}
