import type { MaybePromise, StateValue, TrainerView } from "../../contract/index.js";
import { parseConfig, ReduceLROnPlateauConfig } from "../../config/index.js";
import { PLATEAU_START, judgePlateau, reducedRate } from "../../decisions/index.js";
import type { PlateauProgress, PlateauRule } from "../../decisions/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { numberText } from "../../support/number-text.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { requireRates } from "../support/optimizers.js";
import { savedFields } from "../support/saved-state.js";

const SECTION = "hooks.reduceLROnPlateauConfig";

/**
 * Reduces the learning rate of every optimizer when `monitor` stops improving; the rule is `judgePlateau`.
 * Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export class ReduceLROnPlateauHook extends MonitoringHook {
  readonly #rule: PlateauRule;
  #progress: PlateauProgress = PLATEAU_START;

  constructor(config: ReduceLROnPlateauConfig = {}, options: MonitoringOptions = {}) {
    const rule = parseConfig(ReduceLROnPlateauConfig, config, SECTION);
    super({ monitor: rule.monitor, mode: config.mode, section: SECTION, key: "reduceLROnPlateau" }, options);
    this.#rule = rule;
  }

  override onTrainStart(trainer: TrainerView): MaybePromise<void> {
    requireRates(trainer, this.label);
    this.#checkMinLr(trainer);
    return super.onTrainStart(trainer);
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string): void {
    const verdict = judgePlateau(this.#rule, this.#progress, value);
    this.#progress = verdict.progress;
    if (!verdict.reduce) return;
    const checks = this.#rule.patience === 1 ? "1 check" : `${this.#rule.patience} checks`;
    for (const optimizer of trainer.optimizers) {
      const from = optimizer.learningRate;
      const to = reducedRate(this.#rule, from);
      if (to === from) continue;
      optimizer.learningRate = to;
      const message = `${this.label}: ${name} has not improved for ${checks}; ${optimizer.name} learning rate ${numberText(from)} → ${numberText(to)}`;
      trainer.logger.logEvent("learningRateReduced", { message, optimizer: optimizer.name, from, to, epoch }, trainer.state.step);
    }
  }

  override state(): Readonly<Record<string, StateValue>> {
    return { ...super.state(), ...this.#progress };
  }

  /** At the start of a run some optimizer must be above `minLr`; in a resumed run they may have come down to it. */
  #checkMinLr({ optimizers, run }: TrainerView): void {
    const { minLr } = this.#rule;
    if (minLr === 0 || run.resumedFromStep !== null || optimizers.some(({ learningRate }) => learningRate > minLr)) return;
    const rates = optimizers.map(({ name, learningRate }) => `"${name}" ${numberText(learningRate)}`).join(", ");
    const message = `minLr is ${minLr}, and no optimizer starts above it (${rates}): the learning rate could never be reduced.\nLower minLr, or give the optimizer a higher learning rate.`;
    throw new TrainscopeError("ERR_CONFIG", message, { path: `${SECTION}.minLr` });
  }

  override loadState(state: StateValue): void {
    super.loadState(state);
    const { best, badChecks, cooldownLeft } = savedFields(state, ["best", "badChecks", "cooldownLeft"], this.label);
    this.#progress = { best, badChecks, cooldownLeft } as unknown as PlateauProgress;
  }
}
