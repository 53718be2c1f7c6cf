import { TrainscopeError } from "../../../support/errors.js";

/** An `ERR_LOG`, which escapes what could control a terminal in tags and paths. */
export function logError(message: string, details: { cause?: unknown; path?: string } = {}): TrainscopeError {
  return new TrainscopeError("ERR_LOG", message, details);
}
