import type { Metrics } from "../../contract/index.js";
import { durationText, numberText } from "../../support/number-text.js";
import { printable } from "../../support/printable.js";

const TITLE = "epoch/duration_seconds";
const ALL = "all";

interface Place {
  row: string;
  column: string;
  isValidation: boolean;
}

/** `epoch/val_loss` → all, `val loss`; `epoch/digits/train_accuracy` → digits, `train accuracy`. */
function placeOf(name: string): Place | null {
  const parts = /^epoch\/(?:(.+)\/)?(train|val)_(.+)$/.exec(name);
  return parts === null ? null : { row: parts[1] ?? ALL, column: `${parts[2]} ${parts[3]}`, isValidation: parts[2] === "val" };
}

/** True for values that belong to a table. */
export function isEpochMetric(name: string): boolean {
  return name === TITLE || placeOf(name) !== null;
}

/** Gathers `epoch/…` values and makes one table of them: a row for all data and for each loader. */
export class EpochTable {
  readonly #rows = new Map<string, Map<string, number>>();
  readonly #columns = new Set<string>();
  readonly #epochText: (epoch: number) => string;
  #epoch: number | undefined;
  #seconds: number | undefined;
  #hasValidation = false;
  /** A validation is waited for until a table had none; always, once there was one. */
  #validates = true;
  #hasValidated = false;

  constructor(options: { epochText: (epoch: number) => string }) {
    this.#epochText = options.epochText;
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** True when nothing more is expected, judging by the tables before. */
  get isComplete(): boolean {
    return this.#hasValidation || !this.#validates;
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  add(metrics: Metrics, epoch: number | undefined): void {
    this.#epoch = epoch ?? this.#epoch;
    for (const name in metrics) {
      const value = metrics[name] as number;
      if (name === TITLE) this.#seconds = value;
      const place = placeOf(name);
      if (place === null) continue;
      this.#hasValidation ||= place.isValidation;
      const column = printable(place.column);
      const loader = printable(place.row);
      this.#columns.add(column);
      const row = this.#rows.get(loader) ?? new Map<string, number>();
      this.#rows.set(loader, row.set(column, value));
    }
  }

  /** The table's lines. It is empty afterwards. */
  consume(paint: (label: string) => string): string[] {
    const columns = [...this.#columns].sort((a, b) => rank(a) - rank(b));
    const names = [...this.#rows.keys()].sort((a, b) => Number(b === ALL) - Number(a === ALL));
    const title = this.#title();
    const head = [title, ...columns];
    const body = names.map((name) => [name, ...columns.map((column) => cellText(this.#rows.get(name)?.get(column)))]);
    const widths = head.map((label, i) => Math.max(label.length, ...body.map((cells) => (cells[i] ?? "").length)));
    const line = (cells: string[]): string =>
      cells
        .map((text, i) => pad(text, widths[i] ?? 0, i))
        .join("  ")
        .trimEnd();
    this.#clear();
    return [paint(line(head)), ...body.map(line)];
  }

  #title(): string {
    const epoch = this.#epoch === undefined ? "epoch" : `epoch ${this.#epochText(this.#epoch)}`;
    return this.#seconds === undefined ? epoch : `${epoch} (${durationText(this.#seconds)})`;
  }

  #clear(): void {
    this.#hasValidated ||= this.#hasValidation;
    this.#validates = this.#hasValidated;
    this.#hasValidation = false;
    this.#rows.clear();
    this.#columns.clear();
    this.#epoch = undefined;
    this.#seconds = undefined;
  }
}

/** Losses first, training before validation; the rest in the order of appearance. */
function rank(column: string): number {
  if (column === "train loss") return 0;
  if (column === "val loss") return 1;
  return column.startsWith("train ") ? 2 : 3;
}

function cellText(value: number | undefined): string {
  return value === undefined ? "–" : numberText(value);
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
