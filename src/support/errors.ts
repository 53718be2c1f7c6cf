import type { ErrorCode, ErrorCodes, FitResult } from "../contract/index.js";
import { printable, printableLines } from "./printable.js";
import { valueText } from "./value-text.js";

/** Every code of a `TrainscopeError`, with when it is thrown and what to change. */
export const ERROR_CODES: { readonly [Code in keyof ErrorCodes]: string } = {
  ERR_CONFIG:
    "A config value or an option is unknown, missing or out of range. Correct the key in `path`; the message lists what is allowed.",
  ERR_NODE_VERSION: "This Node is too old for the package. Install the version that the message names, or a newer one.",
  ERR_NOT_BUILT:
    "A config key or value names a part that this version does not have. Remove it, or install a version that has the part.",
  ERR_MODE_REQUIRED:
    'A metric that is better when it is higher is monitored without a `mode`. Set `mode: "max"`, or `"min"` where lower is better.',
  ERR_UNKNOWN_MONITOR:
    "A monitored metric is not produced by this run. Monitor a name that the message lists, or announce the metric: `metricNames` of the model, `produces` of a hook.",
  ERR_HOOK_LOAD:
    "A hook specifier could not be imported, or its constructor threw. Check the file, the name of the export and `cause`.",
  ERR_HOOK: "A hook threw or rejected. `path` names the hook and its method; correct what `cause` says.",
  ERR_STEP: "The model threw or rejected in a step. `path` names the step and the loader; correct what `cause` says.",
  ERR_STEP_RESULT: "The model returned something that is not a step result. Return `{ loss, batchSize, metrics? }`.",
  ERR_LOADER: "A data loader threw or rejected, or returned something that cannot be iterated. Correct the loader in `path`.",
  ERR_LOADER_DATA:
    "The data does not fit the run: loader names, weights, lengths or tensors are wrong, or a loader has no batch. Change the data, or the config in `path`.",
  ERR_METRIC_NAME:
    "A metric or loader name has characters that backends refuse. Use letters, digits and `_ - . space : /`: at most 150 characters for a metric, 80 for a loader, 250 for a series.",
  ERR_METRIC_VALUE:
    "A value cannot be logged or counted: it is not a number, or its shape is wrong. Pass what the message allows.",
  ERR_SCALAR_ASYNC: "A hook read a deferred scalar whose value comes as a promise. Name the metric in the hook's `reads`.",
  ERR_MODEL:
    "The model, an optimizer or its device lacks something that this run needs. Add what the message names, or change the backend.",
  ERR_BACKEND_REFUSED:
    "A logger backend refused the run for good: wrong credentials, a missing project. Correct its settings; a retry does not help.",
  ERR_RUN_EXISTS:
    'The run exists and `resume` is "never": its directory, or checkpoints of its name. Set `resume` to "auto" or "must", or choose another `runName`.',
  ERR_RUN_LOCKED:
    "Another process or trainer trains this run, or this one lost the lock of its directory. Wait for it, end it, or choose another `runName`.",
  ERR_RUN_DIR: "The run's directory could not be written. Set `runsDir` to a directory that can be, or free disk space.",
  ERR_ALREADY_FIT: "`fit` was called a second time on one trainer. Make a new trainer for another run.",
  ERR_RANKS: "The ranks have different loaders or metrics, or one of them failed. Start every rank with the same data and model.",
  ERR_STATE: "A saved state does not fit the object that loads it. Load it into the same model, loader or hook that saved it.",
  ERR_CHECKPOINT_SAVE:
    "A checkpoint could not be saved; those saved before it are unchanged. Free disk space, or correct the directory in `path`.",
  ERR_CHECKPOINT_DAMAGED:
    "A checkpoint is damaged: its manifest and its files do not agree. Load an older one, or copy it again from a backup.",
  ERR_CHECKPOINT_MISSING: "There is no such checkpoint. Use a name that the message lists.",
  ERR_CHECKPOINT_LOCKED:
    "Another process or manager writes checkpoints to this directory. End it, or give each run a directory of its own.",
  ERR_RESUME:
    'The run cannot be resumed: no checkpoint, or one of another model or data. Correct `runName`, or set `resume` to "auto".',
  ERR_LOG:
    "A file of the training log or of TensorBoard could not be opened or written, a record for it was refused, or the logger of tfjsCallback failed. Correct the directory in `path`, or what the message says.",
  ERR_MISSING_PACKAGE:
    "An optional package is not installed. Install the package that the message names, or pass your own instance of it.",
  ERR_INTERRUPTED:
    'The run is being interrupted: the reason of `context.signal`. Let it leave the step; `fit` resolves with the status "interrupted".',
  ERR_ABANDONED:
    "A second signal, or `abandonAfterMs` after an abort, abandoned the run before its step had ended. Leave the step; what it returns is discarded.",
};

