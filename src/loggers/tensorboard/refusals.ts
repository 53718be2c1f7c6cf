import type { TrainscopeError } from "../../support/errors.js";
import { valueText } from "../../support/value-text.js";
import { kindOfRefusal } from "../composite/record-problems.js";
import { logError } from "./files/log-error.js";

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

  /** Counts a record. `ofKind` left out: the tag and the reason, so that each of several bad values is named. */
  add(tag: unknown, reason: string, ofKind?: string): void {
    this.count++;
    const kinds = this.#reportedKinds;
    if (kinds.size >= MAX_REPORTED_KINDS) return;
    const kind = ofKind ?? (typeof tag === "string" ? kindOfRefusal(tag, reason) : "tag");
    if (kinds.has(kind)) return;
    kinds.add(kind);
    const last = kinds.size < MAX_REPORTED_KINDS ? "" : "\nFurther kinds of refusals are counted, and not reported.";
    this.#onError(logError(`A record of ${valueText(tag)} was refused: ${reason}${last}`, { path: "SummaryWriter" }));
  }
}

/** The listener where the user gives none: a warning of the process. */
export function processWarning(error: TrainscopeError): void {
  process.emitWarning(error.message, "TrainscopeWarning", error.code);
}
