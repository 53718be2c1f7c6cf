import type { HookMethodName, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { HOOK_METHODS } from "./hook-manager.js";
import { TrainerHooks } from "./trainer-hooks.js";

/** These come once or tell of the end: a filter always lets them through, so that a hook can set itself up and clean up. */
const UNFILTERED: ReadonlySet<HookMethodName> = new Set(["onTrainStart", "onException", "onStop", "onTrainEnd"]);

/** Calls `hook` at every `n`th call of each of its moments: the `n`th, the `2n`th, … */
export function every<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const interval = positive(n, "every");
  return filtered(hook, (count) => count % interval === 0);
}

/** Calls `hook` at the first call of each of its moments only. */
export function once<Batch>(hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  return filtered(hook, (count) => count === 1);
}

/** Calls `hook` after the first `n` calls of each of its moments. */
export function after<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const first = positive(n, "after");
  return filtered(hook, (count) => count > first);
}

/** Calls `hook` at the first `n - 1` calls of each of its moments. */
export function before<Batch>(n: number, hook: TrainerHooks<Batch>): TrainerHooks<Batch> {
  const end = positive(n, "before");
  return filtered(hook, (count) => count < end);
}

/** A hook with the moments of `inner`, each behind its own count; counts and the inner state are part of its state. */
function filtered<Batch>(inner: TrainerHooks<Batch>, due: (count: number) => boolean): TrainerHooks<Batch> {
  const counts = new Map<HookMethodName, number>();
  const outer = new TrainerHooks<Batch>() as TrainerHooks<Batch> & Record<string, unknown>;
  for (const event of HOOK_METHODS) {
    const method = inner[event] as (...args: unknown[]) => void | Promise<void>;
    if (typeof method !== "function" || (method as unknown) === TrainerHooks.prototype[event]) continue;
    outer[event] = UNFILTERED.has(event)
      ? (...args: unknown[]) => method.apply(inner, args)
      : (...args: unknown[]) => {
          const count = (counts.get(event) ?? 0) + 1;
          counts.set(event, count);
          return due(count) ? method.apply(inner, args) : undefined;
        };
  }
  return Object.assign(outer, {
    key: inner.key ?? inner.constructor.name,
    reads: inner.reads,
    monitors: inner.monitors,
    produces: inner.produces,
    state: (): StateValue => ({ counts: Object.fromEntries(counts), inner: inner.state?.() ?? null }),
    loadState(state: StateValue) {
      const saved = state as { counts: Record<HookMethodName, number>; inner: StateValue };
      for (const [event, count] of Object.entries(saved.counts)) counts.set(event as HookMethodName, count);
      if (saved.inner !== null) inner.loadState?.(saved.inner);
    },
  });
}

function positive(n: number, filter: string): number {
  if (Number.isSafeInteger(n) && n >= 1) return n;
  throw new TrainscopeError("ERR_CONFIG", `${filter}(n, hook) takes a whole number from 1; found ${n}.`);
}
