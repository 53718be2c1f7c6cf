import { TrainscopeError } from "../support/errors.js";
import { nearest } from "../support/nearest.js";
import { isLayersModel } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { FunctionModelAdapter } from "./function-model.js";
import { LayersModelAdapter } from "./layers-model.js";
import { opsOf } from "./ops.js";
import type { FunctionModelOptions, LayersModelOptions, TfjsTraining } from "./options.js";
import type { TensorOf, Tfjs, TfjsBatch } from "./types.js";

/**
 * Makes a TensorFlow.js model trainable: pass what it returns to `new GenericTrainer(config, model, optimizers)`.
 * `{ model }` takes a `LayersModel`, compiled before, or compiled here with `optimizer`, `loss` and `metrics`;
 * `{ variables, loss, optimizer }` takes a loss function over variables of your own.
 * `prepare()` of the model refuses a backend that lacks the gradient kernels which the layers need.
 * Throws `ERR_CONFIG` for an unknown, missing or wrong option; `ERR_MODEL` where nothing can be trained, or TensorFlow.js does not compile.
 */
export function tfjsModel<T extends Tfjs>(tf: T, options: LayersModelOptions<TensorOf<T>>): TfjsTraining<TfjsBatch>;
/**
 * Makes a loss function over variables trainable: pass what it returns to `new GenericTrainer(config, model, optimizers)`.
 * Throws `ERR_CONFIG` for an unknown, missing or wrong option; `ERR_MODEL` where no variable can be trained.
 */
export function tfjsModel<T extends Tfjs, Batch>(tf: T, options: FunctionModelOptions<Batch>): TfjsTraining<Batch>;
export function tfjsModel(tf: Tfjs, options: LayersModelOptions | FunctionModelOptions<unknown>): TfjsTraining<never> {
  const ops = opsOf(tf);
  const adapter = hasModel(options) ? new LayersModelAdapter(ops, options) : new FunctionModelAdapter(ops, options);
  return { model: adapter, optimizers: [adapter.optimizer] };
}

function hasModel(options: LayersModelOptions | FunctionModelOptions<unknown>): options is LayersModelOptions {
  const given: unknown = options;
  if (isLayersModel(given))
    throw new TrainscopeError(
      "ERR_CONFIG",
      "Found a LayersModel. Pass it with its options: tfjsModel(tf, { model: net, optimizer, loss }).",
      {
        path: "tfjsModel",
      },
    );
  const keys = typeof given === "object" && given !== null ? Object.keys(given) : [];
  if (keys.includes("model")) return true;
  if (keys.includes("variables")) return false;
  const near = keys.map((key) => nearest(key, ["model", "variables"])).find((name) => name !== null);
  const hint = near === undefined ? "" : `\nNearest: "${near}".`;
  throw new TrainscopeError(
    "ERR_CONFIG",
    `Found ${valueText(given)}. Allowed: { model } with a LayersModel, or { variables, loss, optimizer } with a loss function.${hint}`,
    { path: "tfjsModel" },
  );
}
