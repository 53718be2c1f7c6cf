import type { Bounds } from "../contract/index.js";

/** What a bounded wait came to. */
export type Outcome<T> = { done: true; value: T } | { done: false; error: unknown };

/** How long a flush or close may take where the caller does not say. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Waits for `work` no longer than `bounds` (default 10 s). Never rejects: an error, the time-out and the abort all are
 * outcomes. `work` itself goes on; its late rejection is swallowed, because the outcome was told already.
 */
export async function within<T>(work: PromiseLike<T>, bounds: Bounds | undefined, doing: string): Promise<Outcome<T>> {
  const timeoutMs = bounds?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const signal = bounds?.signal;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const limit = new Promise<Outcome<T>>((resolve) => {
    timer = setTimeout(() => resolve({ done: false, error: `did not ${doing} within ${timeoutMs} ms` }), timeoutMs);
    onAbort = () => resolve({ done: false, error: `did not ${doing} before it was told to give up` });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  const outcome = Promise.resolve(work).then(
    (value): Outcome<T> => ({ done: true, value }),
    (error: unknown): Outcome<T> => ({ done: false, error }),
  );
  try {
    return await Promise.race([outcome, limit]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
