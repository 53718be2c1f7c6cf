import type { ResolvedPlateauWarningConfig, StateValue, TrainerView } from "../../contract/index.js";
import { parseConfig, PlateauWarningConfig } from "../../config/index.js";
import { PLATEAU_START, judgePlateau } from "../../decisions/index.js";
import type { PlateauProgress } from "../../decisions/index.js";
import { deltaText } from "../../decisions/direction.js";
import { numberText } from "../../support/number-text.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { savedFields } from "../support/saved-state.js";

const SECTION = "hooks.plateauWarningConfig";

/**
 * Logs a warning when `monitor` has not improved by more than `minDelta` for `patience` checks: once, until it improves again.
 * Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export class PlateauWarningHook extends MonitoringHook {
  readonly #rule: ResolvedPlateauWarningConfig;
  #progress: PlateauProgress = PLATEAU_START;
  #warned = false;

  constructor(config: PlateauWarningConfig = {}, options: MonitoringOptions = {}) {
    const rule = parseConfig(PlateauWarningConfig, config, SECTION);
    super({ monitor: rule.monitor, mode: config.mode, section: SECTION, key: "plateauWarning" }, options);
    this.#rule = rule;
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string): void {
    const verdict = judgePlateau(this.#rule, this.#progress, value);
    this.#progress = verdict.progress;
    if (verdict.improved) this.#warned = false;
    if (!verdict.reduce || this.#warned) return;
    this.#warned = true;
    const { patience, minDelta } = this.#rule;
    const best = verdict.progress.best;
    const bestText = best === null ? "none" : numberText(best);
    const text = `${name} has not improved by more than ${deltaText(minDelta)} for ${patience} checks; now ${numberText(value)}, best ${bestText}`;
    this.warn(trainer, text, { monitor: name, value, best, epoch });
  }

  override state(): Readonly<Record<string, StateValue>> {
    return { ...super.state(), progress: this.#progress, warned: this.#warned };
  }

  override loadState(state: StateValue): void {
    super.loadState(state);
    const { progress, warned } = savedFields(state, ["progress", "warned"], this.label);
    this.#progress = progress as PlateauProgress;
    this.#warned = warned === true;
  }
}
