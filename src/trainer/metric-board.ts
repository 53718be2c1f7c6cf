import type { BestValue, MaybePromise, Measurement, Metrics, Mode, StateValue } from "../contract/index.js";
import { BestTracker } from "../decisions/index.js";
import { recordProblem, valueProblem } from "../loggers/composite/record-problems.js";
import type { EpochMetrics } from "../metrics/index.js";
import { TrainscopeError } from "../support/errors.js";
import { checkName } from "../support/metric-names.js";
import { EpochHistory, type SavedEpochHistory } from "./history.js";

/** Which part of the data a metric was measured on, as monitor names spell it. */
type Split = "train" | "val";

/** What a checkpoint stores of the board. */
export interface SavedBoard {
  readonly latest: Metrics;
  readonly published: Readonly<Record<Split, readonly string[]>>;
  readonly best: StateValue;
  /** By name, for each value of `latest`: the step it was measured at, and how often the metric has been measured; left out by earlier versions. */
  readonly measured?: Readonly<Record<string, { readonly step: number; readonly times: number }>>;
  /** Left out by earlier versions. */
  readonly history?: SavedEpochHistory;
}

/** The loaders that have series of their own; one unnamed array of batches has none. */
export function ownSeries(loaders: readonly string[]): readonly string[] {
  return loaders.length === 1 && loaders[0] === "default" ? [] : loaders;
}

/** The names under which a split's metrics can be monitored: `val/loss`, `val/<loader>/loss`. */
export function monitorNames(split: Split, metrics: Iterable<string>, loaders: readonly string[]): string[] {
  const bare = [...metrics];
  const perLoader = ownSeries(loaders).flatMap((loader) => bare.map((name) => `${split}/${loader}/${name}`));
  return [...bare.map((name) => `${split}/${name}`), ...perLoader];
}

/** The values of a split by monitor name. */
export function monitorValues(split: Split, epoch: EpochMetrics, loaders: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name, value] of Object.entries(epoch.global)) values[`${split}/${name}`] = value;
  for (const loader of ownSeries(loaders)) {
    for (const [name, value] of Object.entries(epoch.perLoader[loader] ?? {})) values[`${split}/${loader}/${name}`] = value;
  }
  return values;
}

/** The last values by monitor name, the best ones, and those of each epoch. The values of one split are replaced together, so that none is stale. */
export class MetricBoard {
  /** A new object after every `publish`; values logged as they are (`system/…`) are written into it. */
  latest: Metrics = {};
  readonly history: EpochHistory = new EpochHistory();
  readonly #best: BestTracker;
  readonly #tracked: ReadonlySet<string>;
  readonly #published: Record<Split, Set<string>> = { train: new Set(), val: new Set() };
  /** The split whose hooks are being called: metrics may be added to it. */
  #open: Split | null = null;
  /** A value belongs to the weights of the step it was measured at, whatever else happens before it is read. */
  readonly #measured = new Map<string, { step: number; times: number }>();

  /** `tracked`: the names that count also when they are logged directly. */
  constructor(directions: Readonly<Record<string, Mode>>, tracked: Iterable<string>) {
    this.#best = new BestTracker(directions);
    this.#tracked = new Set(tracked);
  }

  get tracksLogged(): boolean {
    return this.#tracked.size > 0;
  }

  publish(split: Split, epoch: EpochMetrics, loaders: readonly string[], at: { step: number; epoch: number }): Metrics {
    const fresh = monitorValues(split, epoch, loaders);
    this.#best.update(fresh, at.step, at.epoch);
    this.#note(fresh, at.step);
    const stale = this.#published[split];
    this.#published[split] = new Set(Object.keys(fresh));
    const kept = Object.entries(this.latest).filter(([name]) => !stale.has(name));
    this.latest = { ...Object.fromEntries(kept), ...fresh };
    return this.latest;
  }

  /** Values that are monitored as they are, such as `loader_proportions/…`. */
  add(values: Metrics, step: number): void {
    this.#note(values, step);
    this.latest = { ...this.latest, ...values };
  }

  /** Calls hooks that may add metrics to a split that was just published. */
  async whileOpen(split: Split, hooks: () => MaybePromise<void>): Promise<void> {
    this.#open = split;
    try {
      await hooks();
    } finally {
      this.#open = null;
    }
  }

