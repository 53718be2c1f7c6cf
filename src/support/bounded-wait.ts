import type { Bounds } from "../contract/index.js";

/** How long a flush or close may take where the caller does not say. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** What a bounded wait came to. `late`: a bound was reached first, and `error` says which; else the work itself failed. */
export type Outcome<T> = { done: true; value: T } | { done: false; late: boolean; error: unknown };

/**
 * Waits for `work` no longer than `bounds`; without any, as long as it takes. Never rejects: an error, the time-out and the
 * abort are all outcomes. `work` itself continues after a bound; a late rejection of it is handled.
 * `doing` completes "did not … within 10 ms".
 */
export async function within<T>(work: PromiseLike<T>, bounds: Bounds, doing: string): Promise<Outcome<T>> {
  const { timeoutMs, signal } = bounds;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  const limit = new Promise<Outcome<T>>((resolve) => {
    const late = (problem: string): void => resolve({ done: false, late: true, error: `did not ${doing} ${problem}` });
    if (timeoutMs !== undefined) timer = setTimeout(() => late(`within ${timeoutMs} ms`), timeoutMs);
    onAbort = () => late("before the wait was aborted");
    if (signal?.aborted) setImmediate(onAbort); // work that has settled already is no late work
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  const outcome = Promise.resolve(work).then(
    (value): Outcome<T> => ({ done: true, value }),
    (error: unknown): Outcome<T> => ({ done: false, late: false, error }),
  );
  try {
    return await Promise.race([outcome, limit]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
