import type { MaybePromise } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { eachInOrder } from "../support/in-order.js";
import { isPromise } from "../support/promises.js";
import type { LoaderCursor } from "./loader-cursor.js";

/**
 * Leaves the unfinished passes of all loaders in order, also when one of them throws; the errors come out at the end. `all`: also
 * those of infinite loaders.
 */
export function leaveAll(cursors: readonly LoaderCursor<unknown>[], all: boolean): MaybePromise<void> {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  const left = eachInOrder(cursors, (cursor) => {
    try {
      const leaving = cursor.leave(all);
      return isPromise(leaving) ? leaving.then(undefined, note) : undefined;
    } catch (error) {
      return note(error);
    }
  });
  if (isPromise(left)) return left.then(() => throwAny(errors));
  throwAny(errors);
}

function throwAny(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  throw new TrainscopeError(
    "ERR_LOADER",
    `${errors.length} loaders threw while they were closed:\n${errors.map(messageOf).join("\n")}`,
    { cause: errors[0] },
  );
}
