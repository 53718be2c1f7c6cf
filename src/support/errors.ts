import type { ErrorCode, FitResult } from "../contract/index.js";

/** Every code this package throws, and when. */
export const ERROR_CODES: Readonly<Record<ErrorCode, string>> = {
  ERR_CONFIG: "A config value is unknown, missing or out of range.",
  ERR_NOT_BUILT: "A config key names a part that this version does not have.",
  ERR_MODE_REQUIRED: "A metric is monitored whose better direction must be said.",
  ERR_UNKNOWN_MONITOR: "A monitored metric is not produced by this run.",
  ERR_HOOK_LOAD: "A hook specifier could not be imported or constructed.",
  ERR_HOOK: "A hook threw.",
  ERR_STEP: "The model threw.",
  ERR_STEP_RESULT: "The model returned something that is not a step result.",
  ERR_LOADER: "A data loader threw.",
  ERR_LOADER_DATA: "The loaders do not fit the config: names, weights, lengths, or no data at all.",
  ERR_METRIC_NAME: "A metric or loader name has characters that backends refuse.",
  ERR_METRIC_VALUE: "A metric or a weight is not a number.",
  ERR_SCALAR_ASYNC: "A hook read a deferred scalar whose value comes as a promise.",
  ERR_MODEL: "The model lacks something that this run needs.",
  ERR_BACKEND_REFUSED: "A logger backend refused the run for good.",
  ERR_RUN_EXISTS: "The run's directory is there already.",
  ERR_RUN_DIR: "The run's directory could not be written.",
  ERR_ALREADY_FIT: "One trainer is one run.",
  ERR_RANKS: "The ranks do not agree, or one did not answer in time.",
  ERR_STATE: "A saved state does not fit.",
  ERR_CHECKPOINT_SAVE: "A checkpoint could not be saved.",
  ERR_CHECKPOINT_DAMAGED: "A checkpoint is not whole: its manifest and its files do not agree.",
  ERR_CHECKPOINT_MISSING: "There is no such checkpoint.",
  ERR_CHECKPOINT_LOCKED: "Another process keeps checkpoints in this directory.",
  ERR_RESUME: "The run cannot go on from where it was.",
  ERR_LOG: "The training log could not be opened or written.",
  ERR_MISSING_PACKAGE: "An optional package is not installed.",
  ERR_ABANDONED: "A second signal ended the run before it could finish its step.",
};

/** Where an error belongs and what would have been right. */
export interface ErrorDetails {
  /** The config path or the place (`hook LossAlarm, onTrainBatchEnd`). */
  path?: string | undefined;
  cause?: unknown;
}

/** The one error class of this package. Compare `code`, not `instanceof`, across copies of the package. */
export class TrainscopeError extends Error {
  override readonly name: string = "TrainscopeError";
  readonly code: ErrorCode;
  /** The config path or the place the error belongs to. */
  readonly path: string | undefined;
  /** What happened and what to change: the message without its code and place. Use it where the error is told in another one. */
  readonly detail: string;
  /** Set on the error that `fit` rejects with: how far the run came. */
  result: FitResult | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const at = details.path === undefined ? "" : ` at ${details.path}`;
    super(
      `${code}${at}\n  ${message.replaceAll("\n", "\n  ")}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.path = details.path;
    this.detail = message;
  }
}

/** True for an error of this package, also one thrown by another copy of it. */
export function isTrainscopeError(error: unknown): error is TrainscopeError {
  return error instanceof Error && error.name === "TrainscopeError" && "code" in error;
}

/**
 * The message of anything that was thrown, also of what has no text. Of an error of this package: its place and detail without the
 * code, so that the message it is wrapped in carries one code.
 */
export function messageOf(thrown: unknown): string {
  if (isTrainscopeError(thrown) && typeof thrown.detail === "string")
    return thrown.path === undefined ? thrown.detail : `At ${thrown.path}: ${thrown.detail}`;
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return "an object that has no text";
  }
}
