import type { ProcessGroup } from "./ranks.js";
import type { MaybePromise, Scalar } from "./scalar.js";
import type { ImageData, NamedTensor, StateTree, Tensor } from "./tensor.js";

/** What a step knows about where it stands. Valid during the call only: the trainer reuses the object. */
export interface StepContext {
  /** Completed optimizer steps + 1. */
  readonly step: number;
  /** Zero-based. */
  readonly epoch: number;
  readonly loaderIdx: number;
  readonly loaderName: string;
  /** 32-bit seed, a pure function of (run seed, rank, batch): seed dropout and augmentation with it. */
  readonly stepSeed: number;
  /** Keep gradients readable through `gradients()` after this step. */
  readonly wantsGradients: boolean;
  /** Fill `StepResult.outputs`. */
  readonly wantsOutputs: boolean;
  readonly group: ProcessGroup;
  /** Aborted when the run is interrupted: a long step may return early. */
  readonly signal: AbortSignal;
}

/** Predictions, targets and images of one step, filled only when `context.wantsOutputs`. */
export interface StepOutputs {
  predictions?: Tensor | undefined;
  targets?: Tensor | undefined;
  images?: ImageData[] | undefined;
}

/** Seconds spent inside one step, where the model knows them. */
export interface StepTimings {
  forwardSeconds?: number | undefined;
  backwardSeconds?: number | undefined;
  optimizerSeconds?: number | undefined;
}

/** What one step reports. `batchSize` is the weight of its values in every average. */
export interface StepResult {
  loss: Scalar;
  metrics?: Record<string, Scalar> | undefined;
  /** Samples in this batch. */
  batchSize: number;
  /** Tokens in this batch. */
  tokens?: number | undefined;
  timings?: StepTimings | undefined;
  /** `false` marks a micro-batch that did not update the weights: `step` does not advance. Default true. */
  updated?: boolean | undefined;
  outputs?: StepOutputs | undefined;
}

/** One layer of a model's graph. */
export interface LayerDescription {
  name: string;
  op: string;
  inputs: string[];
  outputShape?: readonly (number | null)[] | undefined;
  dtype?: string | undefined;
  parameters?: number | undefined;
}

/** One input or output of a model: its name, element type and shape (null: any size). */
export interface TensorSpec {
  name?: string | undefined;
  dtype: string;
  shape: readonly (number | null)[];
}

/** What a model can say of itself. */
export interface ModelDescription {
  name?: string | undefined;
  layers: LayerDescription[];
  parameterCount?: number | undefined;
  signature?: { inputs: TensorSpec[]; outputs: TensorSpec[] } | undefined;
  inputExample?: unknown;
  files?: { path: string; bytes: Uint8Array }[] | undefined;
}

/** Any model that can be trained: a class around TensorFlow.js, jax-js, or plain arrays. */
export interface TrainableModel<in Batch> {
  /** What `evalStep` reports beside loss; else found by one `evalStep` before the first step. */
  readonly metricNames?: readonly string[] | undefined;
  /** Called by `prepare()`, before anything is opened: refuse here what could only fail in the middle of a step. */
  prepare?(): MaybePromise<void>;
  /** What `prepare()` wants the user to know; logged once at the start. */
  readonly warnings?: readonly string[] | undefined;
  /** Forward, backward, update. */
  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  evalStep?(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  parameters?(): Iterable<NamedTensor>;
  /** Of the last `trainStep`, kept only when `context.wantsGradients`. */
  gradients?(): Iterable<NamedTensor>;
  describe?(sampleInput?: unknown): MaybePromise<ModelDescription>;
  state(): MaybePromise<StateTree>;
  loadState(state: StateTree): MaybePromise<void>;
}

/** What the trainer needs of an optimizer. It saves and restores `learningRate` beside `state()`. */
export interface Optimizer {
  readonly name: string;
  learningRate: number;
  state(): MaybePromise<StateTree>;
  loadState(state: StateTree): MaybePromise<void>;
}
