import type { ModelDescription, StepContext } from "../contract/index.js";
import { checkedOptions } from "../support/option-keys.js";
import { CallbackModel, describeVariables, nameVariables } from "./callback-model.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { trainedOf } from "./model-weights.js";
import type { TfjsOps } from "./ops.js";
import { type FilledFunctionModelOptions, FUNCTION_MODEL_RULES, type FunctionModelOptions } from "./options.js";
import { nonZero } from "./seeding.js";
import { trainingOf } from "./training.js";
import type { TfjsTensor } from "./types.js";
import type { NamedVariable } from "./weights.js";

/**
 * A loss function over variables, as a trainer sees it.
 * - The variables are the user's own; those that are not trainable are saved, not updated.
 * - The function runs inside `tf.tidy`; what it returns is kept until the trainer has read it.
 * - A step depends only on the variables, the optimizer, the batch and `info.seed`, if the function does.
 */
export class FunctionModelAdapter<Batch> extends CallbackModel<Batch> {
  readonly #options: FilledFunctionModelOptions<Batch>;
  readonly #variables: readonly NamedVariable[];
  #seed = 0;

  constructor(ops: TfjsOps, given: FunctionModelOptions<Batch>) {
    const options = checkedOptions<FunctionModelOptions<Batch>, FilledFunctionModelOptions<Batch>>(
      given,
      FUNCTION_MODEL_RULES,
      "tfjsModel",
      TRAINING_INSTEAD,
    );
    const { disposeBatches } = options;
    const variables = nameVariables(options.variables);
    const trained = trainedOf(variables, undefined, "tfjsModel.variables");
    const { step, optimizer } = trainingOf(ops, { variables, trained }, options);
    super({ ops, step, optimizers: [optimizer], variables, trained, disposeBatches }, options);
    this.#options = options;
    this.#variables = variables;
  }

  /** The variables as layers without inputs: what the function does with them is not known. */
  describe(): ModelDescription {
    const layers = describeVariables(this.#variables);
    return { layers, parameterCount: this.#variables.reduce((sum, { variable }) => sum + variable.size, 0) };
  }

  protected open(_batch: Batch, context: StepContext): void {
    this.#seed = nonZero(context.stepSeed);
  }

  protected loss(batch: Batch, training: boolean): TfjsTensor {
    const { loss, evaluate = loss } = this.#options;
    const returned = (training ? loss : evaluate)(batch, { training, seed: this.#seed });
    return this.report(returned, training ? "loss" : "evaluate", training);
  }

  protected close(): void {}

  protected check(): readonly string[] {
    return [];
  }
}
