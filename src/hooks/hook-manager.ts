import type { HookMethodName, Monitored, StateValue, TrainerView } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { UniqueNames } from "../support/unique-names.js";
import { ownValue, setOwn } from "../support/own.js";
import { valueText } from "../support/value-text.js";
import { checkHook } from "./check-hook.js";
import { notAHookError } from "./not-a-hook.js";
import { HookDispatch } from "./hook-dispatch.js";
import { HOOK_METHODS } from "./hook-methods.js";
import { TrainerHooks } from "./trainer-hooks.js";

type HookDispatches<Batch> = { readonly [Method in HookMethodName]: HookDispatch<Method, Batch> };

/** One hook in the list that `HookManager.describe` returns. */
export interface HookDescription {
  /** The name that errors use, and that its state is saved under. */
  key: string;
  /** `"user"`: named in `hooks.hookClasses` or registered by hand; `"built-in"`: enabled by the config. */
  source: "user" | "built-in";
  /** The hook methods that it overrides, in the order of the loop; no other one is called. */
  methods: readonly HookMethodName[];
}

/** The group of a hook, in call order: those named in the config, those registered by hand, then the built-in ones. */
type Group = "configured" | "registered" | "built-in";

interface Entry<Batch> {
  readonly key: string;
  readonly group: Group;
  readonly hook: TrainerHooks<Batch>;
  readonly methods: readonly HookMethodName[];
}

const GROUP_ORDER: Record<Group, number> = { configured: 0, registered: 1, "built-in": 2 };

/**
 * The hooks of one run, in the order in which they are called: those of `hooks.hookClasses`, those registered by hand, the
 * built-in ones; within each of these, in the order in which they were added.
 * A hook method calls only the hooks that override it.
 */
export class HookManager<Batch = unknown> {
  /** One dispatch for each hook method. @internal */
  readonly methods: HookDispatches<Batch> = Object.fromEntries(
    HOOK_METHODS.map((method) => [method, new HookDispatch(method)]),
  ) as HookDispatches<Batch>;
  #entries: readonly Entry<Batch>[] = [];
  readonly #keys = new UniqueNames();
  readonly #hooks = new Set<TrainerHooks<Batch>>();

  /**
   * Adds a hook behind the user's other hooks and before the built-in ones. It may be called during a run: a hook method
   * that is being called does not include the new hook, the next one does.
   * Returns a function that removes it again.
   * Throws `ERR_CONFIG` for what is no hook object, for a hook method that does not exist (naming the one that is meant, also where it has
   * the name of Keras or Lightning), for a callback of TensorFlow.js, and for an object that is registered already.
   */
  registerHook(hook: TrainerHooks<Batch>): () => void {
    return this.add(hook, "registered");
  }

