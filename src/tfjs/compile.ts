import { messageOf, TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { ownValue } from "../support/own.js";
import { uniqueNames } from "../support/unique-names.js";
import { compiledOf, type CompiledModel } from "./ops.js";
import type { FilledLayersModelOptions } from "./options.js";
import { checkPerOutput, lossNames } from "./per-output.js";
import type { TfjsLayersModel, TfjsOptimizer, TfjsTensor } from "./types.js";

type LossOrMetric = (yTrue: TfjsTensor, yPred: TfjsTensor) => TfjsTensor;

/** What a compiled model trains with. */
export interface Compiled {
  /** Updates the weights. */
  optimizer: TfjsOptimizer;
  /** One per output. */
  losses: readonly LossOrMetric[];
  /** One per output; null for a function. */
  lossNames: readonly (string | null)[];
  /** In the model's order; `output` is the position of the output that `compute` looks at. */
  metrics: readonly { name: string; output: number; compute: LossOrMetric }[];
}

/** The losses and metrics that TensorFlow.js 4 has by name. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  loss: [
    "meanSquaredError",
    "meanAbsoluteError",
    "meanAbsolutePercentageError",
    "meanSquaredLogarithmicError",
    "squaredHinge",
    "hinge",
    "categoricalHinge",
    "logcosh",
    "categoricalCrossentropy",
    "sparseCategoricalCrossentropy",
    "binaryCrossentropy",
    "kullbackLeiblerDivergence",
    "poisson",
    "cosineProximity",
  ],
  metric: [
    "accuracy",
    "crossentropy",
    "binaryAccuracy",
    "categoricalAccuracy",
    "precision",
    "categoricalCrossentropy",
    "sparseCategoricalCrossentropy",
    "mse",
    "mae",
    "mape",
    "cosine",
  ],
};
/** What Keras calls losses in short. */
const SHORT: Readonly<Record<string, string>> = {
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  msle: "meanSquaredLogarithmicError",
  kld: "kullbackLeiblerDivergence",
  crossentropy: "categoricalCrossentropy",
};
const OPTIMIZERS = ["adagrad", "adadelta", "adam", "adamax", "rmsprop", "sgd"];

/**
 * Optimizer, loss and metrics of a model: those of its own `compile`, replaced by those given here. Where any is given, the
 * model is compiled with them, so that names mean what they mean to TensorFlow.js and `model.evaluate` works afterwards.
 * Throws `ERR_MODEL` where one is missing, or TensorFlow.js refuses it.
 */
export function compileModel(options: FilledLayersModelOptions): Compiled {
  const { model } = options;
  if ((model.outputs ?? []).length === 0) {
    throw new TrainscopeError("ERR_MODEL", `The model "${model.name}" has no layers yet: add them before tfjsModel is called.`, {
      path: "tfjsModel.model",
    });
  }
  let compiled = compiledOf(model);
  const had = compiled.lossFunctions !== undefined;
  const optimizer = options.optimizer ?? (had ? compiled.optimizer : undefined);
  const loss = options.loss ?? (had ? compiled.loss : undefined);
  const metrics = options.metrics ?? (had ? compiled.metrics : undefined);
  if (optimizer === undefined) throw missing("optimizer", "tf.train.adam(0.001)");
  if (loss === undefined) throw missing("loss", '"categoricalCrossentropy"');
  if (typeof optimizer === "string" && !OPTIMIZERS.includes(optimizer.toLowerCase())) {
    throw new TrainscopeError("ERR_MODEL", `There is no optimizer "${optimizer}". ${suggest(optimizer, OPTIMIZERS)}`, {
      path: "tfjsModel.optimizer",
    });
  }
  checkPerOutput({ value: loss, what: "loss", path: placeOf("loss", options) }, model.outputNames);
  checkPerOutput({ value: metrics, what: "metrics", path: placeOf("metrics", options) }, model.outputNames);
  if (!had || options.optimizer !== undefined || options.loss !== undefined || options.metrics !== undefined) {
    compile(model, { optimizer, loss, metrics });
    compiled = compiledOf(model);
  }
  return {
    optimizer: compiled.optimizer as TfjsOptimizer,
    losses: compiled.lossFunctions ?? [],
    lossNames: lossNames(loss, model.outputNames),
    metrics: metricsOf(compiled),
  };
}

function placeOf(what: "loss" | "metrics", options: FilledLayersModelOptions): string {
  return options[what] === undefined ? `model.compile ${what}` : `tfjsModel.${what}`;
}

function missing(what: string, example: string): TrainscopeError {
  return new TrainscopeError(
    "ERR_MODEL",
    `The model is not compiled and no ${what} was given.\nCall model.compile(…) before, or give tfjsModel the ${what}, for example ${example}.`,
    { path: `tfjsModel.${what}` },
  );
}

function compile(model: TfjsLayersModel, args: { optimizer: unknown; loss: unknown; metrics: unknown }): void {
  const { optimizer, loss, metrics } = args;
  try {
    (model as unknown as CompiledModel).compile(metrics === undefined ? { optimizer, loss } : { optimizer, loss, metrics });
  } catch (error) {
    const [, kind = "", name = ""] = /Unknown (loss|metric) (\S+)/.exec(messageOf(error)) ?? [];
    const known = NAMES[kind];
    const spelled = (kind === "loss" ? ownValue(SHORT, name.toLowerCase()) : undefined) ?? name;
    const message =
      known === undefined
        ? `TensorFlow.js refuses to compile this: ${messageOf(error)}`
        : `There is no ${kind} "${name}"; a function can be given instead. ${suggest(spelled, known)}`;
    throw new TrainscopeError("ERR_MODEL", message, {
      path: known === undefined ? "tfjsModel" : `tfjsModel.${kind === "loss" ? "loss" : "metrics"}`,
      cause: error,
    });
  }
}

/** The metrics in the order of the model, under the names that the user wrote: `accuracy`, not `acc`. */
export function metricsOf(model: CompiledModel): Compiled["metrics"] {
  const spelled = JSON.stringify(model.metrics ?? []);
  const names = (model.metricsNames ?? ["loss"]).slice(1).map((name, index) => {
    const [, output = "", short = name] = /^(.*_)?(acc|ce)$/.exec(name) ?? [];
    if (short === "acc" && spelled.includes('"accuracy"')) return `${output}accuracy`;
    if (short === "ce" && spelled.includes('"crossentropy"')) return `${output}crossentropy`;
    return name === "" || name.endsWith("_") ? `${name}metric_${index + 1}` : name;
  });
  const distinct = uniqueNames(names, "_");
  return (model.metricsTensors ?? []).map(([compute, output], index) => ({
    name: distinct[index] ?? `metric_${index + 1}`,
    output,
    compute,
  }));
}

/** Runs a model on tensors; the outputs in the model's order. */
export function runModel(model: TfjsLayersModel, inputs: TfjsTensor[], training: boolean): TfjsTensor[] {
  const outputs = compiledOf(model).call(inputs, { training });
  return Array.isArray(outputs) ? outputs : [outputs];
}
