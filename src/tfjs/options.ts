import type {
  ModelDescription,
  NamedTensor,
  Optimizer,
  StepContext,
  StepResult,
  StateTree,
  TrainableModel,
  MaybePromise,
  WithDefaults,
} from "../contract/index.js";
import { type ClassWeight, someClassWeights } from "./class-weight.js";
import { aGradientClip, type GradientClip } from "./gradient-clip.js";
import {
  aCount,
  aFlag,
  aFunction,
  type OptionCheck,
  optional,
  type OptionRules,
  required,
  withDefault,
} from "../support/option-keys.js";
import { isLayersModel, isTfOptimizer } from "../support/tfjs-values.js";
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
  /** The model, with its layers. It is trained in place: use it as before after `fit`. */
  model: TfjsLayersModel;
  /**
   * A `tf.train` optimizer, or its name (with TensorFlow.js's default learning rate). Where it is given, the model is compiled with it.
   * @default the optimizer of `model.compile`
   */
  optimizer?: TfjsOptimizer | string | undefined;
  /**
   * A name that TensorFlow.js knows (`categoricalCrossentropy`, `meanSquaredError`, …) or a function of `(yTrue, yPred)`; with several
   * outputs their losses are added. Where it is given, the model is compiled with it. Targets have the shape of the output, or with
   * `sparseCategoricalCrossentropy` one class index, as float32, for each choice of classes.
   * @default the loss of `model.compile`
   */
  loss?: PerOutput<string | TfjsLossOrMetric<T>> | undefined;
  /**
   * Names (`accuracy`, `mae`, …) or functions of `(yTrue, yPred)`; a function is reported under its own name. A list is for every output;
   * by output name, each may have a list of its own.
   * @default the metrics of `model.compile`
   */
  metrics?:
    | PerOutput<string | TfjsLossOrMetric<T>>
    | Readonly<Record<string, readonly (string | TfjsLossOrMetric<T>)[]>>
    | undefined;
  /**
   * How much a sample counts in the training loss, by the class of its target (an index, or the largest of one-hot values): `{ 0: 1, 1: 5 }`,
   * or `[1, 5]`. With several outputs a list in their order, or an object by output name; an output left out is not weighted. Validation and
   * metrics are not weighted, as in `model.fit`.
   * @default every sample counts 1
   */
  classWeight?: ClassWeight | readonly (ClassWeight | null)[] | Readonly<Record<string, ClassWeight>> | undefined;
  /**
   * Limits the gradients before every update: `{ norm }` of all of them together, as Lightning and Keras's `global_clipnorm`, or `{ value }`
   * of each element. Gradients that hooks look at are those before it.
   * @default not limited
   */
  gradientClip?: GradientClip | undefined;
  /**
   * How many batches make one update: their gradients are averaged over all samples, so that n batches train as one of their size. Steps
   * count updates. What is left at the end of an epoch is applied there. Batch normalization sees each batch by itself.
   * @default 1
   */
  accumulateSteps?: number | undefined;
  /** Whether the tensors of a batch are freed after its step; false where the same batches are used again. @default true */
  disposeBatches?: boolean | undefined;
}

/** A loss function over variables to train. */
export interface FunctionModelOptions<Batch> {
  /**
   * What is saved and, where `trainable`, updated: by name, or an array. An array's variables are saved under their own names; those that
   * TensorFlow.js named by a number are `variable_0`, `variable_1`, … by position.
   */
  variables: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>>;
  /** A `tf.train` optimizer, such as `tf.train.adam(0.001)`. */
  optimizer: TfjsOptimizer;
  /**
   * Computes the loss of a batch, alone or with metrics: a scalar, or one value per sample, which is averaged. Synchronous, since gradients
   * are taken through it; runs inside `tf.tidy`.
   */
  loss: Callback<[batch: Batch, info: TfjsStepInfo], TfjsLossResult>;
  /** Computes what validation reports, as `loss` does. @default `loss`, with `info.training` false */
  evaluate?: Callback<[batch: Batch, info: TfjsStepInfo], TfjsLossResult> | undefined;
  /** The metrics that `evaluate` reports beside the loss. @default found by one call before the first step */
  metricNames?: readonly string[] | undefined;
  /** Counts the samples in a batch: its weight in every mean. @default the first dimension of its first tensor */
  batchSize?: Callback<[batch: Batch], number> | undefined;
  /**
   * Limits the gradients before every update: `{ norm }` of all of them together, as Lightning and Keras's `global_clipnorm`, or `{ value }`
   * of each element. Gradients that hooks look at are those before it.
   * @default not limited
   */
  gradientClip?: GradientClip | undefined;
  /**
   * How many batches make one update: their gradients are averaged over all samples, so that n batches train as one of their size. Steps
   * count updates. What is left at the end of an epoch is applied there. Batch normalization sees each batch by itself.
   * @default 1
   */
  accumulateSteps?: number | undefined;
  /** Whether the tensors of a batch are freed after its step; false where the same batches are used again. @default true */
  disposeBatches?: boolean | undefined;
}

/**
 * A TensorFlow.js model as the trainer sees it. It works on the user's own variables: after `fit`, predict, evaluate
 * and save with the `tf.LayersModel` (or the function) that was given.
 */
