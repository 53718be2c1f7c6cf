import type { MaybePromise, TrainerView } from "../../contract/index.js";
import { isPromise } from "../../support/promises.js";
import { requireMethod } from "../support/model-parts.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** Logs the model's graph when the run starts, from the model's `describe()`. Without that method the run fails with `ERR_MODEL`. */
export class ModelGraphHook extends TrainerHooks {
  override readonly key: string = "modelGraph";

  override onTrainStart(trainer: TrainerView): MaybePromise<void> {
    requireMethod(trainer, {
      method: "describe",
      hook: this.key,
      path: "hooks.enableModelGraph",
      implement: "describe(): ModelDescription, its layers with their inputs",
    });
    const description = trainer.model.describe?.();
    if (description === undefined) return;
    if (isPromise(description)) return description.then((described) => trainer.logger.logGraph(described));
    trainer.logger.logGraph(description);
  }
}
