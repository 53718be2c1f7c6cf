import { TrainscopeError } from "../../../support/errors.js";
import { printableLines } from "../../../support/printable.js";

/** An `ERR_LOG` whose message may hold tags and paths: what could control a terminal in them is escaped. */
export function logError(message: string, details: { cause?: unknown; path?: string } = {}): TrainscopeError {
  return new TrainscopeError("ERR_LOG", printableLines(message), details);
}
