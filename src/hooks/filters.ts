import type { HookMethodName, MaybePromise, StateValue, TrainerView } from "../contract/index.js";
import { requireWholeNumber } from "../support/whole-number.js";
import { checkHook } from "./check-hook.js";
import { HOOK_METHODS } from "./hook-methods.js";
import { notAHookError } from "./not-a-hook.js";
import { TrainerHooks } from "./trainer-hooks.js";

/** A filter passes these on always, so that a hook can set up and clean up. */
const UNFILTERED: ReadonlySet<HookMethodName> = new Set(["onTrainStart", "onException", "onStop", "onTrainEnd"]);

/**
 * Calls `hook` at the `n`th, the `2n`th, … call of each of its hook methods. Each method has a count of its own, which is part
 * of the hook's saved state. `onTrainStart`, `onException`, `onStop` and `onTrainEnd` are always called.
 * Throws `ERR_CONFIG` unless `n` is a whole number of at least 1.
 */
export function every<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const interval = requireWholeNumber(n, 1, "every(n, hook)");
  return filtered(hook, (count) => count % interval === 0);
}

/**
 * Calls `hook` at the first call of each of its hook methods, and at no later one. `onTrainStart`, `onException`, `onStop` and
 * `onTrainEnd` are always called.
 */
export function once<Batch>(hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  return filtered(hook, (count) => count === 1);
}

/**
 * Skips the first `n` calls of each of `hook`'s methods and passes on those that follow. `onTrainStart`, `onException`, `onStop`
 * and `onTrainEnd` are always called. Throws `ERR_CONFIG` unless `n` is a whole number of at least 1.
 */
export function after<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const last = requireWholeNumber(n, 1, "after(n, hook)");
  return filtered(hook, (count) => count > last);
}

/**
 * Passes on the first `n - 1` calls of each of `hook`'s methods and skips the `n`th and all that follow. `onTrainStart`,
 * `onException`, `onStop` and `onTrainEnd` are always called. Throws `ERR_CONFIG` unless `n` is a whole number of at least 1.
 */
export function before<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const end = requireWholeNumber(n, 1, "before(n, hook)");
  return filtered(hook, (count) => count < end);
}

/** A hook with the methods of `inner`, each with a count of its own; the counts and the inner state are part of its state. */
function filtered<Batch>(inner: TrainerHooks<Batch>, isDue: (count: number) => boolean): TrainerHooks<Batch> {
  if (typeof inner !== "object" || inner === null) throw notAHookError(inner, "filter");
  checkHook(inner, "filter");
  const counts = new Map<HookMethodName, number>();
  const outer = new TrainerHooks<Batch>() as TrainerHooks<Batch> & Record<string, unknown>;
  for (const name of HOOK_METHODS) {
    const method = inner[name] as (...args: unknown[]) => void | Promise<void>;
    if (typeof method !== "function" || (method as unknown) === TrainerHooks.prototype[name]) continue;
    outer[name] = UNFILTERED.has(name)
      ? (...args: unknown[]) => method.apply(inner, args)
      : (...args: unknown[]) => {
          const count = (counts.get(name) ?? 0) + 1;
          counts.set(name, count);
          return isDue(count) ? method.apply(inner, args) : undefined;
        };
  }
  return Object.assign(outer, {
    key: inner.key ?? inner.constructor.name,
    reads: inner.reads,
    monitors: inner.monitors,
    produces: inner.produces,
    checkRun: (trainer: TrainerView): MaybePromise<void> => inner.checkRun?.(trainer),
    wouldStop: (): string | null => inner.wouldStop?.() ?? null,
    state: (): StateValue => ({ counts: Object.fromEntries(counts), inner: inner.state?.() ?? null }),
    loadState(state: StateValue) {
      const saved = state as { counts: Record<HookMethodName, number>; inner: StateValue };
      for (const [name, count] of Object.entries(saved.counts)) counts.set(name as HookMethodName, count);
      if (saved.inner !== null) inner.loadState?.(saved.inner);
    },
  });
}
