import type { BestValue, Metrics, Monitored, StateValue, TrainerView } from "../../contract/index.js";
import { MetricTrackerConfig, parseConfig } from "../../config/index.js";
import { BestTracker, resolveMonitor, robustSlope } from "../../decisions/index.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

/** One value of a metric, and when it was taken. */
export interface TrackedValue {
  /** What was measured, as logged: it may be NaN or infinite. */
  readonly value: number;
  /** Completed optimizer steps of the weights that it was measured on. */
  readonly step: number;
  /** Zero-based index of the epoch in which it was recorded. */
  readonly epoch: number;
}

/** What a checkpoint stores of one metric. */
type SavedHistory = Record<"values" | "steps" | "epochs", number[]> & {
  /** As in `#recorded`. Earlier versions did not store it. */
  recorded?: number;
};

/**
 * Keeps the history of metrics, their best and their trend: `val/…` at each validation's end, all others at each train
 * epoch's end. A value that was recorded before is not recorded again. `metrics` chooses some by monitor name; without it every one is
 * kept. Of each, the last `maxHistory` values are kept.
 */
export class MetricTrackerHook extends TrainerHooks {
  override readonly key: string = "metricTracker";
  override readonly monitors: readonly Monitored[];
  readonly #chosen: readonly string[] | null;
  readonly #window: number;
  readonly #maxHistory: number;
  #hasDropped = false;
  readonly #histories = new Map<string, TrackedValue[]>();
  /** How often each metric had been measured when its last value was recorded. */
  readonly #recorded = new Map<string, number>();
  #best = new BestTracker();

  constructor(config: MetricTrackerConfig = {}) {
    super();
    const { metrics, window, maxHistory } = parseConfig(MetricTrackerConfig, config, "hooks.metricTrackerConfig");
    this.#chosen = metrics ?? null;
    this.monitors = (metrics ?? []).map((monitor) => ({ monitor, path: "hooks.metricTrackerConfig.metrics" }));
    this.#window = window;
    this.#maxHistory = maxHistory;
  }

  /** The last `maxHistory` values, oldest first; empty for a name that was never seen. */
  history(name: string): readonly TrackedValue[] {
    return this.#histories.get(this.#known(name)) ?? [];
  }

  /** The best value so far, or null where the name does not say which direction is better. */
  best(name: string): BestValue | null {
    return this.#best.get(this.#known(name));
  }

  /** Change per check over the last `window` values, by the median of all pairwise slopes; null below two values. */
  slope(name: string): number | null {
    return robustSlope(
      this.history(name)
        .slice(-this.#window)
        .map(({ value }) => value),
    );
  }

  /** The metrics that have a history, in the order in which they were first seen. */
  names(): string[] {
    return [...this.#histories.keys()];
  }

  override onTrainStart(trainer: TrainerView): void {
    const best = new BestTracker(trainer.config.metrics.directions);
    best.loadState(this.#best.state());
    this.#best = best;
  }

  override onTrainEpochEnd(trainer: TrainerView, epoch: number, metrics: Metrics): void {
    this.#record(trainer, epoch, metrics, false);
  }

  override onValidationEnd(trainer: TrainerView, epoch: number, metrics: Metrics): void {
    this.#record(trainer, epoch, metrics, true);
  }

  override state(): StateValue {
    const histories = [...this.#histories].map(([name, history]) => [
      name,
      {
        values: history.map(({ value }) => value),
        steps: history.map(({ step }) => step),
        epochs: history.map(({ epoch }) => epoch),
        recorded: this.#recorded.get(name) ?? 0,
      },
    ]);
    return { best: this.#best.state(), histories: Object.fromEntries(histories) as StateValue };
  }

  override loadState(state: StateValue): void {
    const { best, histories } = savedFields(state, ["best", "histories"], this.key);
    this.#best.loadState(best ?? {});
    this.#histories.clear();
    this.#recorded.clear();
    for (const [name, saved] of Object.entries(histories as Record<string, SavedHistory>)) {
      this.#recorded.set(name, saved.recorded ?? 0);
      this.#histories.set(
        name,
        saved.values
          .map((value, i) => ({ value, step: saved.steps[i] ?? 0, epoch: saved.epochs[i] ?? 0 }))
          .slice(-this.#maxHistory),
      );
    }
  }

  #record(trainer: TrainerView, epoch: number, metrics: Metrics, validation: boolean): void {
    for (const name of this.#namesIn(metrics)) {
      if (name.startsWith("val/") !== validation) continue;
      const value = metrics[name];
      const measured = trainer.measurement(name);
      if (value === undefined || measured === null || measured.times === this.#recorded.get(name)) continue;
      const { step, times } = measured;
      this.#recorded.set(name, times);
      this.#best.update({ [name]: value }, step, epoch);
      const history = this.#histories.get(name) ?? [];
      history.push({ value, step, epoch });
      this.#histories.set(name, history);
      if (history.length > this.#maxHistory) this.#dropOldest(trainer, name, history);
    }
  }

  #dropOldest({ logger, state }: TrainerView, name: string, history: TrackedValue[]): void {
    history.splice(0, history.length - this.#maxHistory);
    if (this.#hasDropped) return;
    this.#hasDropped = true;
    const message = `${this.key}: ${name} has more than ${this.#maxHistory} values; the oldest of each metric are dropped from now on. Raise hooks.metricTrackerConfig.maxHistory to keep more`;
    logger.logEvent("warning", { message, hook: this.key, monitor: name }, state.step);
  }

  #namesIn(metrics: Metrics): readonly string[] {
    return this.#chosen === null
      ? Object.keys(metrics)
      : this.#chosen.map((name) => resolveMonitor(name, metrics)).filter((name) => name !== null);
  }

  #known(name: string): string {
    return resolveMonitor(name, this.#histories.keys()) ?? name;
  }
}
