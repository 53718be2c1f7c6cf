import type {
  CheckpointInfo,
  HookMethodName,
  HookMethods,
  HookTraits,
  LogInterval,
  MaybePromise,
  Metrics,
  Monitored,
  RunStatus,
  StateValue,
  TrainerView,
} from "../contract/index.js";

/* oxlint-disable no-unused-vars -- the parameters are the documentation of each hook method */

/**
 * The base class of hooks: extend it and override the hook methods that you need.
 * - A method that you do not override is never called; one that returns no promise costs no `await`.
 * - What a method throws, or rejects with, ends the run: `fit` rejects with `ERR_HOOK`, which names the hook and the method.
 * - `epoch` counts from 0. `loaderIdx` is the position of the loader in `fit`'s data, `loaderName` its name. `metrics` has bare
 *   names (`loss`) in batch methods, monitor names (`val/loss`) in all others.
 */
export class TrainerHooks<in Batch = unknown> implements HookMethods<Batch>, HookTraits {
  /** The hook's name in errors and in saved states; a name that is taken gets a number: `Name#2`. @default the class name */
  declare readonly key?: string | undefined;
  /** Bare names of deferred metrics that the loop awaits before `onTrainBatchEnd` and `onValidationBatchEnd`. @default [] */
  declare readonly reads?: readonly string[] | undefined;
  /** Metrics that the hook watches: their names are checked before the first step. @default [] */
  declare readonly monitors?: readonly Monitored[] | undefined;
  /** Names of metrics that the hook logs through `trainer.logger`, so that other hooks may watch them. @default [] */
  declare readonly produces?: readonly string[] | undefined;

  /** Called once, before the first step: the data was checked, the backends are open, a resumed state is loaded. */
  onTrainStart(trainer: TrainerView): MaybePromise<void> {}
  /** Called before the first batch of an epoch; not for the epoch that a resumed run enters in the middle. */
  onEpochStart(trainer: TrainerView, epoch: number): MaybePromise<void> {}
  /** Called before `model.trainStep`; `trainer.state.step` counts the steps before this one. */
  onTrainBatchStart(trainer: TrainerView, batch: Batch, loaderIdx: number, loaderName: string): MaybePromise<void> {}
  /** Called after the step. `metrics` has bare names (`loss`), is reused, and is valid during the call only. */
  onTrainBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void> {}
  /** Called every `logging.logEveryNSteps` steps and after the last step of an epoch, when all deferred values have been read. */
  onLogInterval(trainer: TrainerView, interval: LogInterval): MaybePromise<void> {}
  /** Called after the last batch of an epoch, before its validation; the `train/…` metrics are the means of this epoch. */
  onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  /** Called before each validation; not before the sanity check. */
  onValidationStart(trainer: TrainerView, epoch: number): MaybePromise<void> {}
  /** Called after `model.evalStep` of each validation batch; `metrics` as in `onTrainBatchEnd`. */
  onValidationBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void> {}
  /** Called after the last validation batch; the `val/…` metrics are the means of this validation. */
  onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  /** Called where a checkpoint may be requested, after an epoch's validation: `trainer.requestCheckpoint` is answered after all hooks. */
  onCheckpoint(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  /** Called at the first boundary after a checkpoint was committed to disk. */
  onCheckpointSaved(trainer: TrainerView, info: CheckpointInfo): MaybePromise<void> {}
  /** Called last in an epoch, after its checkpoint; not for an epoch that a stop ends in the middle. */
  onEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  /** Called when the run fails: `error` is the `TrainscopeError` that `fit` rejects with, its `cause` the original. */
  onException(trainer: TrainerView, error: unknown): MaybePromise<void> {}
  /** Called when the run ends before its configured end, because a hook, a backend or a signal requested it for `reason`. */
  onStop(trainer: TrainerView, reason: string): MaybePromise<void> {}
  /** Called once at the end, always: also after an error, a stop or a signal. What is logged here is kept. */
  onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void> {}

  /** Called at each checkpoint: returns what the hook needs to continue as if the run had not been interrupted. */
  state?(): StateValue;
  /** Called once before `onTrainStart` of a resumed run, with what `state` returned. */
  loadState?(state: StateValue): void;
  /** Called after `loadState` where the saved run had stopped: the reason for which this hook would still stop it, or null. */
  wouldStop?(): string | null;
}

/* oxlint-enable no-unused-vars */

/** The parameters of one hook method: `...args: HookArgs<"onTrainBatchEnd">`. */
export type HookArgs<Method extends HookMethodName, Batch = unknown> = Parameters<TrainerHooks<Batch>[Method]>;

/** The methods and traits `defineHook` takes. */
export type HookDefinition<Batch> = Partial<HookMethods<Batch>> & Omit<HookTraits, "key">;

/** A hook from an object of methods, their parameters inferred. `key` names it in errors and in saved states. */
export function defineHook<Batch = unknown>(key: string, methods: HookDefinition<Batch>): TrainerHooks<Batch> {
  return Object.assign(new TrainerHooks<Batch>(), methods, { key });
}
