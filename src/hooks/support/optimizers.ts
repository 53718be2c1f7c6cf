import type { TrainerView } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

/** Throws `ERR_CONFIG` when there is no optimizer whose learning rate `hook` could read or set. */
export function requireOptimizers(trainer: TrainerView, hook: string): void {
  if (trainer.optimizers.length > 0) return;
  const message = `${hook} needs an optimizer, and the trainer was given none.\nPass one as third argument: new GenericTrainer(config, model, optimizer).`;
  throw new TrainscopeError("ERR_CONFIG", message, { path: "optimizers" });
}
