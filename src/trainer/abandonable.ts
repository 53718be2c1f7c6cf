import { TrainscopeError } from "../support/errors.js";
import type { ResolvedFitOptions } from "./options.js";

/** `work`, or a rejection with `ERR_ABANDONED` where it has not ended `abandonAfterMs` after the abort. For what comes before the run. */
export async function abandonable<T>(work: Promise<T>, { signal, abandonAfterMs }: ResolvedFitOptions): Promise<T> {
  if (signal === undefined || abandonAfterMs === Infinity) return work;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  const abandoned = new Promise<never>((_, reject) => {
    const message = `${abandonAfterMs} ms (abandonAfterMs) after the abort, the trainer was not prepared: model.prepare, or an import of a hook or a backend, had not ended.`;
    onAbort = () => {
      timer = setTimeout(() => reject(new TrainscopeError("ERR_ABANDONED", message)), abandonAfterMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
