import { z } from "zod";
import { agreeing, field, parseConfig, text } from "../../config/index.js";
import type { MaybePromise, Metrics, Mode, Monitored, RunStatus, StateValue, TrainerView } from "../../contract/index.js";
import { missingMode } from "../../decisions/direction.js";
import { isOfValidation, resolveMonitor } from "../../decisions/monitor.js";
import { TrainscopeError } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { TrainerHooks } from "../trainer-hooks.js";
import { savedFields } from "./saved-state.js";

/** What a hook that watches a metric takes beside its config. */
export interface MonitoringOptions {
  /** The name in reasons, errors and saved states; left out: that of the built-in hook, as "earlyStopping". */
  key?: string | undefined;
  /** The config path of the monitor, for errors; left out: `<section>.monitor`. */
  path?: string | undefined;
}

/** The schema of `MonitoringOptions`. @internal */
export const MonitoringOptions: z.ZodType<MonitoringOptions, MonitoringOptions> = agreeing<
  MonitoringOptions,
  MonitoringOptions
>()("What a hook that watches a metric takes beside its config.", () =>
  z.strictObject({
    key: field(
      text().optional(),
      'The name in reasons, errors and saved states; left out: that of the built-in hook, as "earlyStopping".',
    ),
    path: field(text().optional(), "The config path of the monitor, for errors; left out: `<section>.monitor`."),
  }),
);

/** Names of metrics that are measured on the run's loaders: they are there when their phase ends, or never. */
const OF_LOADERS = /^(train|val)[/_]/;

/** What a hook watches, and its path in the config. */
export interface Watch {
  /** The monitor name: `val/loss`. */
  monitor: string;
  /** As the user gave it: where it is left out, `metrics.directions` may ask for it when the run starts. */
  mode?: Mode | undefined;
  /** The config object that holds `monitor`, as `hooks.earlyStoppingConfig`. */
  section: string;
  /** The key of the hook where `MonitoringOptions` give none. @default the class name */
  key?: string | undefined;
}

/**
 * A hook that checks one metric, once per new value: `val/…` when a validation ends, anything else when a train epoch ends. A value that
 * another hook logs later is checked when the epoch ends; one that was checked before is not checked again.
 * A `train/…` or `val/…` metric that does not exist when its first check is due throws `ERR_UNKNOWN_MONITOR`; one that existed before
 * and is missing now is skipped, with one warning until it is back.
 */
export abstract class MonitoringHook extends TrainerHooks {
  override readonly key: string | undefined;
  override readonly monitors: readonly Monitored[];
  readonly #watch: Watch;
  readonly #atValidation: boolean;
  #seen = false;
  #missing = false;
  /** How often the metric had been measured at the last check. */
  #checked = 0;

  constructor(watch: Watch, options: MonitoringOptions = {}) {
    super();
    const { key, path } = parseConfig(MonitoringOptions, options, "options");
    this.key = key ?? watch.key;
    this.monitors = [{ monitor: watch.monitor, path: path ?? `${watch.section}.monitor` }];
    this.#watch = watch;
    this.#atValidation = isOfValidation(watch.monitor);
  }

  /**
   * Called with each new value. `name` is the monitor name it was found under, `epoch` the zero-based epoch, `step` that of the weights the
   * value was measured on.
   */
  protected abstract check(trainer: TrainerView, value: number, epoch: number, name: string, step: number): MaybePromise<void>;

  override onTrainStart(trainer: TrainerView): MaybePromise<void> {
    const { monitor, mode, section } = this.#watch;
    const problem = mode === undefined ? missingMode(monitor, trainer.config.metrics.directions) : null;
    if (problem !== null) throw new TrainscopeError("ERR_MODE_REQUIRED", problem, { path: `${section}.mode` });
  }

  override onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    if (!this.#atValidation) return this.#look(trainer, epoch, metrics, true);
  }

  override onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    if (this.#atValidation) return this.#look(trainer, epoch, metrics, true);
  }

  override onEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): MaybePromise<void> {
    return this.#look(trainer, epoch, metrics, false);
  }

  /** Which values were checked; a subclass with a state of its own adds it to this one. */
  override state(): Readonly<Record<string, StateValue>> {
    return { checked: this.#checked };
  }

  override loadState(state: StateValue): void {
    const { checked } = savedFields(state, ["checked"], this.label);
    this.#checked = Number(checked);
  }

  /** Warns where the run came to its end without one value to check. */
  override onTrainEnd(trainer: TrainerView, status: RunStatus): MaybePromise<void> {
    const { step } = trainer.state;
    if (status !== "completed" || step === 0 || this.#seen || trainer.run.resumedFromStep !== null) return;
    const { monitor } = this.#watch;
    this.warn(trainer, `${monitor} was never checked: the run ended after ${step} steps, before a value was due`, {
      monitor,
    });
  }

  /** The name that reasons and warnings begin with: `key`, else the class name. */
  protected get label(): string {
    return this.key ?? this.constructor.name;
  }

  /** Logs a warning, with the step. */
  protected warn(trainer: TrainerView, message: string, data: Readonly<Record<string, unknown>> = {}): void {
    trainer.logger.logEvent("warning", { message: `${this.label}: ${message}`, hook: this.label, ...data }, trainer.state.step);
  }

  #look(trainer: TrainerView, epoch: number, metrics: Metrics, isDue: boolean): MaybePromise<void> {
    const name = resolveMonitor(this.#watch.monitor, metrics);
    const value = name === null ? undefined : metrics[name];
    const measured = name === null ? null : trainer.measurement(name);
    if (name === null || value === undefined || measured === null) return isDue ? this.#absent(trainer, metrics) : undefined;
    this.#seen = true;
    this.#missing = false;
    if (measured.times === this.#checked) return;
    this.#checked = measured.times;
    return this.check(trainer, value, epoch, name, measured.step);
  }

  #absent(trainer: TrainerView, metrics: Metrics): void {
    const { monitor } = this.#watch;
    if (!this.#seen) {
      if (!OF_LOADERS.test(monitor)) return; // of a hook, which logs when it likes
      const place = this.#atValidation ? "onValidationEnd" : "onTrainEpochEnd";
      const message = `"${monitor}" is not produced by this run. ${suggest(monitor, Object.keys(metrics))}\nA hook of yours that logs it has to do so in ${place} or before.`;
      throw new TrainscopeError("ERR_UNKNOWN_MONITOR", message, { path: this.monitors[0]?.path });
    }
    if (!this.#missing) this.warn(trainer, `${monitor} is missing: this check is skipped`, { monitor });
    this.#missing = true;
  }
}
