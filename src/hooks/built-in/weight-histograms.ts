import type { MaybePromise, TrainerView } from "../../contract/index.js";
import { parseConfig, WeightHistogramsConfig } from "../../config/index.js";
import { DueSteps } from "../support/due-steps.js";
import { metricNamePart } from "../../support/metric-names.js";
import { chooseTensors, noneChosen, OneWarning, requireMethod } from "../support/model-parts.js";
import { readTensors } from "../support/read-tensors.js";
import { TrainerHooks } from "../trainer-hooks.js";

/**
 * Logs the distribution of the weights every `histogramFreq` steps: a histogram `weights/<param>` for each parameter whose
 * name contains one of `paramFilter` (default: all). Those of gradients are `GradientMonitorHook`'s (`histogram: true`).
 */
export class WeightHistogramsHook extends TrainerHooks {
  override readonly key: string = "weightHistograms";
  readonly #due: DueSteps;
  readonly #filter: readonly string[];
  readonly #warning = new OneWarning();

  constructor(config: WeightHistogramsConfig = {}) {
    super();
    const { histogramFreq, paramFilter } = parseConfig(WeightHistogramsConfig, config, "hooks.weightHistogramsConfig");
    this.#due = new DueSteps(histogramFreq);
    this.#filter = paramFilter;
  }

  override onTrainStart(trainer: TrainerView): void {
    requireMethod(trainer, {
      method: "parameters",
      hook: this.key,
      path: "hooks.enableWeightHistograms",
      implement: "parameters(): Iterable<NamedTensor>, the weights by name",
    });
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    this.#due.isComing(trainer.state.step);
  }

  override onTrainBatchEnd(trainer: TrainerView): MaybePromise<void> {
    if (this.#due.consume(trainer.state.step)) return this.#log(trainer);
  }

  #log(trainer: TrainerView): MaybePromise<void> {
    const { step, epoch } = trainer.state;
    const weights = [...(trainer.model.parameters?.() ?? [])];
    const chosen = chooseTensors(weights, this.#filter);
    if (chosen.length === 0) {
      const why = noneChosen(weights, this.#filter);
      return this.#warning.log(trainer, `${this.key}: no weights to log: ${why}`);
    }
    return readTensors(chosen, ({ name }, values) => {
      trainer.logger.logHistogram(`weights/${metricNamePart(name)}`, values, step, { epoch });
    });
  }
}
