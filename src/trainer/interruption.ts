import { TrainscopeError } from "../support/errors.js";
import { unwatchSignals, watchSignals } from "./signals.js";

/** A second signal leaves this long for `onTrainEnd` and the loaders, and as long again for the backends. */
export const ABANDON_MS = 1000;

/**
 * Signals and the user's `AbortSignal` during one `fit`.
 * - The first signal (or the abort) asks for a stop after the current step.
 * - The second abandons the step that is under way: `guard` rejects, nothing of the loop goes on (`still`), hooks and
 *   loaders have a second, and backends one more (`hooksDeadline`, `deadline`).
 * - `restore` takes our handlers away again; after the second signal they are gone already, so that a third one kills.
 */
export class Interruption {
  readonly #onInterrupt: (reason: string) => void;
  readonly #userSignal: AbortSignal | undefined;
  readonly #step = new AbortController();
  readonly #hooksDeadline = new AbortController();
  readonly #deadline = new AbortController();
  #abandon: (error: TrainscopeError) => void = () => {};
  readonly #abandoned: Promise<never>;
  readonly #timers: NodeJS.Timeout[] = [];
  #count = 0;

  constructor(onInterrupt: (reason: string) => void, userSignal: AbortSignal | undefined) {
    this.#onInterrupt = onInterrupt;
    this.#userSignal = userSignal;
    this.#abandoned = new Promise((_, reject) => {
      this.#abandon = reject;
    });
    this.#abandoned.catch(() => {}); // nobody may be waiting when the second signal comes
  }

  /** Given to every step: aborted by the first interruption. */
  get stepSignal(): AbortSignal {
    return this.#step.signal;
  }

  /** Aborted a second after the second signal: the hooks that were not done yet are told of the end and not waited for. */
  get hooksDeadline(): AbortSignal {
    return this.#hooksDeadline.signal;
  }

  /** Aborted two seconds after the second signal. */
  get deadline(): AbortSignal {
    return this.#deadline.signal;
  }

  get isAbandoned(): boolean {
    return this.#count > 1;
  }

  /** `value`, unless the run was abandoned while it was awaited: then nothing may go on. */
  throwIfAbandoned<T>(value: T): T {
    if (this.#count > 1) throw new TrainscopeError("ERR_ABANDONED", "The run was abandoned meanwhile.");
    return value;
  }

  watch(): void {
    watchSignals(this.#onSignal);
    if (this.#userSignal?.aborted === true) this.#onAbort();
    else this.#userSignal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  restore(): void {
    unwatchSignals(this.#onSignal);
    this.#userSignal?.removeEventListener("abort", this.#onAbort);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** `work`, or a rejection as soon as the run is abandoned. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#abandoned]);
  }

  /** `work` at the end of the run, or undefined once the hooks' deadline is over. */
  async beforeDeadline<T>(work: Promise<T>): Promise<T | undefined> {
    const { promise, done } = aborted(this.hooksDeadline);
    try {
      return await Promise.race([work, promise]);
    } finally {
      done();
      work.catch(() => {}); // its end may come after we have left
    }
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#userSignal?.reason;
    this.#interrupt(reason instanceof Error ? reason.message : `aborted: ${String(reason)}`);
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#count++;
    if (this.#count === 1) return this.#interrupt(signal);
    unwatchSignals(this.#onSignal);
    this.#timers.push(
      setTimeout(() => this.#hooksDeadline.abort(), ABANDON_MS),
      setTimeout(() => this.#deadline.abort(), 2 * ABANDON_MS),
    );
    this.#abandon(new TrainscopeError("ERR_ABANDONED", `A second ${signal} came before the step had ended.`));
  };

  #interrupt(reason: string): void {
    this.#onInterrupt(reason);
    this.#step.abort(new TrainscopeError("ERR_INTERRUPTED", `The run is being interrupted (${reason}).`));
  }
}

function aborted(signal: AbortSignal): { promise: Promise<undefined>; done: () => void } {
  let listener = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    listener = () => resolve(undefined);
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  });
  return { promise, done: () => signal.removeEventListener("abort", listener) };
}
