import { TrainscopeError } from "../../support/errors.js";
import { valueText } from "../../support/value-text.js";

/** Receives the failures of a writer. */
type ErrorListener = (error: TrainscopeError) => void;

const MAX_REPORTED_KINDS = 100;

/** The records that a writer refused: all are counted, the first of each kind is reported. */
export class Refusals {
  /** Records refused so far. */
  count = 0;
  readonly #onError: ErrorListener;
  readonly #reportedKinds = new Set<string>();

  constructor(onError: ErrorListener) {
    this.#onError = onError;
  }

  /** Counts a record. Reasons that differ only in a value have one `kind`, so that a value which changes is reported once. */
  add(tag: unknown, reason: string, kind: string = reason): void {
    this.count++;
    if (this.#reportedKinds.size >= MAX_REPORTED_KINDS || this.#reportedKinds.has(kind)) return;
    this.#reportedKinds.add(kind);
    const message = `A record of ${valueText(tag)} was refused: ${reason}`;
    this.#onError(new TrainscopeError("ERR_LOG", message, { path: "SummaryWriter" }));
  }
}

/** The listener where the user gives none: a warning of the process. */
export function processWarning(error: TrainscopeError): void {
  process.emitWarning(error.message, "TrainscopeWarning", error.code);
}
