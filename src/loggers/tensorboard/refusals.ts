/** What a writer could not take: counted, and each reason told once. */
import { TrainscopeError } from "../../support/errors.js";

export type ErrorListener = (error: TrainscopeError) => void;

const MAX_TOLD = 100;

export class Refusals {
  readonly #onError: ErrorListener;
  readonly #told = new Set<string>();
  count = 0;

  constructor(onError: ErrorListener) {
    this.#onError = onError;
  }

  add(tag: string, reason: string): void {
    this.count++;
    if (this.#told.size >= MAX_TOLD || this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#onError(new TrainscopeError("ERR_LOG", `A record of "${tag}" was refused: ${reason}`, { path: "SummaryWriter" }));
  }
}

/** A warning of the process, where nobody else listens. */
export function warn(error: TrainscopeError): void {
  process.emitWarning(error.message, "TrainscopeWarning", error.code);
}

/** What a listener throws must not reach the caller of a log method. */
export function quiet(listener: ErrorListener): ErrorListener {
  return (error) => {
    try {
      listener(error);
    } catch {
      // There is nobody here to tell.
    }
  };
}
