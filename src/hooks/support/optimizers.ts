import type { TrainerView } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

/** Throws `ERR_CONFIG` when there is no optimizer whose learning rate `hook` could read or set. */
export function requireOptimizers(trainer: TrainerView, hook: string): void {
  if (trainer.optimizers.length > 0) return;
  const message = `${hook} needs an optimizer, and the trainer was given none.\nPass one as third argument: new GenericTrainer(config, model, optimizer).`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "optimizers" });
}

/** Throws `ERR_CONFIG` when `hook` would set the learning rate of an optimizer that has none, or there is no optimizer. */
export function requireRates(trainer: TrainerView, hook: string): void {
  requireOptimizers(trainer, hook);
  const without = trainer.optimizers.find(({ learningRate }) => Number.isNaN(learningRate));
  if (without === undefined) return;
  const message = `${hook} sets learning rates, and the optimizer "${without.name}" has none: its learningRate is NaN.\nGive it one that its updates read, or disable the hook.`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "optimizers" });
}
