/** What failed saves and damaged checkpoints say. */
import type { CheckpointProblem } from "../contract/index.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../support/errors.js";
import type { SentFault } from "./thread/serve.js";

/** Names the file, what was being done to it, and the cause; the cause keeps its `code`. */
export function saveError(name: string, fault: unknown): TrainscopeError {
  const kept = "Checkpoints saved before it are as they were.";
  if (isTrainscopeError(fault) && fault.code === "ERR_CHECKPOINT_SAVE") return fault;
  if (!isSentFault(fault)) {
    return new TrainscopeError("ERR_CHECKPOINT_SAVE", `"${name}" was not saved: ${messageOf(fault)}\n${kept}`, { cause: fault });
  }
  const { operation, path, cause } = fault;
  const error = restored(cause);
  return new TrainscopeError("ERR_CHECKPOINT_SAVE", `"${name}" was not saved: ${operation} ${path}: ${cause.message}.\n${kept}`, {
    path,
    cause: error,
  });
}

function isSentFault(fault: unknown): fault is SentFault {
  return typeof fault === "object" && fault !== null && "operation" in fault && "cause" in fault;
}

/** The error that was thrown on the other thread. */
function restored({ message, code, stack }: SentFault["cause"]): Error {
  const error = new Error(message);
  if (code !== undefined) Object.assign(error, { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}

export function faultText({ checkpoint, file, problem }: CheckpointProblem): string {
  return file === null ? `${checkpoint}: ${problem}` : `${checkpoint}/${file}: ${problem}`;
}

/** Lists every fault. */
export function damagedError(dir: string, faults: readonly CheckpointProblem[]): TrainscopeError {
  const names = new Set(faults.map(({ checkpoint }) => checkpoint));
  const what = names.size === 1 ? "A checkpoint is" : `${names.size} checkpoints are`;
  const listed = faults.map((fault) => `- ${faultText(fault)}`).join("\n");
  return new TrainscopeError("ERR_CHECKPOINT_DAMAGED", `${what} damaged in ${dir}:\n${listed}`, { path: dir });
}