  /** The hooks in the order in which they are called. Complete after `trainer.prepare()`, which makes those of the config. */
  describe(): readonly HookDescription[] {
    return this.#entries.map(({ key, group, methods }) => ({
      key,
      source: group === "built-in" ? "built-in" : "user",
      methods,
    }));
  }

  /**
   * The hook of a class, or null where the run has none: `get(MetricTrackerHook)?.history("val/loss")`. Of several the first in call order,
   * or the one with `key`. Those of the config are there after `trainer.prepare()`. One that is wrapped in a filter (`every(2, hook)`) is
   * not found: keep it in a variable. Throws `ERR_HOOK` for what is no class.
   */
  get<Hook extends object>(hookClass: abstract new (...args: never[]) => Hook, key?: string): Hook | null {
    if (typeof hookClass !== "function") {
      const message = `Found ${valueText(hookClass)} in place of a hook's class: get(MetricTrackerHook). The classes are in trainscope/hooks.`;
      throw new TrainscopeError("ERR_HOOK", message, { path: "hookManager.get" });
    }
    const found = this.#entries.find(({ hook, key: own }) => hook instanceof hookClass && (key === undefined || own === key));
    return (found?.hook as Hook | undefined) ?? null;
  }

  /** Adds a hook to one of the groups. @internal */
  add(hook: TrainerHooks<Batch>, group: Group): () => void {
    if (typeof hook !== "object" || hook === null) throw notAHookError(hook, "registerHook");
    checkHook(hook, group === "configured" ? "hooks.hookClasses" : "registerHook");
    const name = hook.key ?? classNameOf(hook);
    if (this.#hooks.has(hook)) {
      throw new TrainscopeError(
        "ERR_CONFIG",
        `The hook ${name} is already registered. Make a second instance for a second set of options.`,
        { path: "registerHook" },
      );
    }
    const key = this.#keys.take(name);
    const order = GROUP_ORDER[group];
    const entry: Entry<Batch> = { key, group, hook, methods: HOOK_METHODS.filter((method) => overrides(hook, method)) };
    this.#hooks.add(hook);
    const at = this.#entries.findLastIndex((other) => GROUP_ORDER[other.group] <= order) + 1;
    this.#entries = this.#entries.toSpliced(at, 0, entry);
    for (const method of entry.methods) this.methods[method].add(key, hook, order);
    return () => this.#remove(entry);
  }

  /** Deferred metrics that some hook declares to read in `onTrainBatchEnd`. @internal */
  get reads(): readonly string[] {
    return [...new Set(this.#entries.flatMap(({ hook }) => hook.reads ?? []))];
  }

  /** Metrics that some hook watches. @internal */
  get monitors(): readonly Monitored[] {
    return this.#entries.flatMap(({ hook }) => hook.monitors ?? []);
  }

  /** Metrics that some hook logs and others may watch. @internal */
  get produces(): readonly string[] {
    return [...new Set(this.#entries.flatMap(({ hook }) => hook.produces ?? []))];
  }

  /** The run was abandoned: from now on no hook is called, except by `fireAll` at its end. @internal */
  silence(): void {
    for (const method of HOOK_METHODS) this.methods[method].silence();
  }

  /** Lets each hook refuse the run before anything is written. @internal */
  async checkRun(trainer: TrainerView): Promise<void> {
    for (const { key, hook } of this.#entries) {
      try {
        await hook.checkRun?.(trainer);
      } catch (cause) {
        if (isTrainscopeError(cause)) throw cause;
        throw new TrainscopeError("ERR_HOOK", `It threw: ${messageOf(cause)}`, { path: `hook ${key}, checkRun`, cause });
      }
    }
  }

  /** The states of all hooks that have one, by key. @internal */
  state(): Record<string, StateValue> {
    const states: Record<string, StateValue> = {};
    for (const { key, hook } of this.#entries) {
      const state = hook.state?.();
      if (state !== undefined) setOwn(states, key, state);
    }
    return states;
  }

  /** Restores each hook's state; returns the keys that no hook has. @internal */
  loadState(states: Readonly<Record<string, StateValue>>): string[] {
    const unknown = new Set(Object.keys(states));
    for (const { key, hook } of this.#entries) {
      const state = ownValue(states, key);
      if (state === undefined || hook.loadState === undefined) continue;
      hook.loadState(state);
      unknown.delete(key);
    }
    return [...unknown];
  }

  /** Why a hook would stop the run that is being resumed, or null where none would. @internal */
  wouldStop(): string | null {
    for (const { hook } of this.#entries) {
      const reason = hook.wouldStop?.() ?? null;
      if (reason !== null) return reason;
    }
    return null;
  }

  #remove(entry: Entry<Batch>): void {
    if (!this.#entries.includes(entry)) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#keys.release(entry.key);
    this.#hooks.delete(entry.hook);
    for (const method of entry.methods) this.methods[method].remove(entry.hook);
  }
}

/** A plain object has no class of its own to be named by. */
function classNameOf(hook: object): string {
  const { constructor } = hook;
  return typeof constructor === "function" && constructor !== Object && constructor.name !== "" ? constructor.name : "hook";
}

function overrides(hook: TrainerHooks<never>, name: HookMethodName): boolean {
  const method: unknown = hook[name];
  return typeof method === "function" && method !== TrainerHooks.prototype[name];
}
