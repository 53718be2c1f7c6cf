import type { HookArgs, TrainerHooks } from "./trainer-hooks.js";
import type { HookMethodName } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { isPromise } from "../support/promises.js";

type HookFunction = (...args: readonly unknown[]) => unknown;

interface Call {
  readonly key: string;
  readonly hook: object;
  readonly method: HookFunction;
  readonly order: number;
}

/**
 * Calls one hook method on the hooks that override it, in order.
 * - Order: a hook starts when the one before it has finished, whether it returned a promise or not.
 * - Cost: a hook that returns no promise costs no `await`; a hook that does not override the method costs nothing.
 * - Errors: `fire` stops at the first and names hook and method; `fireAll` calls every hook and returns all errors.
 * - Silence: what an abandoned run still does reaches no hook.
 */
export class HookDispatch<Method extends HookMethodName, Batch> {
  readonly #name: Method;
  #calls: readonly Call[] = [];
  #all: readonly Call[] = [];
  #silent = false;

  constructor(name: Method) {
    this.#name = name;
  }

  /** Adds a hook behind those of the same or a lower `order`; a dispatch that is under way keeps its list. */
  add(key: string, hook: TrainerHooks<Batch>, order: number): void {
    const at = this.#all.findLastIndex((call) => call.order <= order) + 1;
    this.#use(this.#all.toSpliced(at, 0, { key, hook, method: hook[this.#name] as unknown as HookFunction, order }));
  }

  /** Removes a hook; a dispatch that is under way still calls it. */
  remove(hook: TrainerHooks<Batch>): void {
    this.#use(this.#all.filter((call) => call.hook !== hook));
  }

  /** From now on `fire` calls no hook, nor does a dispatch that is under way; `fireAll` still does. */
  silence(): void {
    this.#silent = true;
    this.#calls = [];
  }

  fire(...args: HookArgs<Method, Batch>): void | Promise<void>;
  fire(a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown): void | Promise<void> {
    const calls = this.#calls;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as Call;
      let returned: unknown;
      try {
        returned = call.method.call(call.hook, a, b, c, d, e);
      } catch (cause) {
        throw this.#hookError(call, cause);
      }
      if (isPromise(returned)) return this.#finish(calls, i, returned, [a, b, c, d, e]);
    }
  }

  /** For the end of a run: every hook is called, also when one before it threw. */
  fireAll(...args: HookArgs<Method, Batch>): Promise<TrainscopeError[]> {
    return this.fireAllWithin((work) => work, ...args);
  }

  /** As `fireAll`, with a bound: where `wait` stops waiting for one hook's promise, the next hook is called. */
  async fireAllWithin(
    wait: (work: Promise<unknown>) => Promise<unknown>,
    ...args: HookArgs<Method, Batch>
  ): Promise<TrainscopeError[]> {
    const errors: TrainscopeError[] = [];
    for (const call of this.#all) {
      try {
        const returned = call.method.apply(call.hook, args);
        if (isPromise(returned)) await wait(returned);
      } catch (cause) {
        errors.push(this.#hookError(call, cause));
      }
    }
    return errors;
  }

  #use(calls: readonly Call[]): void {
    this.#all = calls;
    if (!this.#silent) this.#calls = calls;
  }

  async #finish(calls: readonly Call[], start: number, pending: Promise<unknown>, args: readonly unknown[]): Promise<void> {
    let i = start;
    try {
      await pending;
      for (i = start + 1; i < calls.length && !this.#silent; i++)
        await (calls[i] as Call).method.apply((calls[i] as Call).hook, [...args]);
    } catch (cause) {
      throw this.#hookError(calls[i] as Call, cause);
    }
  }

  #hookError({ key }: Call, cause: unknown): TrainscopeError {
    const path = `hook ${key}, ${this.#name}`;
    if (isTrainscopeError(cause)) return new TrainscopeError(cause.code, messageOf(cause), { path, cause });
    return new TrainscopeError("ERR_HOOK", `It threw: ${messageOf(cause)}`, { path, cause });
  }
}
