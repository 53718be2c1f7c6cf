import type {
  ModelDescription,
  NamedTensor,
  Optimizer,
  StepContext,
  StepResult,
  StateTree,
  TrainableModel,
  MaybePromise,
} from "../contract/index.js";
import type {
  Callback,
  TfjsLayersModel,
  TfjsLossOrMetric,
  TfjsLossResult,
  TfjsOptimizer,
  TfjsStepInfo,
  TfjsTensor,
  TfjsVariable,
} from "./types.js";

/** One value for every output, one per output in order, or by output name. */
type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** A `LayersModel` to train. What is left out is taken from its `compile`. */
export interface LayersModelOptions<T extends TfjsTensor = TfjsTensor> {
  model: TfjsLayersModel;
  /** A `tf.train` optimizer, or its name (with TensorFlow.js's default learning rate). */
  optimizer?: TfjsOptimizer | string | undefined;
  /** A name that TensorFlow.js knows (`categoricalCrossentropy`, `meanSquaredError`, …) or a function. */
  loss?: PerOutput<string | TfjsLossOrMetric<T>> | undefined;
  /** Names (`accuracy`, `mae`, …) or functions; a function is reported under its own name. */
  metrics?: PerOutput<string | TfjsLossOrMetric<T>> | undefined;
  /** Free the tensors of a batch after its step. Default true; false where the same batches are used again. */
  disposeBatches?: boolean | undefined;
}

/** A loss function over variables to train. */
export interface FunctionModelOptions<Batch> {
  /** What the optimizer updates: by name, or an array (then named by `tf.variable`'s name). */
  variables: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>>;
  optimizer: TfjsOptimizer;
  /** A loss (a scalar, or one value per sample, which is averaged), alone or with metrics. Runs inside `tf.tidy`. */
  loss: Callback<[batch: Batch, info: TfjsStepInfo], TfjsLossResult>;
  /** What validation reports. Default: `loss`, with `info.training` false. */
  evaluate?: Callback<[batch: Batch, info: TfjsStepInfo], TfjsLossResult> | undefined;
  /** What `evaluate` reports beside the loss. Default: found by one call. */
  metricNames?: readonly string[] | undefined;
  /** Samples in a batch. Default: the first dimension of its first tensor. */
  batchSize?: Callback<[batch: Batch], number> | undefined;
  /** Free the tensors of a batch after its step. Default true. */
  disposeBatches?: boolean | undefined;
}

/**
 * A TensorFlow.js model as the trainer sees it. It works on the user's own variables: after `fit`, predict, evaluate
 * and save with the `tf.LayersModel` (or the function) that was given.
 */
export interface TfjsModel<in Batch> extends TrainableModel<Batch> {
  /** What `prepare()` found that a user should know: a slow backend, layers that no seed reaches. */
  readonly warnings: readonly string[];
  prepare(): Promise<void>;
  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  evalStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  parameters(): Iterable<NamedTensor>;
  gradients(): Iterable<NamedTensor>;
  describe(sampleInput?: unknown): MaybePromise<ModelDescription>;
  state(): MaybePromise<StateTree>;
  loadState(state: StateTree): void;
  /** Frees what the adapter itself still holds (kept gradients); the model's weights are the user's. */
  dispose(): void;
}

/** What `tfjsModel` returns: the two arguments of a trainer. */
export interface TfjsTraining<Batch> {
  model: TfjsModel<Batch>;
  optimizers: Optimizer[];
}
