import type { HookMethodName, Monitored, StateValue } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { HookDispatch } from "./hook-dispatch.js";
import { TrainerHooks } from "./trainer-hooks.js";

/** Every moment, in the order of the loop. */
export const HOOK_METHODS: readonly HookMethodName[] = [
  "onTrainStart",
  "onEpochStart",
  "onTrainBatchStart",
  "onTrainBatchEnd",
  "onLogInterval",
  "onTrainEpochEnd",
  "onValidationStart",
  "onValidationBatchEnd",
  "onValidationEnd",
  "onCheckpoint",
  "onCheckpointSaved",
  "onEpochEnd",
  "onException",
  "onStop",
  "onTrainEnd",
];

export type HookDispatches<Batch> = { readonly [Event in HookMethodName]: HookDispatch<Event, Batch> };

/** One line of `describe()`. */
export interface HookDescription {
  key: string;
  source: "user" | "built-in";
  events: readonly string[];
}

/** Where a hook stands in the order: those named in the config, those registered by hand, then the built-in ones. */
type Group = "configured" | "registered" | "built-in";

interface Entry<Batch> {
  readonly key: string;
  readonly group: Group;
  readonly hook: TrainerHooks<Batch>;
  readonly events: readonly HookMethodName[];
}

const GROUP_ORDER: Record<Group, number> = { configured: 0, registered: 1, "built-in": 2 };

/**
 * The hooks of one run in their one order: the user's in registration order (those of `hookClasses` first), then the
 * built-in ones. Per moment it keeps the hooks that really override it.
 */
export class HookManager<Batch = unknown> {
  readonly methods: HookDispatches<Batch> = Object.fromEntries(
    HOOK_METHODS.map((event) => [event, new HookDispatch(event)]),
  ) as HookDispatches<Batch>;
  #entries: readonly Entry<Batch>[] = [];

  /**
   * Adds a hook behind the user's other hooks and before the built-in ones, also while a run is going on.
   * Returns a function that takes it out again. The same object twice throws `ERR_CONFIG`.
   */
  registerHook(hook: TrainerHooks<Batch>): () => void {
    return this.add(hook, "registered");
  }

  /** Adds a hook to one of the groups; the trainer's way in. */
  add(hook: TrainerHooks<Batch>, group: Group): () => void {
    if (typeof hook !== "object" || hook === null) throw notAHook(hook);
    if (this.#entries.some((entry) => entry.hook === hook)) {
      throw new TrainscopeError(
        "ERR_CONFIG",
        `The hook ${nameOf(hook)} is registered already. Make a second instance for a second set of settings.`,
      );
    }
    const events = HOOK_METHODS.filter((event) => overrides(hook, event));
    const entry: Entry<Batch> = { key: this.#freeKey(nameOf(hook)), group, hook, events };
    this.#replace([...this.#entries, entry].toSorted((a, b) => GROUP_ORDER[a.group] - GROUP_ORDER[b.group]));
    return () => this.#replace(this.#entries.filter((other) => other !== entry));
  }

  /** The hooks in the order in which they are called; complete after `trainer.prepare()`. */
  describe(): readonly HookDescription[] {
    return this.#entries.map(({ key, group, events }) => ({ key, source: group === "built-in" ? "built-in" : "user", events }));
  }

  /** Deferred metrics that some hook declares to read in `onTrainBatchEnd`. */
  get reads(): readonly string[] {
    return [...new Set(this.#entries.flatMap(({ hook }) => hook.reads ?? []))];
  }

  get monitors(): readonly Monitored[] {
    return this.#entries.flatMap(({ hook }) => hook.monitors ?? []);
  }

  get produces(): readonly string[] {
    return [...new Set(this.#entries.flatMap(({ hook }) => hook.produces ?? []))];
  }

  /** The run was abandoned: from now on hooks are told of its end only (`fireAll`). */
  silence(): void {
    for (const event of HOOK_METHODS) this.methods[event].silence();
  }

  /** The states of all hooks that have one, by key. */
  state(): Record<string, StateValue> {
    const states: Record<string, StateValue> = {};
    for (const { key, hook } of this.#entries) {
      const state = hook.state?.();
      if (state !== undefined) states[key] = state;
    }
    return states;
  }

  /** Why a hook would stop the run that is resumed, or null where none would. */
  wouldStop(): string | null {
    for (const { hook } of this.#entries) {
      const reason = hook.wouldStop?.() ?? null;
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Gives each hook its state back; returns the keys that no hook took. */
  loadState(states: Readonly<Record<string, StateValue>>): string[] {
    const left = new Set(Object.keys(states));
    for (const { key, hook } of this.#entries) {
      const state = states[key];
      if (state === undefined || hook.loadState === undefined) continue;
      hook.loadState(state);
      left.delete(key);
    }
    return [...left];
  }

  #replace(entries: readonly Entry<Batch>[]): void {
    this.#entries = entries;
    for (const event of HOOK_METHODS) this.methods[event].set(entries.filter(({ events }) => events.includes(event)));
  }

  #freeKey(name: string): string {
    const taken = new Set(this.#entries.map(({ key }) => key));
    let key = name;
    for (let n = 2; taken.has(key); n++) key = `${name}#${n}`;
    return key;
  }
}

function nameOf(hook: { key?: string | undefined }): string {
  return hook.key ?? hook.constructor.name;
}

function overrides(hook: TrainerHooks<never>, event: HookMethodName): boolean {
  const method: unknown = hook[event];
  return typeof method === "function" && method !== TrainerHooks.prototype[event];
}

function notAHook(found: unknown): TrainscopeError {
  const what = typeof found === "function" ? `the class ${found.name}: pass an instance, new ${found.name}()` : String(found);
  return new TrainscopeError("ERR_CONFIG", `A hook is an object with methods such as onTrainBatchEnd; found ${what}.`, {
    path: "registerHook",
  });
}
