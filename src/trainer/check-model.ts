import type { Optimizer, TrainableModel } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import { valueText } from "../support/value-text.js";

/** Checks what can be seen of a model and its optimizers before they are used. Throws `ERR_MODEL`. */
export function checkModel(model: TrainableModel<never>, optimizers: readonly Optimizer[]): void {
  if (typeof model !== "object" || model === null)
    throw new TrainscopeError(
      "ERR_MODEL",
      `A model is an object with trainStep, state and loadState; found ${valueText(model)}.`,
      {
        path: "model",
      },
    );
  for (const method of ["trainStep", "state", "loadState"] as const) {
    if (typeof model[method] !== "function")
      throw new TrainscopeError(
        "ERR_MODEL",
        `The model has no method ${method}. It needs trainStep(batch, context), state() and loadState(state).`,
        { path: `model.${method}` },
      );
  }
  for (const [i, optimizer] of optimizers.entries()) {
    if (typeof optimizer?.learningRate === "number" && typeof optimizer.name === "string") continue;
    throw new TrainscopeError(
      "ERR_MODEL",
      `An optimizer is an object with name, learningRate, state() and loadState(state); found ${valueText(optimizer)}.`,
      { path: `optimizers[${i}]` },
    );
  }
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
