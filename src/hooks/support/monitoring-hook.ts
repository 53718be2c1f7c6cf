import type { MaybePromise, Metrics, Mode, Monitored, TrainerView } from "../../contract/index.js";
import { modeFor, resolveMonitor } from "../../decisions/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** What a hook that watches a metric may be told beside its config. */
export interface MonitoringOptions {
  /** The name in reasons and saved states. Default: the class name. */
  key?: string | undefined;
  /** Where the monitor's name stands in the config, for the error. */
  path?: string | undefined;
}

/** What the base needs to know of the rule. */
export interface Watch {
  monitor: string;
  /** As the user gave it: left out, it is checked against `metrics.directions` too. */
  mode?: Mode | undefined;
  /** The config object that holds `monitor`, as `hooks.earlyStoppingConfig`. */
  section: string;
}

/**
 * A hook that looks at one metric, once per fresh value: `train/…` when a train epoch ends, `val/…` when a validation
 * ends, anything else when a train epoch ends.
 * A metric that was never there when its first check is due throws `ERR_UNKNOWN_MONITOR`; one that was there before and
 * is missing now is skipped, with one warning until it is back.
 */
export abstract class MonitoringHook extends TrainerHooks {
  override readonly key: string | undefined;
  override readonly monitors: readonly Monitored[];
  readonly #watch: Watch;
  readonly #atValidation: boolean;
  #seen = false;
  #missing = false;

  constructor(watch: Watch, options: MonitoringOptions = {}) {
    super();
    this.key = options.key;
    this.monitors = [{ monitor: watch.monitor, path: options.path ?? `${watch.section}.monitor` }];
    this.#watch = watch;
    this.#atValidation = /^val[/_]/.test(watch.monitor);
  }

  /** What a fresh value means. `name` is the name it was found under. */
  protected abstract check(trainer: TrainerView, value: number, epoch: number, name: string): MaybePromise<void>;

  override onTrainStart(trainer: TrainerView): MaybePromise<void> {
    const { monitor, mode, section } = this.#watch;
    modeFor(monitor, mode, `${section}.mode`, trainer.config.metrics.directions);
  }

  override onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    if (!this.#atValidation) return this.#look(trainer, epoch, metrics);
  }

  override onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    if (this.#atValidation) return this.#look(trainer, epoch, metrics);
  }

  /** The name that reasons and warnings start with. */
  protected get label(): string {
    return this.key ?? this.constructor.name;
  }

  /** Tells the user, with the step. */
  protected warn(trainer: TrainerView, message: string, data: Readonly<Record<string, unknown>> = {}): void {
    trainer.logger.logEvent("warning", { message: `${this.label}: ${message}`, hook: this.label, ...data }, trainer.state.step);
  }

  #look(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    const name = resolveMonitor(this.#watch.monitor, metrics);
    const value = name === null ? undefined : metrics[name];
    if (name === null || value === undefined) return this.#absent(trainer, metrics);
    this.#seen = true;
    this.#missing = false;
    return this.check(trainer, value, epoch, name);
  }

  #absent(trainer: TrainerView, metrics: Metrics): void {
    const { monitor } = this.#watch;
    if (!this.#seen) {
      const message = `"${monitor}" is not produced by this run. ${suggest(monitor, Object.keys(metrics))}`;
      throw new TrainscopeError("ERR_UNKNOWN_MONITOR", message, { path: this.monitors[0]?.path });
    }
    if (!this.#missing) this.warn(trainer, `${monitor} is missing at this check, which is skipped`, { monitor });
    this.#missing = true;
  }
}
