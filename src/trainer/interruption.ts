import { within } from "../support/bounded-wait.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import type { ResolvedFitOptions } from "./options.js";
import { unwatchSignals, watchSignals } from "./signals.js";

/** After the run was abandoned, `onTrainEnd` and the loaders have this long, and the backends as long again. */
const ABANDON_MS = 1000;

/**
 * Signals and the user's `AbortSignal` during one `fit`.
 * - The first signal, or the abort, requests a stop after the current step and aborts `stepSignal`.
 * - The second signal abandons the current step: `guard` rejects, and the loop ends at its next `throwIfAbandoned`.
 *   Hooks and loaders then have one second (`beforeDeadline`), backends one second more (`deadline`).
 *   SIGHUP never counts as the second one: it comes twice when a terminal is closed.
 * - `abandonAfterMs` after an abort, the step is abandoned in the same way; the end of the run (`ending`) has as long again.
 * - `restore` removes our signal handlers. The second signal removes them too, so that a third one ends the process.
 */
export class Interruption {
  readonly #onInterrupt: (reason: string) => void;
  readonly #userSignal: AbortSignal | undefined;
  readonly #abandonAfterMs: number;
  readonly #step = new AbortController();
  readonly #hooksDeadline = new AbortController();
  readonly #deadline = new AbortController();
  #abandon: (error: TrainscopeError) => void = () => {};
  readonly #abandoned: Promise<never>;
  readonly #timers: NodeJS.Timeout[] = [];
  #patience: NodeJS.Timeout | undefined;
  #interrupted = false;
  #isAbandoned = false;

  constructor(onInterrupt: (reason: string) => void, { signal, abandonAfterMs }: ResolvedFitOptions) {
    this.#onInterrupt = onInterrupt;
    this.#userSignal = signal;
    this.#abandonAfterMs = abandonAfterMs;
    this.#abandoned = new Promise((_, reject) => {
      this.#abandon = reject;
    });
    this.#abandoned.catch(() => {}); // it may reject while `guard` is not waiting
  }

  /** Given to every step: aborted by the first interruption. */
  get stepSignal(): AbortSignal {
    return this.#step.signal;
  }

  /** Aborted two seconds after the run was abandoned. */
  get deadline(): AbortSignal {
    return this.#deadline.signal;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** `value`, or a throw where the run was abandoned while it was awaited: nothing of the loop may continue then. */
  throwIfAbandoned<T>(value: T): T {
    if (this.#isAbandoned) throw new TrainscopeError("ERR_ABANDONED", "The run was abandoned while its step was awaited.");
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
    for (const timer of [this.#patience, ...this.#timers]) clearTimeout(timer);
  }

  /** The loop has ended. What follows an abort has `abandonAfterMs` again. */
  ending(): void {
    if (this.#patience !== undefined && !this.#isAbandoned) this.#waitForAbort();
  }

  /** `work`, or a rejection as soon as the run is abandoned. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#abandoned]);
  }

  /** `work` at the end of the run, or undefined where one second has passed since the run was abandoned. */
  async beforeDeadline<T>(work: Promise<T>): Promise<T | undefined> {
    const outcome = await within(work, { signal: this.#hooksDeadline.signal }, "finish");
    if (outcome.done) return outcome.value;
    if (outcome.late) return undefined;
    throw outcome.error;
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#userSignal?.reason;
    this.#waitForAbort();
    this.#interrupt(reason instanceof Error ? messageOf(reason) : `aborted: ${messageOf(reason)}`);
  };

  #waitForAbort(): void {
    clearTimeout(this.#patience);
    if (this.#abandonAfterMs === Infinity) return;
    const message = `${this.#abandonAfterMs} ms (abandonAfterMs) after the abort, the run had not ended.`;
    this.#patience = setTimeout(() => this.#giveUp(message), this.#abandonAfterMs);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (!this.#interrupted) {
      this.#interrupted = true;
      return this.#interrupt(signal);
    }
    if (signal === "SIGHUP") return;
    unwatchSignals(this.#onSignal);
    this.#giveUp(`A second ${signal} arrived before the run had ended.`);
  };

  #giveUp(message: string): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#timers.push(
      setTimeout(() => this.#hooksDeadline.abort(), ABANDON_MS),
      setTimeout(() => this.#deadline.abort(), 2 * ABANDON_MS),
    );
    this.#abandon(new TrainscopeError("ERR_ABANDONED", message));
  }

  #interrupt(reason: string): void {
    this.#onInterrupt(reason);
    this.#step.abort(new TrainscopeError("ERR_INTERRUPTED", `The run is being interrupted (${reason}).`));
  }
}
