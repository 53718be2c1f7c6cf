/**
 * Refuses an older Node in one sentence. Every entry of the package imports this file first, so that it is evaluated before any file that
 * uses what an older Node lacks. Throws `ERR_NODE_VERSION`, without a stack trace: where the import stands is of no help.
 */
import { TrainscopeError } from "./errors.js";
import { nodeProblem } from "./node-floor.js";

const problem = typeof process === "undefined" ? null : nodeProblem(process.versions);
if (problem !== null) {
  const error = new TrainscopeError("ERR_NODE_VERSION", problem);
  error.stack = `${error.name}: ${error.message}`;
  throw error;
}
