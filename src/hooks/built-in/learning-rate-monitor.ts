import type { LogInterval, TrainerView } from "../../contract/index.js";
import { distinctNames, requireOptimizers } from "../support/optimizers.js";
import { TrainerHooks } from "../trainer-hooks.js";

export interface LearningRateMonitorConfig {
  /** The optimizers' names, where the series are to be monitored by others. Default: found when the run starts. */
  optimizerNames?: readonly string[] | undefined;
}

/** Logs `train/learning_rate` at every log boundary; of several optimizers `train/learning_rate/<name>`. */
export class LearningRateMonitorHook extends TrainerHooks {
  override produces: readonly string[];

  constructor(config: LearningRateMonitorConfig = {}) {
    super();
    this.produces = seriesOf(config.optimizerNames ?? []);
  }

  override onTrainStart(trainer: TrainerView): void {
    requireOptimizers(trainer, this.constructor.name);
    this.produces = seriesOf(trainer.optimizers.map((optimizer) => optimizer.name));
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    const values: Record<string, number> = {};
    trainer.optimizers.forEach((optimizer, i) => {
      const name = this.produces[i];
      if (name !== undefined) values[name] = optimizer.learningRate;
    });
    trainer.logger.logMetrics(values, interval.step, { epoch: interval.epoch });
  }
}

function seriesOf(names: readonly string[]): string[] {
  return names.length <= 1 ? ["train/learning_rate"] : distinctNames(names).map((name) => `train/learning_rate/${name}`);
}
