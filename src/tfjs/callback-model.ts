import type { LayerDescription } from "../contract/index.js";
import { uniqueNames } from "../support/unique-names.js";
import { samplesIn } from "./batch.js";
import { checkRank, lossOf } from "./loss-result.js";
import { isTensor } from "./ops.js";
import { StepModel, type StepModelOptions } from "./step-model.js";
import type { Callback, TfjsLossResult, TfjsTensor, TfjsVariable } from "./types.js";
import type { NamedVariable } from "./weights.js";

/** What the forms with a function of the user's have in common. */
interface CallbackOptions<Batch> {
  readonly metricNames?: readonly string[] | undefined;
  readonly batchSize?: Callback<[batch: Batch], number> | undefined;
}

/** A model whose steps are computed by a function of the user's. */
export abstract class CallbackModel<Batch> extends StepModel<Batch> {
  readonly metricNames: readonly string[] | undefined;
  readonly #batchSize: Callback<[batch: Batch], number> | undefined;

  constructor(parts: StepModelOptions, { metricNames, batchSize }: CallbackOptions<Batch>) {
    super(parts);
    this.metricNames = metricNames;
    this.#batchSize = batchSize;
  }

  /** Keeps what the function `which` has returned, and returns its mean loss, a new tensor where not `training`. */
  protected report(returned: TfjsLossResult, which: string, training: boolean): TfjsTensor {
    const { loss: value, metrics = {}, outputs } = lossOf(returned, which);
    checkRank(value, which, "the loss");
    for (const [name, metric] of Object.entries(metrics)) if (isTensor(metric)) checkRank(metric, which, `the metric "${name}"`);
    if (outputs !== undefined) this.keepOutputs(outputs.predictions, outputs.targets, outputs.images);
    for (const [name, metric] of Object.entries(metrics)) this.keepMetric(name, metric);
    if (value.shape.length > 0) return this.ops.mean(value);
    return training ? value : this.ops.clone(value); // a tensor of the user's must outlive this step
  }

  protected samplesOf(batch: Batch): number {
    return this.#batchSize?.(batch) ?? samplesIn(batch);
  }
}

/** Variables by name. TensorFlow.js numbers unnamed ones by a counter of the process: those are named by position. */
export function nameVariables(variables: readonly TfjsVariable[] | Readonly<Record<string, TfjsVariable>>): NamedVariable[] {
  if (!Array.isArray(variables))
    return Object.entries(variables as Record<string, TfjsVariable>).map(([name, variable]) => ({ name, variable }));
  const list = variables as readonly TfjsVariable[];
  const given = list.map(({ name }, index) => (/^\d+$/.test(name) ? `variable_${index}` : name));
  const names = uniqueNames(given, "_");
  return list.map((variable, index) => ({ name: names[index] ?? variable.name, variable }));
}

/** Variables as layers without inputs: what a function does with them is not known. */
export function describeVariables(variables: readonly NamedVariable[]): LayerDescription[] {
  return variables.map(({ name, variable }) => ({
    name,
    op: "Variable",
    inputs: [],
    outputShape: variable.shape,
    dtype: variable.dtype,
    parameters: variable.size,
  }));
}
