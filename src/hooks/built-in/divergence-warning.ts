import type { DivergenceWarningConfig, StateValue, TrainerView } from "../../contract/index.js";
import { DIVERGENCE_START, judgeDivergence, modeFor } from "../../decisions/index.js";
import type { DivergenceProgress, DivergenceRule, DivergenceVerdict } from "../../decisions/index.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { savedFields } from "../support/saved-state.js";
import { requireAtLeast } from "../support/require-number.js";

const SECTION = "hooks.divergenceWarningConfig";

/** Warns when `monitor` leaves its best behind by more than its noise explains: once, until it is back. */
export class DivergenceWarningHook extends MonitoringHook {
  readonly #rule: DivergenceRule;
  #progress: DivergenceProgress = DIVERGENCE_START;
  #warned = false;

  constructor(config: DivergenceWarningConfig = {}, options: MonitoringOptions = {}) {
    const monitor = config.monitor ?? "val/loss";
    super({ monitor, mode: config.mode, section: SECTION }, options);
    this.#rule = {
      mode: modeFor(monitor, config.mode, `${SECTION}.mode`),
      factor: config.factor ?? 2,
      window: config.window ?? 5,
    };
    requireAtLeast(2, this.#rule.window, `${SECTION}.window`);
    requireAtLeast(0, this.#rule.factor, `${SECTION}.factor`);
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string): void {
    const verdict = judgeDivergence(this.#rule, this.#progress, value);
    this.#progress = verdict.progress;
    if (verdict.diverging && !this.#warned) this.warn(trainer, textOf(verdict, name, value), { monitor: name, value, epoch });
    this.#warned = verdict.diverging;
  }

  override state(): StateValue {
    return { progress: this.#progress, warned: this.#warned };
  }

  override loadState(state: StateValue): void {
    const { progress, warned } = savedFields(state, ["progress", "warned"], this.label);
    this.#progress = progress as DivergenceProgress;
    this.#warned = warned === true;
  }
}

function textOf({ level, distance, allowed, progress }: DivergenceVerdict, name: string, value: number): string {
  if (level === null || distance === null || allowed === null) return `${name} is ${value}`;
  const worse = `${round(distance)} worse than its best level ${round(progress.bestLevel ?? level)}`;
  return `${name} is diverging: its level ${round(level)} is ${worse}, and noise explains ${round(allowed)}`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
