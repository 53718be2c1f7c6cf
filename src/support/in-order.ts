import type { MaybePromise } from "../contract/index.js";
import { isPromise } from "./promises.js";

/** Runs `task` for each item in order; awaits only what is a promise. */
export function eachInOrder<T>(items: readonly T[], task: (item: T, index: number) => MaybePromise<void>): MaybePromise<void> {
  for (let index = 0; index < items.length; index++) {
    const pending = task(items[index] as T, index);
    if (isPromise(pending)) return restInOrder(items, task, index, pending);
  }
}

async function restInOrder<T>(
  items: readonly T[],
  task: (item: T, index: number) => MaybePromise<void>,
  from: number,
  first: Promise<void>,
): Promise<void> {
  await first;
  for (let index = from + 1; index < items.length; index++) await task(items[index] as T, index);
}
