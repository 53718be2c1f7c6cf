import type { MaybePromise, ResolvedGradientMonitorConfig, TrainerView, TypedArray } from "../../contract/index.js";
import { GradientMonitorConfig, parseConfig } from "../../config/index.js";
import { isPromise } from "../../support/promises.js";
import { DueSteps } from "../support/due-steps.js";
import { metricNamePart } from "../../support/metric-names.js";
import { chooseTensors, noneChosen, OneWarning, requireMethod } from "../support/model-parts.js";
import { readTensors } from "../support/read-tensors.js";
import { TensorStats } from "../support/tensor-stats.js";
import { TrainerHooks } from "../trainer-hooks.js";

/**
 * Logs the size of the gradients every `logFrequency` steps: `gradients/global_norm`, `global_max`, `global_mean`,
 * `global_std`, `global_nan_count`, and the same for each parameter (`gradients/<param>/norm`, …).
 * Max is of the absolute values; `nan_count` counts NaN and infinities, which the others leave out. With `paramFilter`
 * only parameters whose name contains one of its strings are read, and global means over these. With `histogram`, also
 * `gradients/<param>/histogram`.
 */
export class GradientMonitorHook extends TrainerHooks {
  override readonly key: string = "gradientMonitor";
  override readonly produces: readonly string[] = ["norm", "max", "mean", "std", "nan_count"].map(
    (stat) => `gradients/global_${stat}`,
  );
  readonly #config: ResolvedGradientMonitorConfig;
  readonly #due: DueSteps;
  readonly #warning = new OneWarning();

  constructor(config: GradientMonitorConfig = {}) {
    super();
    this.#config = parseConfig(GradientMonitorConfig, config, "hooks.gradientMonitorConfig");
    this.#due = new DueSteps(this.#config.logFrequency);
  }

  override onTrainStart(trainer: TrainerView): void {
    requireMethod(trainer, {
      method: "gradients",
      hook: this.key,
      path: "hooks.enableGradientMonitor",
      implement: "gradients(): Iterable<NamedTensor>, the gradients of the last trainStep (kept when context.wantsGradients)",
    });
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    if (this.#due.isComing(trainer.state.step)) trainer.wantGradients();
  }

  override onTrainBatchEnd(trainer: TrainerView): MaybePromise<void> {
    if (this.#due.consume(trainer.state.step)) return this.#log(trainer);
  }

  #log(trainer: TrainerView): MaybePromise<void> {
    const { step, epoch } = trainer.state;
    const values: Record<string, number> = {};
    const total = new TensorStats();
    const gradients = [...(trainer.model.gradients?.() ?? [])];
    const chosen = chooseTensors(gradients, this.#config.paramFilter);
    if (chosen.length === 0) {
      const why = noneChosen(gradients, this.#config.paramFilter);
      return this.#warning.log(trainer, `${this.key}: no gradients to log: ${why}`);
    }
    const done = readTensors(chosen, ({ name }, read) => this.#add(trainer, name, read, total, values));
    const log = (): void => {
      total.writeTo(values, "gradients/global_");
      trainer.logger.logMetrics(values, step, { epoch });
    };
    if (isPromise(done)) return done.then(log);
    log();
  }

  #add(trainer: TrainerView, name: string, read: TypedArray, total: TensorStats, values: Record<string, number>): void {
    const stats = new TensorStats().add(read);
    const series = `gradients/${metricNamePart(name)}`;
    total.merge(stats);
    if (this.#config.perParameter) stats.writeTo(values, `${series}/`);
    // A name of its own: a backend without histograms gets scalars below it, and `<series>/max` is taken.
    if (this.#config.histogram)
      trainer.logger.logHistogram(`${series}/histogram`, read, trainer.state.step, { epoch: trainer.state.epoch });
  }
}
