import type { MaybePromise, Metrics } from "./scalar.js";
import type { CheckpointInfo, LogInterval, RunStatus } from "./run.js";
import type { StateValue } from "./tensor.js";
import type { TrainerView } from "./view.js";

/**
 * The hook methods: the places of a run where a hook is called, in the order of the loop.
 * - Order: hooks are called in registration order, the user's before the built-in ones; a hook starts when the one before it has finished.
 * - Cost: a method that returns no promise costs no `await`; the loop waits for one that does.
 * - Errors: a method that throws or rejects ends the run. `fit` rejects with `ERR_HOOK`, which names the hook and the method.
 * - Arguments: `epoch` counts from 0; `loaderIdx` is the position of the loader in `fit`'s data, `loaderName` its name ("default" where
 *   one unnamed loader was given); `metrics` has bare names (`loss`) in batch methods, monitor names (`val/loss`) in all others.
 */
export interface HookMethods<in Batch = unknown> {
  /** Called once per process start, before the first step: the data was checked, the backends are open, a resumed state is loaded. */
  onTrainStart(trainer: TrainerView): MaybePromise<void>;
  /** Called before the first batch of an epoch; not for the epoch that a resumed run enters in the middle. */
  onEpochStart(trainer: TrainerView, epoch: number): MaybePromise<void>;
  /** Called when a train batch is there, before `model.trainStep`; `trainer.state.step` counts the steps before this one. */
  onTrainBatchStart(trainer: TrainerView, batch: Batch, loaderIdx: number, loaderName: string): MaybePromise<void>;
  /**
   * Called after each train step. `metrics` holds this batch's values by bare name (`loss`, `accuracy`), is reused, and is valid during
   * the call only. Reading a deferred value waits for the device, and throws `ERR_SCALAR_ASYNC` where the value comes as a promise and the
   * hook does not name it in `reads`.
   */
  onTrainBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void>;
  /** Called every `logging.logEveryNSteps` steps and after the last step of an epoch, when all deferred values have been read. */
  onLogInterval(trainer: TrainerView, interval: LogInterval): MaybePromise<void>;
  /**
   * Called after the last batch of an epoch, before its validation. `metrics` holds the last values by monitor name; the `train/…` ones
   * are the means of this epoch over all ranks. Not called for an epoch that a stop ends in the middle.
   */
  onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  /** Called before each validation: every `validation.everyNEpochs` epochs, or every `everyNSteps` steps. Not for the sanity check. */
  onValidationStart(trainer: TrainerView, epoch: number): MaybePromise<void>;
  /** Called after `model.evalStep` of each validation batch; `metrics` as in `onTrainBatchEnd`. */
  onValidationBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void>;
  /**
   * Called after the last validation batch. `metrics` holds the last values by monitor name; the `val/…` ones are the means of this
   * validation over all ranks. Not called for a validation that an interruption cuts short.
   */
  onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  /**
   * Called at the end of each epoch after its validation, and at the boundary after a checkpoint was requested: the hook method to call
   * `trainer.requestCheckpoint` from. The state is captured when every hook has returned. `metrics` holds the last values.
   */
  onCheckpoint(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  /**
   * Called at the first boundary after a checkpoint was committed to disk, with where it is and what it was saved for. For checkpoints
   * committed at the end of the run it is called after `onTrainEnd`.
   */
  onCheckpointSaved(trainer: TrainerView, info: CheckpointInfo): MaybePromise<void>;
  /**
   * Called last in an epoch, after its checkpoint, also where the run stops there; `metrics` holds the last values. Not called for an epoch
   * that a stop ends in the middle.
   */
  onEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  /**
   * Called when the run fails: a hook, the model or a loader threw, or a backend refused the run. `error` is the `TrainscopeError` that
   * `fit` rejects with; its `cause` is the original. Every hook is called, also where another one throws here.
   */
  onException(trainer: TrainerView, error: unknown): MaybePromise<void>;
  /**
   * Called when the run ends before its configured end, because a hook, a backend, a signal or the `AbortSignal` requested it for `reason`.
   * Not called when a second signal abandons the run.
   */
  onStop(trainer: TrainerView, reason: string): MaybePromise<void>;
  /**
   * Called once at the end, always: also after an error, a stop or a signal. The backends are still open, so what is logged here is kept.
   * Every hook is called, also where another one throws here.
   */
  onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void>;
}

/** The name of a hook method: `"onTrainBatchEnd"`. */
export type HookMethodName = keyof HookMethods;

/** A metric that a hook watches. `fit` throws `ERR_UNKNOWN_MONITOR` before the first step where nothing produces it. */
export interface Monitored {
  /** The metric's monitor name, such as `val/loss`. */
  monitor: string;
  /** Where the name was set, for the error: `hooks.earlyStoppingConfig.monitor`. */
  path: string;
}

/** What a hook may have beside its hook methods. */
export interface HookTraits {
  /**
   * The name of the hook in errors, in `hookManager.describe()` and in saved states: a resumed run gives a hook the state stored under its
   * key. A key that is taken gets a number: `Name#2`.
   * @default the class name
   */
  readonly key?: string | undefined;
  /**
   * Bare names of deferred metrics that the hook reads in `onTrainBatchEnd` or `onValidationBatchEnd`. The loop awaits them before the
   * call, in every batch. @default []
   */
  readonly reads?: readonly string[] | undefined;
  /** Metrics that the hook watches; their names are checked before the first step. @default [] */
  readonly monitors?: readonly Monitored[] | undefined;
  /**
   * Names of metrics that the hook logs through `trainer.logger` or adds with `trainer.addMetrics`, so that other hooks may watch them;
   * `val/<loader>/f1` stands for that of each loader with series of its own. @default []
   */
  readonly produces?: readonly string[] | undefined;
  /**
   * Called once in `fit`, when the data is known and nothing has been written: what it throws refuses the run, and its directory is not made.
   * A resumed state is not loaded yet. Not called for a hook that is registered during the run.
   */
  checkRun?(trainer: TrainerView): MaybePromise<void>;
  /**
   * Called at each checkpoint: returns what the hook needs to continue as if the run had not been interrupted. Stored under `key`.
   * NaN, infinities and -0 survive.
   */
  state?(): StateValue;
  /**
   * Called once before `onTrainStart` of a resumed run, with what `state` returned. What it throws ends the resume with `ERR_RESUME`; throw
   * `ERR_STATE` where the state does not fit.
   */
  loadState?(state: StateValue): void;
  /**
   * Called after `loadState` where the saved run had stopped: returns the reason for which this hook would stop the resumed run under the
   * config it has now, or null where it would not.
   */
  wouldStop?(): string | null;
}

/** A class of hooks; its constructor takes the hook's config. A class for one batch type fits any trainer of that type. */
export type HookClass = new (config: never) => HookTraits & HookMethods<never>;
