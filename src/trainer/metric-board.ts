import type { BestValue, Metrics, Mode } from "../contract/index.js";
import { BestTracker } from "../decisions/index.js";
import type { EpochMetrics } from "../metrics/index.js";

export type Family = "train" | "val";

/** The loaders that have series of their own; one unnamed array of batches has none. */
export function ownSeries(loaders: readonly string[]): readonly string[] {
  return loaders.length === 1 && loaders[0] === "default" ? [] : loaders;
}

/** The names under which a family's metrics can be monitored: `val/loss`, `val/<loader>/loss`. */
export function monitorNames(family: Family, metrics: Iterable<string>, loaders: readonly string[]): string[] {
  const bare = [...metrics];
  const perLoader = ownSeries(loaders).flatMap((loader) => bare.map((name) => `${family}/${loader}/${name}`));
  return [...bare.map((name) => `${family}/${name}`), ...perLoader];
}

/** The last values by monitor name, and the best ones. A family is replaced as a whole, so that no stale value passes for a fresh one. */
export class MetricBoard {
  /** A new object after every `publish`; values logged as they are (`system/…`) are written into it. */
  latest: Metrics = {};
  readonly #best: BestTracker;
  readonly #tracked: ReadonlySet<string>;
  readonly #published: Record<Family, ReadonlySet<string>> = { train: new Set(), val: new Set() };

  /** `tracked`: the names that count also when they are logged directly. */
  constructor(directions: Readonly<Record<string, Mode>>, tracked: Iterable<string>) {
    this.#best = new BestTracker(directions);
    this.#tracked = new Set(tracked);
  }

  get tracksLogged(): boolean {
    return this.#tracked.size > 0;
  }

  publish(family: Family, epoch: EpochMetrics, loaders: readonly string[], at: { step: number; epoch: number }): Metrics {
    const fresh: Record<string, number> = {};
    for (const [name, value] of Object.entries(epoch.global)) fresh[`${family}/${name}`] = value;
    for (const loader of ownSeries(loaders)) {
      for (const [name, value] of Object.entries(epoch.perLoader[loader] ?? {})) fresh[`${family}/${loader}/${name}`] = value;
    }
    this.#best.update(fresh, at.step, at.epoch);
    const stale = this.#published[family];
    this.#published[family] = new Set(Object.keys(fresh));
    const kept = Object.entries(this.latest).filter(([name]) => !stale.has(name));
    this.latest = { ...Object.fromEntries(kept), ...fresh };
    return this.latest;
  }

  /** Values that are monitored as they are, such as `loader_proportions/…`. */
  add(values: Metrics): void {
    this.latest = { ...this.latest, ...values };
  }

  /** What was logged directly: kept where somebody may monitor it. */
  noteLogged(metrics: Metrics, at: { step: number; epoch: number }): void {
    for (const name in metrics) {
      if (!this.#tracked.has(name)) continue;
      const value = metrics[name] as number;
      (this.latest as Record<string, number>)[name] = value;
      this.#best.update({ [name]: value }, at.step, at.epoch);
    }
  }

  best(): Record<string, BestValue> {
    return this.#best.best();
  }
}
