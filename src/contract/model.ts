import type { ProcessGroup } from "./ranks.js";
import type { MaybePromise, Scalar } from "./scalar.js";
import type { ImageData, NamedTensor, StateTree, Tensor } from "./tensor.js";

/** Where in the run a step is, and what it should report. Valid during the call only: the trainer reuses the object. */
export interface StepContext {
  /** The number of this optimizer step, from 1: completed steps + 1. */
  readonly step: number;
  /** Index of the epoch, from 0. */
  readonly epoch: number;
  /** The position of the batch's loader in `fit`'s data. */
  readonly loaderIdx: number;
  /** The name of the batch's loader; "default" where one unnamed loader was given. */
  readonly loaderName: string;
  /** 32-bit seed, a pure function of (run seed, rank, batch): seed dropout and augmentation with it, and a resumed run draws the same. */
  readonly stepSeed: number;
  /** True: keep the gradients of this step readable through `gradients()`. */
  readonly wantsGradients: boolean;
  /** True: fill `StepResult.outputs`. */
  readonly wantsOutputs: boolean;
  /** True: fill `StepResult.outputs.images` too, where the inputs are images; never true without `wantsOutputs`. */
  readonly wantsImages: boolean;
  /** The ranks of this run, for a model that reduces its own gradients; of size 1 where there is one process. */
  readonly group: ProcessGroup;
  /**
   * Aborted when the run is interrupted. A long step may throw `signal.reason` (`ERR_INTERRUPTED`): the run then ends as "interrupted",
   * not as failed.
   */
  readonly signal: AbortSignal;
}

/** Predictions, targets and images of one batch, filled only when `context.wantsOutputs`. */
export interface StepOutputs {
  /** What the model computed, the samples along the first dimension. */
  predictions?: Tensor | undefined;
  /** What it should have computed, in the shape of `predictions`. */
  targets?: Tensor | undefined;
  /** The batch's inputs, where they are images: one per sample, in their order; needed only when `context.wantsImages`. */
  images?: ImageData[] | undefined;
}

/** Seconds spent inside one step, where the model can measure them; they are summed in `RunState.clock`. */
export interface StepTimings {
  /** Seconds of the forward pass and the loss. */
  forwardSeconds?: number | undefined;
  /** Seconds that computing the gradients took in this step. */
  backwardSeconds?: number | undefined;
  /** Seconds that updating the weights took in this step. */
  optimizerSeconds?: number | undefined;
}

/** What one step reports. */
export interface StepResult {
  /** The mean loss over the batch's samples. A deferred scalar is handed over: the trainer reads it at most once and disposes it. */
  loss: Scalar;
  /** Further means over the batch's samples, by bare name (`accuracy`); deferred scalars are handed over too. @default {} */
  metrics?: Record<string, Scalar> | undefined;
  /** Samples in this batch, above 0: the weight of its values in every mean. */
  batchSize: number;
  /** Tokens in this batch, for throughput. @default 0 */
  tokens?: number | undefined;
  /** Where the step's time went. @default not measured */
  timings?: StepTimings | undefined;
  /**
   * False marks a micro-batch that did not update the weights: `step` does not advance. What is left at an epoch's end is applied by
   * `endEpoch` of the model. @default true
   */
  updated?: boolean | undefined;
  /** Predictions, targets and images; read only when `context.wantsOutputs`. */
  outputs?: StepOutputs | undefined;
}

/** One layer of a model's graph. */
export interface LayerDescription {
  /** The layer's name, unique in the model; "/" groups layers. */
  name: string;
  /** What it computes: `Dense`, `Conv2D`. */
  op: string;
  /** Names of the layers that feed it. */
  inputs: string[];
  /** Its output's sizes; null: any size. */
  outputShape?: readonly (number | null)[] | undefined;
  /** Its output's element type, in the model's terms. */
  dtype?: string | undefined;
  /** How many numbers it learns or keeps. */
  parameters?: number | undefined;
}

/** One input or output of a model. */
export interface TensorSpec {
  /** Its name, where it has one. */
  name?: string | undefined;
  /** Its element type, in the model's terms. */
  dtype: string;
  /** Its sizes; null: any size. */
  shape: readonly (number | null)[];
}

