import type { ResolvedGenericTrainerConfig } from "./config/index.js";
import type { LoggerProtocol } from "./logger.js";
import type { Optimizer, StepOutputs, TrainableModel } from "./model.js";
import type { Metrics } from "./scalar.js";
import type { Measurement, RunInfo, RunState } from "./run.js";

/** The trainer as a hook sees it: what it may read, and what it may request. */
export interface TrainerView {
  /** Where the run is: step, epoch, samples, seconds. One object, updated by the loop. */
  readonly state: RunState;
  /** What identifies the run. Its directory exists from `onTrainStart` on. */
  readonly run: RunInfo;
  /** The config with every default filled in. */
  readonly config: ResolvedGenericTrainerConfig;
  /** All backends as one. What is logged here in `onTrainEnd` is still written. */
  readonly logger: LoggerProtocol;
  /** The model that is trained. A hook may read `parameters()` and, after `wantGradients()`, `gradients()`. */
  readonly model: TrainableModel<never>;
  /** The optimizers, in the order they were given to the trainer; a hook may set their `learningRate`. */
  readonly optimizers: readonly Optimizer[];
  /** The loaders that have series of their own; one unnamed loader has none. Known from `onTrainStart` on. */
  readonly loaders: {
    /** Names of the train loaders, by `loaderIdx`. */
    readonly train: readonly string[];
    /** Names of the validation loaders, by `loaderIdx`. */
    readonly validation: readonly string[];
  };
  /** The last values by monitor name: `train/loss`, `val/loss`, `val/<loader>/loss`, `train/learning_rate`, … */
  readonly metrics: Metrics;
  /**
   * The last value of a metric by its monitor name, with the step of the weights that it was measured on; null where it has none. A value
   * of an earlier step than `state.step` says nothing of the weights that the model has now.
   */
  measurement(name: string): Measurement | null;
  /**
   * Adds metrics that the hook computed, by monitor name (`val/f1`, `train/<loader>/f1`), as measured on the present weights: call it in
   * `onValidationEnd` for `val/…`, in `onTrainEpochEnd` for `train/…`. They are logged, monitored, saved and in the result like the model's
   * own; announce them in `produces`. They are gone when the next epoch or validation ends, unless they are added again.
   * Throws `ERR_METRIC_NAME` for another name, elsewhere, and for a name that has a value already; `ERR_METRIC_VALUE` for a value that is
   * no number.
   */
  addMetrics(metrics: Metrics): void;
  /**
   * Predictions, targets and images of the current batch, where a hook called `wantOutputs` for it; null in every other batch, and with a
   * model that fills no `StepResult.outputs`. Valid in `onTrainBatchEnd` and `onValidationBatchEnd`, during the call only.
   */
  readonly outputs: StepOutputs | null;
  /**
   * Requests the gradients of one step, for `model.gradients()` in `onTrainBatchEnd`: from `onTrainBatchStart` of this step, from elsewhere
   * of the next one.
   */
  wantGradients(): void;
  /**
   * Requests the outputs of one batch: from `onTrainBatchStart` of this batch; from `onValidationStart` and `onValidationBatchEnd` of the
   * next batch of that validation.
   */
  wantOutputs(options?: OutputRequestOptions): void;
  /**
   * Requests the end of the run after this step, or after this epoch's hooks when called at its end. With several ranks, all of them stop
   * after the same step. `reason` becomes `result.reason`; of several requests a forced one counts first, then the earliest.
   */
  requestStop(reason: string, options?: StopOptions): void;
  /**
   * Requests a checkpoint at the next boundary. While one is being written, requests wait, and the newest replaces older ones. `reason`
   * appears in warnings.
   */
  requestCheckpoint(reason: string, options?: CheckpointRequestOptions): void;
}

/** What `wantOutputs` takes. */
export interface OutputRequestOptions {
  /**
   * False: the images of the batch, which are the largest part, are not copied off the device unless another hook requests them.
   * @default true
   */
  images?: boolean | undefined;
}

/** What `requestStop` takes beside the reason. */
export interface StopOptions {
  /**
   * False: a request before `minEpochs` and `minSteps` is dropped with a warning; the hook repeats it at its next check. True:
   * the run stops there too.
   * @default false
   */
  force?: boolean | undefined;
}

/** What `requestCheckpoint` takes beside the reason. */
export interface CheckpointRequestOptions {
  /** True: this checkpoint is written in any case, and training waits for the one that is being written. @default false */
  keep?: boolean | undefined;
}
