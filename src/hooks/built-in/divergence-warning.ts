import type { StateValue, TrainerView } from "../../contract/index.js";
import { DivergenceWarningConfig, parseConfig } from "../../config/index.js";
import { DIVERGENCE_START, judgeDivergence } from "../../decisions/index.js";
import type { DivergenceProgress, DivergenceRule, DivergenceVerdict } from "../../decisions/index.js";
import { numberText } from "../../support/number-text.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { savedFields } from "../support/saved-state.js";

const SECTION = "hooks.divergenceWarningConfig";

/**
 * Logs a warning when `monitor` is worse than its best by more than its noise explains: once, until the metric recovers. The rule is
 * `judgeDivergence`. Throws `ERR_CONFIG` or `ERR_MODE_REQUIRED`.
 */
export class DivergenceWarningHook extends MonitoringHook {
  readonly #rule: DivergenceRule;
  #progress: DivergenceProgress = DIVERGENCE_START;
  #warned = false;

  constructor(config: DivergenceWarningConfig = {}, options: MonitoringOptions = {}) {
    const rule = parseConfig(DivergenceWarningConfig, config, SECTION);
    super({ monitor: rule.monitor, mode: config.mode, section: SECTION, key: "divergenceWarning" }, options);
    this.#rule = rule;
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string): void {
    const verdict = judgeDivergence(this.#rule, this.#progress, value);
    this.#progress = verdict.progress;
    if (verdict.diverging && !this.#warned) this.warn(trainer, textOf(verdict, name, value), { monitor: name, value, epoch });
    this.#warned = verdict.diverging;
  }

  override state(): Readonly<Record<string, StateValue>> {
    return { ...super.state(), progress: this.#progress, warned: this.#warned };
  }

  override loadState(state: StateValue): void {
    super.loadState(state);
    const { progress, warned } = savedFields(state, ["progress", "warned"], this.label);
    this.#progress = progress as DivergenceProgress;
    this.#warned = warned === true;
  }
}

function textOf({ level, distance, allowed, progress }: DivergenceVerdict, name: string, value: number): string {
  if (level === null || distance === null || allowed === null) return `${name} is ${value}`;
  const worse = `${numberText(distance)} worse than its best level ${numberText(progress.bestLevel ?? level)}`;
  return `${name} is diverging: its level ${numberText(level)} is ${worse}, and noise explains ${numberText(allowed)}`;
}
