import { isPromise } from "./promises.js";

/**
 * A function that calls `listener` and never fails: what the listener throws, or rejects with, goes to `onError`, or nowhere
 * when there is none. Without a listener it does nothing.
 */
export function guardedListener<Args extends readonly unknown[]>(
  listener: ((...args: Args) => unknown) | undefined,
  onError: (error: unknown) => void = () => {},
): (...args: Args) => void {
  if (listener === undefined) return () => {};
  return (...args) => {
    try {
      const returned = listener(...args);
      if (isPromise(returned)) returned.then(undefined, onError);
    } catch (error) {
      onError(error);
    }
  };
}

/** As `guardedListener`, and each message is passed on once. At most `maxRemembered` different messages are passed on; later ones are dropped. */
export function onceForEachMessage(
  listener: ((message: string) => unknown) | undefined,
  maxRemembered = 1000,
): (message: string) => void {
  const guarded = guardedListener(listener);
  const passed = new Set<string>();
  return (message) => {
    if (passed.has(message) || passed.size >= maxRemembered) return;
    passed.add(message);
    guarded(message);
  };
}
