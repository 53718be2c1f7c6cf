import type { MaybePromise, RunStatus, StateTree, StateValue, TrainerView } from "../../contract/index.js";
import { EarlyStoppingConfig, parseConfig } from "../../config/index.js";
import { EARLY_STOP_START, judgeEarlyStopping } from "../../decisions/index.js";
import type { EarlyStopProgress, EarlyStopRule } from "../../decisions/index.js";
import { numberText } from "../../support/number-text.js";
import { isPromise } from "../../support/promises.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { savedFields } from "../support/saved-state.js";

const SECTION = "hooks.earlyStoppingConfig";

/**
 * Stops the run when `monitor` stops improving; the rule is `judgeEarlyStopping`.
 * With `restoreBest` a copy of the weights of the best value so far is kept in memory, and loaded into the model when the run ends,
 * whatever its status. A saved state holds the progress and those weights; the limits are always those of the config.
 * Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export class EarlyStoppingHook extends MonitoringHook {
  readonly #rule: EarlyStopRule;
  readonly #restoreBest: boolean;
  #progress: EarlyStopProgress = EARLY_STOP_START;
  #bestWeights: StateTree | null = null;

  constructor(config: EarlyStoppingConfig = {}, options: MonitoringOptions = {}) {
    const { restoreBest, ...rule } = parseConfig(EarlyStoppingConfig, config, SECTION);
    super({ monitor: rule.monitor, mode: config.mode, section: SECTION, key: "earlyStopping" }, options);
    this.#rule = rule;
    this.#restoreBest = restoreBest;
  }

  /** The best value so far and the checks without improvement since; null and 0 before the first check. */
  get progress(): EarlyStopProgress {
    return this.#progress;
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string, step: number): MaybePromise<void> {
    const verdict = judgeEarlyStopping(this.#rule, this.#progress, value, { step, epoch });
    this.#progress = verdict.progress;
    if (verdict.stop) trainer.requestStop(`${this.label}: ${verdict.reason}`);
    if (!verdict.newBest || !this.#restoreBest) return;
    if (step !== trainer.state.step) return this.#lose(trainer, `${name} ${numberText(value)} was measured at step ${step}`);
    const state = trainer.model.state();
    if (isPromise(state)) return state.then((tree) => this.#keep(tree));
    this.#keep(state);
  }

  override onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void> {
    const best = this.#progress.trueBest;
    void super.onTrainEnd(trainer, status);
    if (this.#bestWeights === null || best === null) return;
    const { monitor } = this.#rule;
    const epoch = best.epoch === null ? "" : `, epoch ${best.epoch + 1}`;
    const message = `${this.label}: the weights of ${monitor} ${numberText(best.value)} (step ${best.step}${epoch}) are back in the model`;
    trainer.logger.logEvent(
      "restoredBest",
      { message, monitor, value: best.value, step: best.step, epoch: best.epoch, status },
      trainer.state.step,
    );
    return trainer.model.loadState(this.#bestWeights);
  }

  override state(): Readonly<Record<string, StateValue>> {
    return { ...super.state(), ...this.#progress, weights: this.#bestWeights as unknown as StateValue };
  }

  override loadState(state: StateValue): void {
    super.loadState(state);
    const { weights, best, badChecks, trueBest } = savedFields(state, ["best", "badChecks", "trueBest"], this.label);
    this.#progress = { best, badChecks, trueBest } as unknown as EarlyStopProgress;
    this.#bestWeights = this.#restoreBest ? ((weights ?? null) as unknown as StateTree | null) : null;
  }

  /** The saved progress under this config's limits: more patience lets a stopped run continue. */
  override wouldStop(): string | null {
    const { badChecks } = this.#progress;
    if (badChecks < this.#rule.patience) return null;
    return `${this.label}: ${this.#rule.monitor} has not improved for ${badChecks} checks, and patience is ${this.#rule.patience}`;
  }

  /** The best value so far is of weights that are gone: older ones may not be restored in its name. */
  #lose(trainer: TrainerView, measured: string): void {
    this.#bestWeights = null;
    this.warn(
      trainer,
      `${measured}, and the weights of that step are gone: restoreBest has none for it. Log the metric at the step it is measured at, in onValidationEnd or onTrainEpochEnd.`,
    );
  }

  #keep(tree: StateTree): void {
    this.#bestWeights = Object.fromEntries(
      Object.entries(tree).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
    );
  }
}
