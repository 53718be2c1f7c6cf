import type { StateValue, TrainerView } from "../../contract/index.js";
import { parseConfig, RisingLossWarningConfig } from "../../config/index.js";
import { isRising, robustSlope } from "../../decisions/index.js";
import type { RisingRule } from "../../decisions/index.js";
import { numberText } from "../../support/number-text.js";
import { MonitoringHook } from "../support/monitoring-hook.js";
import type { MonitoringOptions } from "../support/monitoring-hook.js";
import { savedFields } from "../support/saved-state.js";

const SECTION = "hooks.risingLossWarningConfig";

/**
 * Logs a warning when `monitor` rises over the last `window` checks by more than noise would: once, until it stops rising. The rule is
 * `isRising`. Throws `ERR_CONFIG`.
 */
export class RisingLossWarningHook extends MonitoringHook {
  readonly #rule: RisingRule;
  #recent: readonly number[] = [];
  #warned = false;

  constructor(config: RisingLossWarningConfig = {}, options: MonitoringOptions = {}) {
    const rule = parseConfig(RisingLossWarningConfig, config, SECTION);
    // The hook's name gives the direction: a rise is bad, also of a metric that is usually better when it is higher.
    super({ monitor: rule.monitor, mode: "min", section: SECTION, key: "risingLossWarning" }, options);
    this.#rule = rule;
  }

  protected override check(trainer: TrainerView, value: number, epoch: number, name: string): void {
    this.#recent = [...this.#recent, value].slice(-this.#rule.window);
    const rising = isRising(this.#rule, this.#recent);
    if (rising && !this.#warned) {
      const slope = robustSlope(this.#recent) ?? 0;
      const text = `${name} has been rising for ${this.#rule.window} checks, by ${numberText(slope)} a check; now ${numberText(value)}`;
      this.warn(trainer, text, { monitor: name, value, slope, epoch });
    }
    this.#warned = rising;
  }

  override state(): Readonly<Record<string, StateValue>> {
    return { ...super.state(), recent: this.#recent, warned: this.#warned };
  }

  override loadState(state: StateValue): void {
    super.loadState(state);
    const { recent, warned } = savedFields(state, ["recent", "warned"], this.label);
    this.#recent = Array.isArray(recent) ? recent.map(Number) : [];
    this.#warned = warned === true;
  }
}
