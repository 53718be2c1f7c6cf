import type { GradientMonitorConfig, MaybePromise, NamedTensor, TrainerView, TypedArray } from "../contract/index.js";
import { TrainscopeError } from "../errors.js";
import { isPromise } from "../promises.js";
import { metricNamePart } from "./metric-names.js";
import { readTensors } from "./read-tensors.js";
import { TensorStats } from "./tensor-stats.js";
import { TrainerHooks } from "./trainer-hooks.js";

const SECTION = "hooks.gradientMonitorConfig";

/**
 * Logs the size of the gradients every `logFrequency` steps: `gradients/global_norm`, `global_max`, `global_mean`,
 * `global_std`, `global_nan_count`, and the same for each parameter (`gradients/<param>/norm`, …).
 * Max is of the absolute values; `nan_count` counts NaN and infinities, which the others leave out. With `paramFilter`
 * only parameters whose name contains one of its strings are read, and global means over these.
 */
export class GradientMonitorHook extends TrainerHooks {
  override readonly produces: readonly string[] = ["norm", "max", "mean", "std", "nan_count"].map(
    (stat) => `gradients/global_${stat}`,
  );
  readonly #every: number;
  readonly #filter: readonly string[];
  readonly #perParameter: boolean;
  readonly #histogram: boolean;
  /** The step whose gradients were asked for, or 0. */
  #asked = 0;
  #warned = false;

  constructor(config: GradientMonitorConfig = {}) {
    super();
    this.#every = config.logFrequency ?? 100;
    this.#filter = config.paramFilter ?? [];
    this.#perParameter = config.perParameter ?? true;
    this.#histogram = config.histogram ?? false;
    if (!Number.isInteger(this.#every) || this.#every < 1) {
      throw new TrainscopeError("ERR_CONFIG", `Found ${this.#every}; allowed: a whole number of steps, at least 1.`, {
        path: `${SECTION}.logFrequency`,
      });
    }
  }

  override onTrainStart(trainer: TrainerView): void {
    if (typeof trainer.model.gradients === "function") return;
    throw new TrainscopeError(
      "ERR_MODEL",
      `${this.constructor.name} needs the model's gradients, and the model has no gradients() method.\n` +
        `Implement gradients(): Iterable<NamedTensor>, the gradients of the last trainStep (kept when context.wantsGradients), or turn the hook off.`,
      { path: "hooks.enableGradientMonitor" },
    );
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    const coming = trainer.state.step + 1;
    if (coming % this.#every !== 0) return;
    this.#asked = coming;
    trainer.wantGradients();
  }

  override onTrainBatchEnd(trainer: TrainerView): MaybePromise<void> {
    // A micro-batch leaves the step where it was: the gradients of the batch that updates are the ones to show.
    if (this.#asked === 0 || trainer.state.step !== this.#asked) return;
    this.#asked = 0;
    return this.#log(trainer);
  }

  #log(trainer: TrainerView): MaybePromise<void> {
    const { step, epoch } = trainer.state;
    const values: Record<string, number> = {};
    const total = new TensorStats();
    const gradients = [...(trainer.model.gradients?.() ?? [])];
    const chosen = gradients.filter(({ name }) => this.#filter.length === 0 || this.#filter.some((part) => name.includes(part)));
    if (chosen.length === 0) return this.#warnEmpty(trainer, gradients);
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
    if (this.#perParameter) stats.writeTo(values, `${series}/`);
    if (this.#histogram) trainer.logger.logHistogram(series, read, trainer.state.step, { epoch: trainer.state.epoch });
  }

  #warnEmpty(trainer: TrainerView, gradients: readonly NamedTensor[]): void {
    if (this.#warned) return;
    this.#warned = true;
    const names = gradients.map(({ name }) => name);
    const found =
      names.length === 0 ? "the model gave none" : `paramFilter [${this.#filter.join(", ")}] matches none of ${names.join(", ")}`;
    trainer.logger.logEvent(
      "warning",
      { message: `${this.constructor.name}: no gradients to show: ${found}` },
      trainer.state.step,
    );
  }
}
