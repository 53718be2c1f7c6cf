import { TrainscopeError } from "../support/errors.js";
import { nearest } from "../support/nearest.js";
import { isLayersModel } from "../support/tfjs-values.js";
import { valueText } from "../support/value-text.js";
import { FunctionModelAdapter } from "./function-model.js";
import { LayersModelAdapter } from "./layers-model.js";
import { opsOf, type TfjsOps } from "./ops.js";
import type { TfjsOptimizerAdapter } from "./optimizer.js";
import type { FunctionModelOptions, LayersModelOptions, TfjsModel, TfjsTraining } from "./options.js";
import { PartsModelAdapter } from "./parts-model.js";
import type { PartsOptions } from "./parts-options.js";
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
/**
 * Makes several models trainable in one loop, each with an optimizer of its own: pass what it returns to
 * `new GenericTrainer(config, model, optimizers)`. Throws `ERR_CONFIG` for an unknown, missing or wrong option, and for a variable that two
 * parts have; `ERR_MODEL` where nothing can be trained.
 */
export function tfjsModel<T extends Tfjs, Batch>(tf: T, options: PartsOptions<Batch>): TfjsTraining<Batch>;
export function tfjsModel(tf: Tfjs, options: AnyOptions): TfjsTraining<never> {
  const adapter = adapterOf(opsOf(tf), options);
  return { model: adapter, optimizers: [...adapter.optimizers] };
}

type AnyOptions = LayersModelOptions | FunctionModelOptions<unknown> | PartsOptions<unknown>;

type Adapter = TfjsModel<never> & { readonly optimizers: readonly TfjsOptimizerAdapter[] };

function adapterOf(ops: TfjsOps, options: AnyOptions): Adapter {
  const form = formOf(options);
  if (form === "model") return new LayersModelAdapter(ops, options as LayersModelOptions);
  if (form === "parts") return new PartsModelAdapter(ops, options as PartsOptions<unknown>);
  return new FunctionModelAdapter(ops, options as FunctionModelOptions<unknown>);
}

const FORMS = ["model", "variables", "parts"] as const;

function formOf(given: unknown): (typeof FORMS)[number] {
  if (isLayersModel(given))
    throw new TrainscopeError(
      "ERR_CONFIG",
      "Found a LayersModel. Pass it with its options: tfjsModel(tf, { model: net, optimizer, loss }).",
      {
        path: "tfjsModel",
      },
    );
  const keys = typeof given === "object" && given !== null ? Object.keys(given) : [];
  const form = FORMS.find((key) => keys.includes(key));
  if (form !== undefined) return form;
  const near = keys.map((key) => nearest(key, FORMS)).find((name) => name !== null);
  const hint = near === undefined ? "" : `\nNearest: "${near}".`;
  throw new TrainscopeError(
    "ERR_CONFIG",
    `Found ${valueText(given)}. Allowed: { model } with a LayersModel, { variables, loss, optimizer } with a loss function, or { parts, step } with several models.${hint}`,
    { path: "tfjsModel" },
  );
}
