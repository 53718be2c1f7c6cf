import { FunctionModelAdapter } from "./function-model.js";
import { LayersModelAdapter } from "./layers-model.js";
import { opsOf } from "./ops.js";
import type { FunctionModelOptions, LayersModelOptions, TfjsTraining } from "./options.js";
import type { TensorOf, Tfjs, TfjsBatch } from "./types.js";

/**
 * Makes a TensorFlow.js model trainable by `GenericTrainer`: `new GenericTrainer(config, model, optimizers)`.
 * `{ model }` takes a `LayersModel`, compiled or with `optimizer`, `loss` and `metrics` given here (it is then compiled
 * with them); `{ variables, loss, optimizer }` takes a loss function over variables of one's own.
 * Throws ERR_MODEL where something is missing; `prepare()` refuses a backend without the gradients the layers need.
 */
export function tfjsModel<T extends Tfjs>(tf: T, options: LayersModelOptions<TensorOf<T>>): TfjsTraining<TfjsBatch>;
export function tfjsModel<T extends Tfjs, Batch>(tf: T, options: FunctionModelOptions<Batch>): TfjsTraining<Batch>;
export function tfjsModel(tf: Tfjs, options: LayersModelOptions | FunctionModelOptions<unknown>): TfjsTraining<never> {
  const ops = opsOf(tf);
  const adapter = "model" in options ? new LayersModelAdapter(ops, options) : new FunctionModelAdapter(ops, options);
  return { model: adapter, optimizers: [adapter.optimizer] };
}
