import type { Metrics } from "../../contract/index.js";
import { printable } from "../../support/printable.js";

const TITLE = "epoch/duration_seconds";
/** The row of what was measured over all loaders. */
export const ALL = "all";

interface Place {
  row: string;
  metric: string;
  split: "train" | "val";
}

/** `epoch/val_loss` → all, `loss`, val; `epoch/digits/train_accuracy` → digits, `accuracy`, train. */
function placeOf(name: string): Place | null {
  const parts = /^epoch\/(?:(.+)\/)?(train|val)_(.+)$/.exec(name);
  if (parts === null) return null;
  const [, row = ALL, split, metric = ""] = parts;
  return { row: printable(row), metric: printable(metric), split: split as Place["split"] };
}

/** True for values that belong to an epoch. */
export function isEpochMetric(name: string): boolean {
  return name === TITLE || placeOf(name) !== null;
}

/** One metric over some data: in training, in validation. */
export interface TrainAndVal {
  train?: number;
  val?: number;
}

/** The values of one epoch by row (all loaders, and each of them) and metric. */
export class EpochValues {
  readonly rows: Map<string, Map<string, TrainAndVal>> = new Map();
  epoch: number | undefined;
  /** Of the training; undefined in the values of a validation alone. */
  seconds: number | undefined;
  step: number;
  hasValidation = false;

  constructor(step: number) {
    this.step = step;
  }

  add(metrics: Metrics, step: number, epoch: number | undefined): void {
    this.epoch = epoch ?? this.epoch;
    this.step = step;
    for (const name in metrics) {
      const value = metrics[name] as number;
      if (name === TITLE) this.seconds = value;
      const place = placeOf(name);
      if (place === null) continue;
      this.hasValidation ||= place.split === "val";
      const row = this.rows.get(place.row) ?? new Map<string, TrainAndVal>();
      this.rows.set(place.row, row.set(place.metric, { ...row.get(place.metric), [place.split]: value }));
    }
  }

  /** The metrics of all rows: the loss first, the rest in the order of appearance. */
  metrics(): string[] {
    const names = new Set([...this.rows.values()].flatMap((row) => [...row.keys()]));
    return [...names].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
  }

  /** The only row that says something: where there is one loader, it and all loaders have the same values. Null: rows differ. */
  onlyRow(): ReadonlyMap<string, TrainAndVal> | null {
    const [first, ...others] = this.rows.values();
    const all = this.rows.get(ALL) ?? first;
    if (all === undefined) return null;
    const rows = [...this.rows.entries()].filter(([, row]) => row !== all);
    if (rows.length === 0 && others.length === 0) return all;
    const isSame = ([metric, { train, val }]: [string, TrainAndVal]): boolean =>
      (train === undefined || Object.is(train, all.get(metric)?.train)) &&
      (val === undefined || Object.is(val, all.get(metric)?.val));
    return rows.every(([, row]) => [...row].every(isSame)) ? all : null;
  }
}
