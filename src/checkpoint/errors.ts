/** The errors of failed saves, of damaged checkpoints and of missing ones. */
import type { CheckpointProblem } from "../contract/index.js";
import { errorCode } from "../support/error-code.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../support/errors.js";
import { diskRemedy } from "../support/disk-remedy.js";
import { suggest } from "../support/nearest.js";
import type { SentError, SentProblem } from "./thread/messages.js";

/** The setting, as remedies name it. */
export const DIRECTORY = "dir, the directory of the checkpoints,";
const UNCHANGED = "Checkpoints saved before it are unchanged.";

/** For anything that was thrown before the thread got the save. An error of the save or of the lock is passed on as it is. */
export function saveError(name: string, thrown: unknown): TrainscopeError {
  if (isTrainscopeError(thrown) && ["ERR_CHECKPOINT_SAVE", "ERR_CHECKPOINT_LOCKED"].includes(thrown.code)) return thrown;
  return notSaved(`"${name}" was not saved: ${messageOf(thrown)}`, { cause: thrown });
}

/** For a commit that failed: names the file, what was being done to it, and the cause, which has the `code` of the system. */
export function commitError(name: string, { operation, path, cause }: SentProblem): TrainscopeError {
  return notSaved(`"${name}" was not saved: ${operation} ${path}: ${cause.message}.`, { path, cause: restored(cause) });
}

/** For what needs the lock after `close`. */
export function closedError(): TrainscopeError {
  return new TrainscopeError(
    "ERR_CHECKPOINT_SAVE",
    "The checkpoint manager is closed. Make another one to save or delete again.",
  );
}

function notSaved(message: string, details: { path?: string; cause: unknown }): TrainscopeError {
  const isOfSystem = !isTrainscopeError(details.cause) && /^E(?!RR_)/.test(errorCode(details.cause) ?? "");
  const remedy = isOfSystem ? `${diskRemedy(details.cause, DIRECTORY)}\n` : "";
  return new TrainscopeError("ERR_CHECKPOINT_SAVE", `${message}\n${remedy}${UNCHANGED}`, details);
}

/** The error that was thrown on the other thread. */
function restored({ message, code, stack }: SentError): Error {
  const error = new Error(message);
  if (code !== undefined) Object.assign(error, { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}

export function problemText({ checkpoint, file, problem }: CheckpointProblem): string {
  return file === null ? `${checkpoint}: ${problem}` : `${checkpoint}/${file}: ${problem}`;
}

/** Lists every problem. */
export function damagedError(dir: string, problems: readonly CheckpointProblem[]): TrainscopeError {
  const names = new Set(problems.map(({ checkpoint }) => checkpoint));
  const what = names.size === 1 ? "A checkpoint is" : `${names.size} checkpoints are`;
  const listed = problems.map((problem) => `- ${problemText(problem)}`).join("\n");
  return new TrainscopeError("ERR_CHECKPOINT_DAMAGED", `${what} damaged in ${dir}:\n${listed}`, { path: dir });
}

/** Names the nearest of the `known` checkpoints. */
export function missingError(dir: string, name: string, known: readonly string[]): TrainscopeError {
  const message = `There is no checkpoint "${name}" in ${dir}.\n${suggest(name, known)}`;
  return new TrainscopeError("ERR_CHECKPOINT_MISSING", message);
}
