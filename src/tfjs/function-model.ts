import type { ModelDescription, StepContext } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { checkedOptions } from "../support/option-keys.js";
import { uniqueNames } from "../support/unique-names.js";
import { valueText } from "../support/value-text.js";
import { samplesIn } from "./batch.js";
import { TRAINING_INSTEAD } from "./instead.js";
import { isTensor, type TfjsOps } from "./ops.js";
import { type FilledFunctionModelOptions, FUNCTION_MODEL_RULES, type FunctionModelOptions } from "./options.js";
import { nonZero } from "./seeding.js";
import { StepModel } from "./step-model.js";
import { trainingOf } from "./training.js";
import type { TfjsLossResult, TfjsTensor, TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

/**
 * A loss function over variables, as a trainer sees it.
 * - The variables are the user's own; those that are not trainable are saved, not updated.
 * - The function runs inside `tf.tidy`; what it returns is kept until the trainer has read it.
 * - A step depends only on the variables, the optimizer, the batch and `info.seed`, if the function does.
 */
export class FunctionModelAdapter<Batch> extends StepModel<Batch> {
  readonly metricNames: readonly string[] | undefined;
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
    const trained = variables.filter(({ variable }) => variable.trainable);
    if (trained.length === 0)
      throw new TrainscopeError("ERR_MODEL", "No trainable variable is given: the optimizer has nothing to update.", {
        path: "tfjsModel.variables",
      });
    const { step, optimizer } = trainingOf(ops, { variables, trained }, options);
    super({ ops, step, optimizers: [optimizer], variables, trained, disposeBatches });
    this.#options = options;
    this.#variables = variables;
    this.metricNames = options.metricNames;
  }

  /** The variables as layers without inputs: what the function does with them is not known. */
  describe(): ModelDescription {
    const layers = this.#variables.map(({ name, variable }) => ({
      name,
      op: "Variable",
      inputs: [],
      outputShape: variable.shape,
      dtype: variable.dtype,
      parameters: variable.size,
    }));
    return { layers, parameterCount: this.#variables.reduce((sum, { variable }) => sum + variable.size, 0) };
  }

  protected open(_batch: Batch, context: StepContext): void {
    this.#seed = nonZero(context.stepSeed);
  }

  protected loss(batch: Batch, training: boolean): TfjsTensor {
    const { loss, evaluate = loss } = this.#options;
    const returned = (training ? loss : evaluate)(batch, { training, seed: this.#seed });
    const { loss: value, metrics = {}, outputs } = lossOf(returned, training ? "loss" : "evaluate");
    checkRank(value, training ? "loss" : "evaluate", "the loss");
    for (const [name, metric] of Object.entries(metrics))
      if (isTensor(metric)) checkRank(metric, training ? "loss" : "evaluate", `the metric "${name}"`);
    if (outputs !== undefined) this.keepOutputs(outputs.predictions, outputs.targets, outputs.images);
    for (const [name, metric] of Object.entries(metrics)) this.keepMetric(name, metric);
    if (value.shape.length > 0) return this.ops.mean(value);
    return training ? value : this.ops.clone(value); // a tensor of the user's must outlive this step
  }

  protected close(): void {}

  protected samplesOf(batch: Batch): number {
    return this.#options.batchSize?.(batch) ?? samplesIn(batch);
  }

  protected check(): readonly string[] {
    return [];
  }
}

/** Variables by name. TensorFlow.js numbers unnamed ones by a counter of the process: those are named by position. */
function nameVariables(variables: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>>): NamedVariable[] {
  if (!Array.isArray(variables))
    return Object.entries(variables as Record<string, TfjsVariable>).map(([name, variable]) => ({ name, variable }));
  const list = variables as readonly TfjsVariable[];
  const given = list.map(({ name }, index) => (/^\d+$/.test(name) ? `variable_${index}` : name));
  const names = uniqueNames(given, "_");
  return list.map((variable, index) => ({ name: names[index] ?? variable.name, variable }));
}

type Returned = Exclude<TfjsLossResult, TfjsTensor>;

function lossOf(returned: TfjsLossResult, which: string): Returned {
  if (isTensor(returned)) return { loss: returned };
  if (typeof returned === "object" && returned !== null && isTensor((returned as { loss?: unknown }).loss))
    return checkReturned(returned, which);
  const hint = (returned as unknown) instanceof Promise ? ": gradients need it to be synchronous" : "";
  throw resultError(which, `returned ${valueText(returned)}${hint}. Return a scalar tensor, or { loss, metrics }.`);
}

/** Nothing that was returned is dropped: an unknown key, or a metric that is no number, is refused. */
function checkReturned(returned: Returned, which: string): Returned {
  checkKeys(returned, RETURNED, which, "");
  if (returned.outputs !== undefined) checkKeys(returned.outputs, OUTPUTS, which, "outputs.");
  for (const name in returned.metrics) {
    const value: unknown = returned.metrics[name];
    if (typeof value !== "number" && !isTensor(value))
      throw resultError(which, `returned ${valueText(value)} as the metric "${name}". Allowed: a tensor, or a number.`);
  }
  return returned;
}

/** More than one value a sample is, as a rule, targets [N] that were broadcast against outputs [N, 1]. */
function checkRank({ shape }: TfjsTensor, which: string, what: string): void {
  if (shape.length < 2 || (shape.length === 2 && shape[1] === 1)) return;
  const text = `returned ${what} with the shape [${shape.join(", ")}]`;
  throw resultError(
    which,
    `${text}. Allowed: a scalar, or one value a sample: take the mean over the other dimensions, and give targets and outputs one shape.`,
  );
}

const RETURNED = ["loss", "metrics", "outputs"];
const OUTPUTS = ["predictions", "targets", "images"];

function checkKeys(given: object, known: readonly string[], which: string, where: string): void {
  for (const key in given)
    if (!known.includes(key)) throw resultError(which, `returned the unknown key "${where}${key}". ${suggest(key, known)}`);
}

function resultError(which: string, message: string): TrainscopeError {
  return new TrainscopeError("ERR_STEP_RESULT", `\`${which}\` ${message}`, { path: `tfjsModel.${which}` });
}
