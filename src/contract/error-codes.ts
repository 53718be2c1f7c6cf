/**
 * The codes of a `TrainscopeError`, each with when it is thrown and what to change. `ERROR_CODES` has the same sentences at run time.
 * A code is never reused for another meaning; new versions may add codes. docs/troubleshooting.md has the usual causes of each.
 */
export interface ErrorCodes {
  /** A config value or an option is unknown, missing or out of range. Correct the key in `path`; the message lists what is allowed. */
  ERR_CONFIG: true;
  /** This Node is too old for the package. Install the version that the message names, or a newer one. */
  ERR_NODE_VERSION: true;
  /** A config key or value names a part that this version does not have. Remove it, or install a version that has the part. */
  ERR_NOT_BUILT: true;
  /** A metric that is better when it is higher is monitored without a `mode`. Set `mode: "max"`, or `"min"` where lower is better. */
  ERR_MODE_REQUIRED: true;
  /**
   * A monitored metric is not produced by this run. Monitor a name that the message lists, or announce the metric: `metricNames` of the
   * model, `produces` of a hook.
   */
  ERR_UNKNOWN_MONITOR: true;
  /** A hook specifier could not be imported, or its constructor threw. Check the file, the name of the export and `cause`. */
  ERR_HOOK_LOAD: true;
  /** A hook threw or rejected. `path` names the hook and its method; correct what `cause` says. */
  ERR_HOOK: true;
  /** The model threw or rejected in a step. `path` names the step and the loader; correct what `cause` says. */
  ERR_STEP: true;
  /** The model returned something that is not a step result. Return `{ loss, batchSize, metrics? }`. */
  ERR_STEP_RESULT: true;
  /** A data loader threw or rejected, or returned something that cannot be iterated. Correct the loader in `path`. */
  ERR_LOADER: true;
  /**
   * The data does not fit the run: loader names, weights, lengths or tensors are wrong, or a loader has no batch. Change the data, or the
   * config in `path`.
   */
  ERR_LOADER_DATA: true;
  /**
   * A metric or loader name has characters that backends refuse. Use letters, digits and `_ - . space : /`: at most 150 characters for
   * a metric, 80 for a loader, 250 for a series.
   */
  ERR_METRIC_NAME: true;
  /** A value cannot be logged or counted: it is not a number, or its shape is wrong. Pass what the message allows. */
  ERR_METRIC_VALUE: true;
  /** A hook read a deferred scalar whose value comes as a promise. Name the metric in the hook's `reads`. */
  ERR_SCALAR_ASYNC: true;
  /** The model, an optimizer or its device lacks something that this run needs. Add what the message names, or change the backend. */
  ERR_MODEL: true;
  /** A logger backend refused the run for good: wrong credentials, a missing project. Correct its settings; a retry does not help. */
  ERR_BACKEND_REFUSED: true;
  /**
   * The run exists and `resume` is "never": its directory, or checkpoints of its name. Set `resume` to "auto" or "must", or choose another
   * `runName`.
   */
  ERR_RUN_EXISTS: true;
  /** Another process or trainer trains this run, or this one lost the lock of its directory. Wait for it, end it, or choose another `runName`. */
  ERR_RUN_LOCKED: true;
  /** The run's directory could not be written. Set `runsDir` to a directory that can be, or free disk space. */
  ERR_RUN_DIR: true;
  /** `fit` was called a second time on one trainer. Make a new trainer for another run. */
  ERR_ALREADY_FIT: true;
  /** The ranks have different loaders or metrics, or one of them failed. Start every rank with the same data and model. */
  ERR_RANKS: true;
  /** A saved state does not fit the object that loads it. Load it into the same model, loader or hook that saved it. */
  ERR_STATE: true;
  /** A checkpoint could not be saved; those saved before it are unchanged. Free disk space, or correct the directory in `path`. */
  ERR_CHECKPOINT_SAVE: true;
  /** A checkpoint is damaged: its manifest and its files do not agree. Load an older one, or copy it again from a backup. */
  ERR_CHECKPOINT_DAMAGED: true;
  /** There is no such checkpoint. Use a name that the message lists. */
  ERR_CHECKPOINT_MISSING: true;
  /** Another process or manager writes checkpoints to this directory. End it, or give each run a directory of its own. */
  ERR_CHECKPOINT_LOCKED: true;
  /** The run cannot be resumed: no checkpoint, or one of another model or data. Correct `runName`, or set `resume` to "auto". */
  ERR_RESUME: true;
  /**
   * A file of the training log or of TensorBoard could not be opened or written, a record for it was refused, or the logger of tfjsCallback
   * failed. Correct the directory in `path`, or what the message says.
   */
  ERR_LOG: true;
  /** An optional package is not installed. Install the package that the message names, or pass your own instance of it. */
  ERR_MISSING_PACKAGE: true;
  /** The run is being interrupted: the reason of `context.signal`. Let it leave the step; `fit` resolves with the status "interrupted". */
  ERR_INTERRUPTED: true;
  /** A second signal, or `abandonAfterMs` after an abort, abandoned the run before its step had ended. Leave the step; what it returns is discarded. */
  ERR_ABANDONED: true;
}

/** The code of a `TrainscopeError`; `ErrorCodes` says when each is thrown. */
export type ErrorCode = keyof ErrorCodes;
