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

/* oxlint-disable no-unused-vars -- the parameters are the documentation of each moment */

/**
 * The moments of a run. Extend it and override what you need; a method that stays as it is here is never called.
 * A method that returns no promise costs no `await`.
 */
export class TrainerHooks<in Batch = unknown> implements HookMethods<Batch>, HookTraits {
  declare readonly key?: string | undefined;
  declare readonly reads?: readonly string[] | undefined;
  declare readonly monitors?: readonly Monitored[] | undefined;
  declare readonly produces?: readonly string[] | undefined;

  /** Once, after the data was checked and the backends are open. */
  onTrainStart(trainer: TrainerView): MaybePromise<void> {}
  onEpochStart(trainer: TrainerView, epoch: number): MaybePromise<void> {}
  onTrainBatchStart(trainer: TrainerView, batch: Batch, loaderIdx: number, loaderName: string): MaybePromise<void> {}
  /** After the step. `metrics` has bare names (`loss`), is reused, and is valid during the call only. */
  onTrainBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void> {}
  /** At every log boundary (`logEveryNSteps`, and the end of a train epoch), after deferred scalars were drained. */
  onLogInterval(trainer: TrainerView, interval: LogInterval): MaybePromise<void> {}
  /** After the last batch of an epoch; `metrics` has monitor names (`train/loss`), as in all that follow. */
  onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  onValidationStart(trainer: TrainerView, epoch: number): MaybePromise<void> {}
  onValidationBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void> {}
  onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  /** The moment to ask for a checkpoint: always after validation. */
  onCheckpoint(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  onCheckpointSaved(trainer: TrainerView, info: CheckpointInfo): MaybePromise<void> {}
  onEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {}
  onException(trainer: TrainerView, error: unknown): MaybePromise<void> {}
  onStop(trainer: TrainerView, reason: string): MaybePromise<void> {}
  /** Always, also after an error or a signal. */
  onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void> {}

  /** What a resume needs to go on as if nothing had happened. */
  state?(): StateValue;
  loadState?(state: StateValue): void;
  /** After `loadState`: the reason for which this hook would stop the run that is resumed, or null. */
  wouldStop?(): string | null;
}

/* oxlint-enable no-unused-vars */

/** The parameters of one moment: `...args: HookArgs<"onTrainBatchEnd">`. */
export type HookArgs<Event extends HookMethodName, Batch = unknown> = Parameters<TrainerHooks<Batch>[Event]>;

/** The methods and traits `defineHook` takes. */
export type HookDefinition<Batch> = Partial<HookMethods<Batch>> & Omit<HookTraits, "key">;

/** A hook from an object of methods, their parameters inferred. `key` names it in errors and in saved states. */
export function defineHook<Batch = unknown>(key: string, methods: HookDefinition<Batch>): TrainerHooks<Batch> {
  return Object.assign(new TrainerHooks<Batch>(), methods, { key });
}
