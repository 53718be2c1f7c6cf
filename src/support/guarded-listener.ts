import { isPromise } from "./promises.js";

/**
 * A function that calls `listener` and never fails: what the listener throws, or rejects with, goes to `onError`, or nowhere
 * when there is none or when that throws too. Without a listener it does nothing.
 */
export function guardedListener<Args extends readonly unknown[]>(
  listener: ((...args: Args) => unknown) | undefined,
  onError: (error: unknown) => void = () => {},
): (...args: Args) => void {
  if (listener === undefined) return () => {};
  const fail = (error: unknown): void => {
    try {
      onError(error);
    } catch {
      // a listener's error has nowhere else to go
    }
  };
  return (...args) => {
    try {
      const returned = listener(...args);
      if (isPromise(returned)) returned.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
}

/** As `guardedListener`, and each message is passed on once. After `maxRemembered` different messages one more says so. */
export function onceForEachMessage(
  listener: ((message: string) => unknown) | undefined,
  maxRemembered = 1000,
): (message: string) => void {
  const guarded = guardedListener(listener);
  const passed = new Set<string>();
  return (message) => {
    if (passed.has(message) || passed.size > maxRemembered) return;
    passed.add(message);
    guarded(
      passed.size > maxRemembered ? `There were ${maxRemembered} different warnings: further ones are not passed on.` : message,
    );
  };
}