/** Where an error belongs and what would have been right. */
export interface ErrorDetails {
  /** The config path (`hooks.enableThroughput`) or the place (`hook LossAlarm, onTrainBatchEnd`); it is part of the message. */
  path?: string | undefined;
  /** What was thrown at first, where this error reports it. */
  cause?: unknown;
}

/**
 * The one error class of this package. Compare `code`, not `instanceof`, across copies of the package. Its message is safe for a
 * terminal: control characters of names and values that it quotes are written as `\x1b`.
 */
export class TrainscopeError extends Error {
  /** Always "TrainscopeError": how an error of another copy of the package is recognised. */
  override readonly name: string = "TrainscopeError";
  /** What kind of failure it is; compare this in code. `ERROR_CODES[code]` says when it is thrown. */
  readonly code: ErrorCode;
  /** The config path or the place the error belongs to; undefined where the message says it all. */
  readonly path: string | undefined;
  /** What happened and what to change: the message without its code and place. Use it where another error reports this one. */
  readonly detail: string;
  /** How far the run came: set on the error that `fit` rejects with, undefined on all others. */
  result: FitResult | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const at = details.path === undefined ? "" : ` at ${printable(details.path)}`;
    const detail = printableLines(message.replaceAll("\r\n", "\n"));
    super(
      `${code}${at}\n  ${detail.replaceAll("\n", "\n  ")}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.path = details.path;
    this.detail = detail;
  }
}

/** True for an error of this package, also one thrown by another copy of it. Never throws, whatever `error` is. */
export function isTrainscopeError(error: unknown): error is TrainscopeError {
  try {
    return error instanceof Error && error.name === "TrainscopeError" && "code" in error;
  } catch {
    return false; // a getter that throws, a revoked proxy
  }
}

/**
 * The message of anything that was thrown, also of what has no text. Of an error of this package: its place and detail without the
 * code, so that the message it is wrapped in carries one code. Never throws.
 */
export function messageOf(thrown: unknown): string {
  try {
    if (isTrainscopeError(thrown) && typeof thrown.detail === "string")
      return thrown.path === undefined ? thrown.detail : `At ${thrown.path}: ${thrown.detail}`;
    return (thrown instanceof Error ? errorText(thrown) : thrownText(thrown)) || valueText(thrown);
  } catch {
    return valueText(thrown);
  }
}

/** The stack of anything that was thrown, else its message. Never throws. */
export function stackOf(thrown: unknown): string {
  try {
    const stack: unknown = thrown instanceof Error ? thrown.stack : undefined;
    if (typeof stack === "string" && stack !== "") return stack;
  } catch {
    // a getter that throws, a revoked proxy
  }
  return messageOf(thrown);
}

/** Parts of an `AggregateError` that its text has where it has no message of its own, as Node's for a host that refuses on all addresses. */
const MAX_PARTS = 3;

function errorText(error: Error): string {
  if (typeof error.message !== "string") return thrownText(error.message);
  if (error.message !== "") return error.message;
  const parts: unknown = (error as { errors?: unknown }).errors;
  if (!Array.isArray(parts) || parts.length === 0) return String(error.name);
  const texts = parts.slice(0, MAX_PARTS).map((part) => (part === error ? "" : String((part as Error | null)?.message ?? part)));
  const more = parts.length > MAX_PARTS ? ` and ${parts.length - MAX_PARTS} more` : "";
  return `${texts.join("; ")}${more}`;
}

/** What is thrown need not be an error: `{ message }`, a string, nothing. */
function thrownText(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message } = thrown as { message?: unknown };
  if (typeof message === "string" && message !== "") return message;
  const text = String(thrown as unknown);
  return text.startsWith("[object ") ? "" : text;
}
