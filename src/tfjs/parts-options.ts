import { aFlag, aFunction, type Instead, optional, type OptionRules, required, withDefault } from "../support/option-keys.js";
import type { WithDefaults } from "../contract/index.js";
import { aGradientClip, type GradientClip } from "./gradient-clip.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { isLayersModel } from "../support/tfjs-values.js";
import { isOptimizer, isVariables, someNames } from "./options.js";
import type {
  Callback,
  TfjsLayersModel,
  TfjsLossResult,
  TfjsOptimizer,
  TfjsStepInfo,
  TfjsTensor,
  TfjsVariable,
} from "./types.js";

/** One of several models that are trained together: a `LayersModel`, or variables of your own. */
export interface TfjsPart {
  /** The part's model, trained in place; give it or `variables`. @default the part has `variables` */
  model?: TfjsLayersModel | undefined;
  /** The part's variables, by name or as an array; give them or `model`. @default the part has a `model` */
  variables?: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>> | undefined;
  /** Updates the part, for it alone. @default none: the part is saved and not trained, as a teacher or a target network */
  optimizer?: TfjsOptimizer | undefined;
  /** Limits the gradients of the part before every update. @default not limited */
  gradientClip?: GradientClip | undefined;
}

/** What a step over several models gets beside the batch. */
export interface TfjsPartsStep extends TfjsStepInfo {
  /**
   * Computes `loss`, takes its gradients for the variables of `part` and no others, and updates them by the part's optimizer; in validation
   * it only computes. Returns the mean loss. May be called for several parts, also more than once a step.
   */
  minimize<T extends TfjsTensor>(part: string, loss: () => T): T;
}

/** Several models that are trained in one loop. */
export interface PartsOptions<Batch> {
  /** The models by name. Their weights are saved as `<name>/…`, and the optimizer of each is called by its name. */
  parts: Readonly<Record<string, TfjsPart>>;
  /**
   * One training step: calls `info.minimize(part, loss)` for what is to be updated, and returns the loss that is reported, alone or with
   * metrics. Synchronous; runs inside `tf.tidy`. A step without a call of `minimize` does not count.
   */
  step: Callback<[batch: Batch, info: TfjsPartsStep], TfjsLossResult>;
  /** Computes what validation reports, as `step` does. @default `step`, in which `minimize` only computes, with `info.training` false */
  evaluate?: Callback<[batch: Batch, info: TfjsPartsStep], TfjsLossResult> | undefined;
  /** The metrics that `evaluate` reports beside the loss. @default found by one call before the first step */
  metricNames?: readonly string[] | undefined;
  /** Counts the samples in a batch: its weight in every mean. @default the first dimension of its first tensor */
  batchSize?: Callback<[batch: Batch], number> | undefined;
  /** Whether the tensors of a batch are freed after its step; false where the same batches are used again. @default true */
  disposeBatches?: boolean | undefined;
}

/** The options of several models with their defaults. */
export type FilledPartsOptions<Batch> = WithDefaults<PartsOptions<Batch>, "disposeBatches">;

/** What each option of `tfjsModel({ parts, … })` may be. */
export const PARTS_RULES: OptionRules<PartsOptions<unknown>, FilledPartsOptions<unknown>> = {
  parts: required({
    allowed: "models by name, such as { generator: { model, optimizer }, discriminator: { model, optimizer } }",
    accepts: (given) =>
      typeof given === "object" &&
      given !== null &&
      !Array.isArray(given) &&
      !isLayersModel(given) &&
      Object.keys(given).length > 0,
  }),
  step: required(aFunction),
  evaluate: optional(aFunction),
  metricNames: optional(someNames),
  batchSize: optional(aFunction),
  disposeBatches: withDefault(aFlag, true),
};

/** What each key of a part may be. */
export const PART_RULES: OptionRules<TfjsPart, TfjsPart> = {
  model: optional({ allowed: "a tf.LayersModel", accepts: isLayersModel }),
  variables: optional(isVariables),
  optimizer: optional(isOptimizer),
  gradientClip: optional(aGradientClip),
};

/** What to do instead, where there are several models. */
export const PARTS_INSTEAD: Instead = new Map([
  ...TRAINING_INSTEAD,
  ["optimizer", "Every part has its own: parts: { generator: { model, optimizer: tf.train.adam(0.0002) } }."],
  ["optimizers", "Every part has its own: parts: { generator: { model, optimizer: tf.train.adam(0.0002) } }."],
  ["loss", "The losses are computed in step: step: (batch, { minimize }) => minimize(part, () => loss)."],
  ["gradientClip", "Every part has its own: parts: { generator: { model, optimizer, gradientClip: { norm: 1 } } }."],
  [
    "accumulateSteps",
    "With several models the step decides when to update: give the loader a larger batchSize, or compute a loss over several batches in step.",
  ],
]);
