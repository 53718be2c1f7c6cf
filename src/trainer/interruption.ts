import { within } from "../support/bounded-wait.js";
import { TrainscopeError } from "../support/errors.js";
import { unwatchSignals, watchSignals } from "./signals.js";

/** After a second signal, `onTrainEnd` and the loaders have this long, and the backends as long again. */
const ABANDON_MS = 1000;

/**
 * Signals and the user's `AbortSignal` during one `fit`.
 * - The first signal, or the abort, requests a stop after the current step and aborts `stepSignal`.
 * - The second signal abandons the current step: `guard` rejects, and whatever the loop still awaits ends in `throwIfAbandoned`.
 *   Hooks and loaders then have one second (`beforeDeadline`), backends one second more (`deadline`).
 * - `restore` removes our signal handlers. The second signal removes them too, so that a third one ends the process.
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
    this.#abandoned.catch(() => {}); // it may reject while `guard` is not waiting
  }

  /** Given to every step: aborted by the first interruption. */
  get stepSignal(): AbortSignal {
    return this.#step.signal;
  }

  /** Aborted two seconds after the second signal. */
  get deadline(): AbortSignal {
    return this.#deadline.signal;
  }

  get isAbandoned(): boolean {
    return this.#count > 1;
  }

  /** `value`, or a throw where the run was abandoned while it was awaited: nothing of the loop may continue then. */
  throwIfAbandoned<T>(value: T): T {
    if (this.#count > 1) throw new TrainscopeError("ERR_ABANDONED", "The run was abandoned while its step was awaited.");
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

  /** `work` at the end of the run, or undefined where one second has passed since the second signal. */
  async beforeDeadline<T>(work: Promise<T>): Promise<T | undefined> {
    const outcome = await within(work, { signal: this.#hooksDeadline.signal }, "finish");
    if (outcome.done) return outcome.value;
    if (outcome.late) return undefined;
    throw outcome.error;
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
    this.#abandon(new TrainscopeError("ERR_ABANDONED", `A second ${signal} arrived before the step had ended.`));
  };

  #interrupt(reason: string): void {
    this.#onInterrupt(reason);
    this.#step.abort(new TrainscopeError("ERR_INTERRUPTED", `The run is being interrupted (${reason}).`));
  }
}