export interface TfjsModel<in Batch> extends TrainableModel<Batch> {
  /** What `prepare` found that the user should know: a slow backend, layers that no seed reaches. Empty before `prepare`. */
  readonly warnings: readonly string[];
  /** Waits for the backend. Rejects with `ERR_MODEL` where there is none, or one without the gradient kernels that the layers need. */
  prepare(): Promise<void>;
  /**
   * Forward, backward and update on one batch. A promise only where outputs are wanted and the backend reads asynchronously.
   * Throws `ERR_LOADER_DATA` for a batch that does not fit the model, `ERR_MODEL` for a missing kernel, `ERR_STEP_RESULT` for what a loss
   * function returned. With `accumulateSteps`, the result says by `updated: false` that the gradients were only collected.
   */
  trainStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  /** Updates by the gradients that are collected, however few they are. Returns false where there are none. */
  endEpoch(): boolean;
  /** Set where a program has set `model.stopTraining`: the run then ends after the batch, or the epoch's end. */
  readonly stopRequested?: string | null | undefined;
  /** Loss and metrics of one batch, layers in inference mode. Throws as `trainStep`. */
  evalStep(batch: Batch, context: StepContext): MaybePromise<StepResult>;
  /** The trained variables; reading one copies it off the device. */
  parameters(): Iterable<NamedTensor>;
  /**
   * The gradients of the last `trainStep` with `wantsGradients`, before they are clipped, valid until the next step; none of variables the
   * loss did not use. With `accumulateSteps`, those of the whole update where the step made one.
   */
  gradients(): Iterable<NamedTensor>;
  /**
   * The layers of the model, nested ones as `outer/inner`, with its signature and topology file; of a loss function, its variables.
   * `sampleInput` is an input or a batch, of which the first input becomes `inputExample`.
   */
  describe(sampleInput?: unknown): MaybePromise<ModelDescription>;
  /** Every variable by name, those that are not trained (moving averages) included. */
  state(): MaybePromise<StateTree>;
  /** Restores what `state` returned. Throws `ERR_STATE` where a name, shape or type does not fit; nothing is changed then. */
  loadState(state: StateTree): void;
  /** Frees the gradients that are still kept or collected. The model's variables and optimizer are the user's. */
  dispose(): void;
}

/** What `tfjsModel` returns: the two arguments of a trainer, or the parts of a loop of your own. */
export interface TfjsTraining<Batch> {
  /** What the trainer trains: pass it as the second argument of `GenericTrainer`. */
  model: TfjsModel<Batch>;
  /**
   * Its optimizers, one unless several models are trained: the learning rate can be set where the optimizer has one, and what it has learned
   * survives a resume bit by bit.
   */
  optimizers: Optimizer[];
}

/** The options of a `LayersModel` with their defaults. */
export type FilledLayersModelOptions = WithDefaults<LayersModelOptions, "accumulateSteps" | "disposeBatches">;

/** The options of a loss function with their defaults. */
export type FilledFunctionModelOptions<Batch> = WithDefaults<FunctionModelOptions<Batch>, "accumulateSteps" | "disposeBatches">;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const anything: OptionCheck = { allowed: "what model.compile takes", accepts: () => true };

/** A `tf.train` optimizer, or one of the user's own. */
export const isOptimizer: OptionCheck = {
  allowed: "a tf.train optimizer, such as tf.train.adam(0.001)",
  accepts: isTfOptimizer,
};

/** Variables in a list or by name. */
export const isVariables: OptionCheck = {
  allowed: "an array of tf.variable, or an object of them by name; of a LayersModel, model.getWeights()",
  accepts: (value) => isObject(value) && Object.values(value).every((variable) => isObject(variable) && "assign" in variable),
};

/** Names in a list. */
export const someNames: OptionCheck = {
  allowed: "an array of names",
  accepts: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
};

/** The default of every option of `tfjsModel({ model })`, and what it may be. */
export const LAYERS_MODEL_RULES: OptionRules<LayersModelOptions, FilledLayersModelOptions> = {
  model: required({
    allowed: "a tf.LayersModel, such as tf.sequential() makes",
    accepts: isLayersModel,
  }),
  optimizer: optional({
    allowed: "a tf.train optimizer, such as tf.train.adam(0.001), or its name",
    accepts: (value) => typeof value === "string" || isTfOptimizer(value),
  }),
  loss: optional(anything),
  metrics: optional(anything),
  classWeight: optional(someClassWeights),
  gradientClip: optional(aGradientClip),
  accumulateSteps: withDefault(aCount, 1),
  disposeBatches: withDefault(aFlag, true),
};

/** The default of every option of `tfjsModel({ variables, … })`, and what it may be. */
export const FUNCTION_MODEL_RULES: OptionRules<FunctionModelOptions<unknown>, FilledFunctionModelOptions<unknown>> = {
  variables: required(isVariables),
  optimizer: required(isOptimizer),
  loss: required(aFunction),
  evaluate: optional(aFunction),
  metricNames: optional(someNames),
  batchSize: optional({
    ...aFunction,
    allowed: "a function that counts the samples of a batch (how many there are is an option of the loader)",
  }),
  gradientClip: optional(aGradientClip),
  accumulateSteps: withDefault(aCount, 1),
  disposeBatches: withDefault(aFlag, true),
};
