import type { Optimizer, TrainableModel } from "../contract/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";

/** What shows of a model before it is used. Throws `ERR_MODEL`. */
export function checkModel(model: TrainableModel<never>, optimizers: readonly Optimizer[]): void {
  if (typeof model !== "object" || model === null)
    throw new TrainscopeError("ERR_MODEL", `A model is an object with trainStep, state and loadState; found ${String(model)}.`, {
      path: "model",
    });
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
    throw new TrainscopeError("ERR_MODEL", "An optimizer has a name, a learningRate, state() and loadState(state).", {
      path: `optimizers[${i}]`,
    });
  }
}

/** The model's own check. What it throws comes out as a `TrainscopeError`. */
export async function prepareModel(model: TrainableModel<never>): Promise<void> {
  try {
    await model.prepare?.();
  } catch (cause) {
    if (isTrainscopeError(cause)) throw cause;
    throw new TrainscopeError("ERR_MODEL", `prepare() of the model threw: ${messageOf(cause)}`, { path: "model.prepare", cause });
  }
}