/** A model in words: its graph, and what a registry stores with it. */
export interface ModelDescription {
  /** What the model is called in graphs and summaries. */
  name?: string | undefined;
  /** Its layers, inputs included. */
  layers: LayerDescription[];
  /** How many numbers it learns or keeps in all. */
  parameterCount?: number | undefined;
  /** Its inputs and outputs. */
  signature?:
    | {
        /** In the order of the call. */
        inputs: TensorSpec[];
        /** In the order of what is returned. */
        outputs: TensorSpec[];
      }
    | undefined;
  /** One input as plain arrays and objects, to try the model with. */
  inputExample?: unknown;
  /** Files that describe the model, such as its topology. */
  files?:
    | {
        /** Name, relative to the model's folder. */
        path: string;
        /** The file's content. */
        bytes: Uint8Array;
      }[]
    | undefined;
}

/**
 * Any model that can be trained: a class around TensorFlow.js, jax-js, or plain arrays. `trainStep`, `state` and `loadState` are required.
 * A method that returns no promise costs no `await`. What a step throws makes `fit` reject with `ERR_STEP`, which names the step.
 */
export interface TrainableModel<in Batch> {
  /**
   * What the steps report beside loss, so that monitored names can be checked before the first step.
   * @default found by one `evalStep` on the first validation batch
   */
  readonly metricNames?: readonly string[] | undefined;
  /** Called once before anything is opened: throw here what could else fail in the middle of a step, such as a missing device. */
  prepare?(): MaybePromise<void>;
  /** What `prepare` found that the user should know; each is logged as a warning at the start. */
  readonly warnings?: readonly string[] | undefined;
  /**
   * What the seed of the run does not reach, in sentences, such as weights that were drawn before. Called at the start of a run whose config
   * sets `seed`, not where it is resumed; each is logged as a warning.
   */
  unseeded?(): MaybePromise<readonly string[]>;
  /** What computes the steps, such as "wasm" or "tensorflow": for summaries. Read after `prepare`. @default not said */
  readonly backend?: string | undefined;
  /** Versions by package of what computes the steps, for the run's environment. @default {} */
  readonly packages?: Readonly<Record<string, string>> | undefined;
  /** Called for each train batch: forward, backward, update. A deferred scalar in the result is the trainer's from then on. */
  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  /**
   * Called after the last batch of an epoch, not where a stop cuts it short or `maxSteps` is reached: apply here what is left of gradients that were accumulated.
   * Return true where that updated the weights: it counts as a step.
   */
  endEpoch?(): MaybePromise<boolean>;
  /**
   * Why the model itself asks the run to end, such as `model.stopTraining` of TensorFlow.js; null or undefined where it does not. Read after
   * every batch and at the end of every epoch, so it must cost nothing. It is heeded at once, also before `minEpochs` and `minSteps`.
   */
  readonly stopRequested?: string | null | undefined;
  /** Called for each validation batch: forward only, the weights stay as they are. Required where `fit` gets validation data. */
  evalStep?(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  /**
   * Called for each batch that is read and gets no step, as one that a resume skips: free its memory. What a loader returns when it ends
   * comes here, too; it may be something else than a batch.
   */
  discardBatch?(batch: Batch): void;
  /** The trained weights, for histograms, norms and file export; values are read only where a hook needs them. */
  parameters?(): Iterable<NamedTensor>;
  /** The gradients of the last `trainStep`, by the names of `parameters`; empty unless `context.wantsGradients` was set. */
  gradients?(): Iterable<NamedTensor>;
  /**
   * The model's graph and signature. Called when the run starts, where the graph is logged. `sampleInput` is an input or a batch, which
   * becomes `inputExample`.
   */
  describe?(sampleInput?: unknown): MaybePromise<ModelDescription>;
  /** Everything a resume needs, by name: weights, moving averages, recurrent states. Called at each checkpoint. */
  state(): MaybePromise<StateTree>;
  /** Restores what `state` returned; throw `ERR_STATE` where it does not fit, before anything is changed. */
  loadState(state: StateTree): MaybePromise<void>;
}

/** What the trainer needs of an optimizer: a learning rate to set, and a state to save. It saves `learningRate` beside `state()`. */
export interface Optimizer {
  /** The name its state is saved under; a second optimizer of the name is `name#2`. */
  readonly name: string;
  /** The step size of the next update. Schedules and hooks set it between two steps. */
  learningRate: number;
  /** Moments, counters and whatever else an exact resume needs, by name. Called at each checkpoint. */
  state(): MaybePromise<StateTree>;
  /** Restores what `state` returned; throw `ERR_STATE` where it does not fit. */
  loadState(state: StateTree): MaybePromise<void>;
}