  /** Values that a hook measured: they belong to their split, and are replaced with it. */
  addMeasured(values: Metrics, at: { step: number; epoch: number }): void {
    const problem = recordProblem("metrics", values);
    if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", problem, { path: "addMetrics" });
    for (const [name, value] of Object.entries(values)) this.#checkMeasured(name, value);
    for (const [name, value] of Object.entries(values)) {
      this.#published[splitOf(name)].add(name);
      (this.latest as Record<string, number>)[name] = value; // in place: the hooks that are called next see it
    }
    this.#note(values, at.step);
    this.#best.update(values, at.step, at.epoch);
  }

  /** Values that were logged directly: kept where a hook may monitor them. */
  noteLogged(metrics: Metrics, at: { step: number; epoch: number }): void {
    for (const name in metrics) {
      if (!this.#tracked.has(name)) continue;
      const value = metrics[name] as number;
      (this.latest as Record<string, number>)[name] = value;
      this.#note({ [name]: value }, at.step);
      this.#best.update({ [name]: value }, at.step, at.epoch);
    }
  }

  best(): Record<string, BestValue> {
    return this.#best.best();
  }

  /** The last values of the whole splits, without those of loaders. */
  lasts(): Metrics {
    const names = [...this.#published.train, ...this.#published.val].filter((name) => name.split("/").length === 2);
    return Object.fromEntries(names.map((name) => [name, this.latest[name] as number]));
  }

  /** The last value of a metric, with the step of the weights that it belongs to; null where it has none. */
  measurement(name: string): Measurement | null {
    const at = this.#measured.get(name);
    const value = this.latest[name];
    return at === undefined || value === undefined ? null : { value, ...at };
  }

  /** The values that belong to the weights of `step`: those that a checkpoint of this step is saved with. */
  measuredAt(step: number): Metrics {
    return Object.fromEntries(Object.entries(this.latest).filter(([name]) => this.#measured.get(name)?.step === step));
  }

  save(): SavedBoard {
    const { train, val } = this.#published;
    return {
      latest: { ...this.latest },
      published: { train: [...train], val: [...val] },
      best: this.#best.state(),
      measured: Object.fromEntries(this.#measured),
      history: this.history.save(),
    };
  }

  /** `epochs`: how many were completed; an earlier version stored no values of them. */
  restore({ latest, published, best, measured = {}, history }: SavedBoard, epochs: number): void {
    this.latest = { ...latest };
    this.#published.train = new Set(published.train);
    this.#published.val = new Set(published.val);
    this.#best.loadState(best);
    for (const [name, at] of Object.entries(measured)) this.#measured.set(name, at);
    this.history.restore(history ?? { epochs, values: {}, pending: {} }, epochs);
  }

  #checkMeasured(name: string, value: unknown): void {
    const refuse = (message: string): never => {
      throw new TrainscopeError("ERR_METRIC_NAME", message, { path: "addMetrics" });
    };
    checkName(name, "series");
    if (!/^(train|val)\/./.test(name))
      refuse(
        `The metric name "${name}" is of neither split: begin it with val/ or train/, or use logger.logMetrics and announce it in produces.`,
      );
    const split = splitOf(name);
    if (this.#open !== split) {
      const method = split === "val" ? "onValidationEnd" : "onTrainEpochEnd";
      refuse(`"${name}" can be added in ${method} only: added elsewhere it would not be logged. Call addMetrics there.`);
    }
    if (this.#published[split].has(name))
      refuse(`"${name}" has a value already: the model reports it, or a hook has added it. Choose another name.`);
    const problem = valueProblem(value);
    if (problem !== null) throw new TrainscopeError("ERR_METRIC_VALUE", `"${name}": ${problem}`, { path: "addMetrics" });
  }

  #note(values: Metrics, step: number): void {
    this.history.note(values);
    for (const name of Object.keys(values)) this.#measured.set(name, { step, times: (this.#measured.get(name)?.times ?? 0) + 1 });
  }
}

/** By the beginning of a monitor name. */
function splitOf(name: string): Split {
  return name.startsWith("val/") ? "val" : "train";
}
