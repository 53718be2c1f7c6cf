import type { MaybePromise, Metrics } from "./scalar.js";
import type { CheckpointInfo, LogInterval, RunStatus } from "./run.js";
import type { StateValue } from "./tensor.js";
import type { TrainerView } from "./view.js";

/** Every moment of a run that a hook can take part in, in the order of the loop. */
export interface HookMethods<in Batch = unknown> {
  onTrainStart(trainer: TrainerView): MaybePromise<void>;
  onEpochStart(trainer: TrainerView, epoch: number): MaybePromise<void>;
  onTrainBatchStart(trainer: TrainerView, batch: Batch, loaderIdx: number, loaderName: string): MaybePromise<void>;
  onTrainBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void>;
  onLogInterval(trainer: TrainerView, interval: LogInterval): MaybePromise<void>;
  onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  onValidationStart(trainer: TrainerView, epoch: number): MaybePromise<void>;
  onValidationBatchEnd(
    trainer: TrainerView,
    batch: Batch,
    loaderIdx: number,
    loaderName: string,
    metrics: Metrics,
  ): MaybePromise<void>;
  onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  onCheckpoint(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  onCheckpointSaved(trainer: TrainerView, info: CheckpointInfo): MaybePromise<void>;
  onEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void>;
  onException(trainer: TrainerView, error: unknown): MaybePromise<void>;
  onStop(trainer: TrainerView, reason: string): MaybePromise<void>;
  onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void>;
}

export type HookMethodName = keyof HookMethods;

/** A metric that a hook watches, and where its name stands in the config, for the error. */
export interface Monitored {
  monitor: string;
  path: string;
}

/** What a hook may carry beside its methods. */
export interface HookTraits {
  /** The name its state is stored under. Default: the class name, then `Name#2`, … */
  readonly key?: string | undefined;
  /** Deferred metrics (bare names) that the loop awaits before `onTrainBatchEnd`. */
  readonly reads?: readonly string[] | undefined;
  /** Metrics it watches: checked before the first step. */
  readonly monitors?: readonly Monitored[] | undefined;
  /** Metric names it logs through `trainer.logger` and that others may monitor. */
  readonly produces?: readonly string[] | undefined;
  state?(): StateValue;
  loadState?(state: StateValue): void;
  /** After `loadState`: the reason for which it would stop the run that is resumed, or null. */
  wouldStop?(): string | null;
}

/** A class of hooks; its constructor takes the hook's config. A class for one batch type fits any trainer of that type. */
export type HookClass = new (config: never) => HookTraits & HookMethods<never>;
