import { z } from "zod";
import { agreeing, field, parseConfig, text } from "../../config/index.js";
import type { LogInterval, TrainerView } from "../../contract/index.js";
import { learningRateNames } from "../../support/unique-names.js";
import { requireOptimizers } from "../support/optimizers.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** What a `LearningRateMonitorHook` takes. */
export interface LearningRateMonitorConfig {
  /**
   * The names of the optimizers, so that other hooks may monitor their series; left out: those of the trainer's optimizers when
   * the run starts.
   */
  optimizerNames?: readonly string[] | undefined;
}

/** The schema of `LearningRateMonitorConfig`. @internal */
export const LearningRateMonitorConfig: z.ZodType<LearningRateMonitorConfig, LearningRateMonitorConfig> = agreeing<
  LearningRateMonitorConfig,
  LearningRateMonitorConfig
>()("What a LearningRateMonitorHook takes.", () =>
  z.strictObject({
    optimizerNames: field(
      z.array(text()).readonly().optional(),
      "The names of the optimizers, so that other hooks may monitor their series; left out: those of the trainer's optimizers when the run starts.",
    ),
  }),
);

/** Logs `train/learning_rate` at every log boundary; of several optimizers `train/learning_rate/<name>`. */
export class LearningRateMonitorHook extends TrainerHooks {
  override readonly key: string = "learningRateMonitor";
  override produces: readonly string[];

  constructor(config: LearningRateMonitorConfig = {}) {
    super();
    this.produces = learningRateNames(parseConfig(LearningRateMonitorConfig, config, "learningRateMonitor").optimizerNames ?? []);
  }

  override onTrainStart(trainer: TrainerView): void {
    requireOptimizers(trainer, this.key);
    this.produces = learningRateNames(trainer.optimizers.map((optimizer) => optimizer.name));
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    const values: Record<string, number> = {};
    trainer.optimizers.forEach((optimizer, i) => {
      const name = this.produces[i];
      if (name !== undefined && !Number.isNaN(optimizer.learningRate)) values[name] = optimizer.learningRate; // NaN: it has none
    });
    trainer.logger.logMetrics(values, interval.step, { epoch: interval.epoch });
  }
}
