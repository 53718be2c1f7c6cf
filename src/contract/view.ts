import type { ResolvedGenericTrainerConfig } from "./config.js";
import type { LoggerProtocol } from "./logger.js";
import type { Optimizer, StepOutputs, TrainableModel } from "./model.js";
import type { Metrics } from "./scalar.js";
import type { RunInfo, RunState } from "./run.js";

/** The trainer as a hook sees it: it reads and asks. */
export interface TrainerView {
  readonly state: RunState;
  readonly run: RunInfo;
  readonly config: ResolvedGenericTrainerConfig;
  readonly logger: LoggerProtocol;
  readonly model: TrainableModel<never>;
  readonly optimizers: readonly Optimizer[];
  /** The loaders that have series of their own; one unnamed array of batches has none. Known from `onTrainStart` on. */
  readonly loaders: { readonly train: readonly string[]; readonly validation: readonly string[] };
  /** The last values by monitor name: `train/loss`, `val/loss`, `val/<loader>/loss`, `train/learning_rate`, … */
  readonly metrics: Metrics;
  /**
   * What the model gave with the batch just done, where it was asked for: null in every other batch, and from a model that
   * fills no `StepResult.outputs`. Valid in `onTrainBatchEnd` and `onValidationBatchEnd`, during the call only.
   */
  readonly outputs: StepOutputs | null;
  /** Asks for gradients of the coming step (from `onTrainBatchStart`, of this one). */
  wantGradients(): void;
  /**
   * Asks for the outputs of one batch: from `onTrainBatchStart` of this one, from `onValidationStart` and
   * `onValidationBatchEnd` of the coming one of that validation.
   */
  wantOutputs(): void;
  /**
   * Asks the run to stop after this step, or after this epoch's hooks when asked at its end. Before `minEpochs` and
   * `minSteps` it is not kept: a decider asks again at its next check. `force` stops all the same.
   */
  requestStop(reason: string, options?: { force?: boolean | undefined }): void;
  /**
   * Asks for a checkpoint at the next boundary. While one is being written, requests wait and the newest takes the place
   * of older ones; with `keep` it is written in any case, and training waits for it if it must.
   */
  requestCheckpoint(reason: string, options?: { keep?: boolean | undefined }): void;
}
