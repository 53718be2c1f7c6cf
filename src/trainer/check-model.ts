import type { Optimizer, TrainableModel } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { isLayersModel, isTfOptimizer } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";

const MAKE =
  "A model of TensorFlow.js is given to the trainer by tfjsModel of trainscope/tfjs:\n" +
  '  const { model, optimizers } = tfjsModel(tf, { model: net, optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });\n' +
  "  new GenericTrainer({ maxEpochs: 10 }, model, optimizers)";

/** Refuses a model in the place of the config, where every field of it would be an unknown key. Throws `ERR_MODEL`. */
export function checkOrder(config: unknown): void {
  if (isLayersModel(config)) throw modelError(`The first argument is the config; found a LayersModel.\n${MAKE}`, "config");
  if (isObject(config) && typeof config["trainStep"] === "function")
    throw modelError(
      "The first argument is the config; found a model. Write new GenericTrainer(config, model, optimizers).",
      "config",
    );
}

/** Checks what can be seen of a model and its optimizers before they are used. Throws `ERR_MODEL`. */
export function checkModel(model: TrainableModel<never>, optimizers: readonly Optimizer[]): void {
  if (!isObject(model))
    throw modelError(`A model is an object with trainStep, state and loadState; found ${valueText(model)}.`, "model");
  if (isLayersModel(model)) throw modelError(`Found a LayersModel. ${MAKE}`, "model");
  for (const method of ["trainStep", "state", "loadState"] as const) {
    if (typeof model[method] === "function") continue;
    const hint = isObject(model["model"]) && "optimizers" in model ? WHOLE : "";
    throw modelError(
      `The model has no method ${method}. It needs trainStep(batch, context), state() and loadState(state).${hint}`,
      `model.${method}`,
    );
  }
  for (const [i, optimizer] of optimizers.entries()) {
    if (typeof optimizer?.learningRate === "number" && typeof optimizer.name === "string") continue;
    const found = isTfOptimizer(optimizer) ? "a tf.train optimizer" : valueText(optimizer);
    const hint = isTfOptimizer(optimizer) || typeof optimizer === "string" ? `\n${MAKE}` : "";
    throw modelError(
      `An optimizer is an object with name, learningRate, state() and loadState(state); found ${found}.${hint}`,
      `optimizers[${i}]`,
    );
  }
}

const WHOLE =
  "\nFound what tfjsModel returns: pass its two parts, as in new GenericTrainer(config, training.model, training.optimizers).";

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function modelError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_MODEL", message, { path });
}

/** Lets the model check itself. What it throws becomes a `TrainscopeError`. */
export async function prepareModel(model: TrainableModel<never>): Promise<void> {
  try {
    await model.prepare?.();
  } catch (cause) {
    if (isTrainscopeError(cause)) throw cause;
    throw new TrainscopeError("ERR_MODEL", `prepare() of the model threw: ${messageOf(cause)}`, { path: "model.prepare", cause });
  }
}
