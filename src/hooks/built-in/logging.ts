import type { LogInterval, Metrics, StateValue, TrainerView } from "../../contract/index.js";
import { epochName } from "../support/epoch-names.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** The names one metric is logged under at a log boundary. */
interface StepNames {
  readonly metric: string;
  readonly step: string;
}

/**
 * Writes what the run measures to the logger.
 * - At a log boundary, as the last step's values: `train/loss_step`, `train/<metric>_step`, `train/<loader>/loss_step`,
 *   `train/batch_time_seconds`.
 * - When a train epoch ends: `epoch/train_<metric>`, `epoch/<loader>/train_<metric>`, `epoch/duration_seconds` (seconds in
 *   train batches) and `loader_proportions/…`; when a validation ends: `epoch/val_<metric>`, `epoch/<loader>/val_<metric>`.
 * `logging.logGlobalMetrics` and `logging.logPerLoaderMetrics` choose between the whole and its loaders.
 */
export class LoggingHook extends TrainerHooks {
  override readonly key: string = "logging";
  #stepNames: StepNames[] = [];
  readonly #loaderStepNames = new Map<string, string>();
  readonly #epochNames = new Map<string, string | null>();
  readonly #loaderNames = new WeakMap<readonly string[], ReadonlySet<string>>();
  #epochStartSeconds = 0;

  override onTrainStart(trainer: TrainerView): void {
    for (const name of trainer.loaders.train) this.#loaderStepNames.set(name, `train/${name}/loss_step`);
  }

  override onEpochStart(trainer: TrainerView): void {
    this.#epochStartSeconds = trainer.state.clock.trainSeconds;
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    const { logGlobalMetrics, logPerLoaderMetrics } = trainer.config.logging;
    const { values } = interval;
    const record: Record<string, number> = {};
    if (logGlobalMetrics) this.#addStepValues(record, values);
    const loaderLoss = logPerLoaderMetrics ? this.#loaderStepNames.get(interval.loaderName) : undefined;
    if (loaderLoss !== undefined && values["loss"] !== undefined) record[loaderLoss] = values["loss"];
    record["train/batch_time_seconds"] = interval.batchSeconds;
    trainer.logger.logMetrics(record, interval.step, { epoch: interval.epoch });
  }

  override onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): void {
    const record = this.#epochValues(trainer, metrics, "train/", trainer.loaders.train);
    for (const name in metrics) {
      const value = metrics[name];
      if (value !== undefined && name.startsWith("loader_proportions/")) record[name] = value;
    }
    record["epoch/duration_seconds"] = trainer.state.clock.trainSeconds - this.#epochStartSeconds;
    trainer.logger.logMetrics(record, trainer.state.step, { epoch });
  }

  override onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): void {
    const record = this.#epochValues(trainer, metrics, "val/", trainer.loaders.validation);
    trainer.logger.logMetrics(record, trainer.state.step, { epoch });
  }

  override state(): StateValue {
    return { epochStartSeconds: this.#epochStartSeconds };
  }

  override loadState(state: StateValue): void {
    this.#epochStartSeconds = Number(savedFields(state, ["epochStartSeconds"], this.key)["epochStartSeconds"]);
  }

  /** The names are built when a metric is first seen at its place, not at every boundary. */
  #addStepValues(record: Record<string, number>, values: Metrics): void {
    let i = 0;
    for (const metric in values) {
      const value = values[metric];
      if (value === undefined) continue;
      let names = this.#stepNames[i];
      if (names?.metric !== metric) this.#stepNames[i] = names = { metric, step: `train/${metric}_step` };
      record[names.step] = value;
      i++;
    }
  }

  #epochValues(trainer: TrainerView, metrics: Metrics, split: string, loaders: readonly string[]): Record<string, number> {
    const { logGlobalMetrics, logPerLoaderMetrics } = trainer.config.logging;
    const record: Record<string, number> = {};
    for (const metric in metrics) {
      const value = metrics[metric];
      if (value === undefined || !metric.startsWith(split)) continue;
      const name = this.#epochNameOf(metric, loaders);
      if (name === null) continue;
      const ofLoader = !name.startsWith(`epoch/${split.slice(0, -1)}_`);
      if (ofLoader ? logPerLoaderMetrics : logGlobalMetrics) record[name] = value;
    }
    return record;
  }

  #epochNameOf(metric: string, loaders: readonly string[]): string | null {
    let name = this.#epochNames.get(metric);
    if (name === undefined) this.#epochNames.set(metric, (name = epochName(metric, this.#namesIn(loaders))));
    return name;
  }

  #namesIn(loaders: readonly string[]): ReadonlySet<string> {
    let names = this.#loaderNames.get(loaders);
    if (names === undefined) this.#loaderNames.set(loaders, (names = new Set(loaders)));
    return names;
  }
}
