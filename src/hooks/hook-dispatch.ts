import type { HookArgs, TrainerHooks } from "./trainer-hooks.js";
import type { HookMethodName } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { isPromise } from "../support/promises.js";

type Method = (...args: readonly unknown[]) => unknown;

interface Call {
  readonly key: string;
  readonly hook: object;
  readonly method: Method;
}

/**
 * One moment of the loop: the hooks that override it, in order.
 * - Order: a hook starts when the one before it has finished, whether it returned a promise or not.
 * - Cost: a hook that returns no promise costs no `await`; a hook that does not override the moment costs nothing.
 * - Errors: `fire` stops at the first and names hook and moment; `fireAll` calls every hook and returns all errors.
 * - Silence: what an abandoned run still does reaches no hook.
 */
export class HookDispatch<Event extends HookMethodName, Batch> {
  readonly #event: Event;
  #calls: readonly Call[] = [];
  #all: readonly Call[] = [];
  #silent = false;

  constructor(event: Event) {
    this.#event = event;
  }

  /** Replaces the list; a dispatch that is under way keeps its own. */
  set(hooks: readonly { key: string; hook: TrainerHooks<Batch> }[]): void {
    this.#all = hooks.map(({ key, hook }) => ({ key, hook, method: hook[this.#event] as unknown as Method }));
    if (!this.#silent) this.#calls = this.#all;
  }

  /** From now on `fire` calls no hook, nor does a dispatch that is under way; `fireAll` still does. */
  silence(): void {
    this.#silent = true;
    this.#calls = [];
  }

  fire(...args: HookArgs<Event, Batch>): void | Promise<void>;
  fire(a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown): void | Promise<void> {
    const calls = this.#calls;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as Call;
      let returned: unknown;
      try {
        returned = call.method.call(call.hook, a, b, c, d, e);
      } catch (cause) {
        throw this.#named(call, cause);
      }
      if (isPromise(returned)) return this.#finish(calls, i, returned, [a, b, c, d, e]);
    }
  }

  /** For the end of a run: a hook that throws does not keep the others from being told. */
  fireAll(...args: HookArgs<Event, Batch>): Promise<TrainscopeError[]> {
    return this.fireAllWithin((work) => work, ...args);
  }

  /** As `fireAll`, with a bound: `wait` may give up on one hook's promise, so that the next is told. */
  async fireAllWithin(
    wait: (work: Promise<unknown>) => Promise<unknown>,
    ...args: HookArgs<Event, Batch>
  ): Promise<TrainscopeError[]> {
    const errors: TrainscopeError[] = [];
    for (const call of this.#all) {
      try {
        const returned = call.method.apply(call.hook, args);
        if (isPromise(returned)) await wait(returned);
      } catch (cause) {
        errors.push(this.#named(call, cause));
      }
    }
    return errors;
  }

  async #finish(calls: readonly Call[], start: number, pending: Promise<unknown>, args: readonly unknown[]): Promise<void> {
    let i = start;
    try {
      await pending;
      for (i = start + 1; i < calls.length && !this.#silent; i++)
        await (calls[i] as Call).method.apply((calls[i] as Call).hook, [...args]);
    } catch (cause) {
      throw this.#named(calls[i] as Call, cause);
    }
  }

  #named(call: Call, cause: unknown): TrainscopeError {
    const path = `hook ${call.key}, ${this.#event}`;
    if (isTrainscopeError(cause)) return new TrainscopeError(cause.code, cause.message, { path, cause });
    return new TrainscopeError("ERR_HOOK", `It threw: ${messageOf(cause)}`, { path, cause });
  }
}
