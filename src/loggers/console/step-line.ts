import type { Metrics } from "../../contract/index.js";
import { columnOf, loaderOf, LOADER_COLUMN, LOSS, type Column } from "./columns.js";

interface Slot extends Column {
  order: number;
  /** The widest text so far, so that columns are aligned. */
  width: number;
}

interface Cell {
  slot: Slot;
  text: string;
}

export interface StepLineOptions {
  /** Every metric, without a limit. */
  showDetail: boolean;
  epochText: (epoch: number) => string;
}

/** Columns that a line may have; the rest is counted at its end. */
const MAX_COLUMNS = 10;
/** Names that have a column of their own; those of a run that makes up more are hidden. */
const MAX_NAMES = 2000;

/** Gathers what is logged at one step and makes one line of it. */
export class StepLine {
  readonly #slots = new Map<string, Slot>();
  readonly #values = new Map<string, number>();
  readonly #showDetail: boolean;
  readonly #epochText: (epoch: number) => string;
  #step = -1;
  #epoch: number | undefined;
  #isDue = false;

  constructor(options: StepLineOptions) {
    this.#showDetail = options.showDetail;
    this.#epochText = options.epochText;
  }

  /** True when something waits that needs a line. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** The step of the line that waits. */
  get step(): number {
    return this.#step;
  }

  /** Values of a step, which make a line due. */
  add(metrics: Metrics, step: number, epoch: number | undefined): void {
    this.#step = step;
    this.#epoch = epoch ?? this.#epoch;
    this.#isDue = true;
    this.note(metrics);
  }

  /** Values for the next line, whatever its step. */
  note(metrics: Metrics): void {
    for (const name in metrics) this.#values.set(name, metrics[name] as number);
  }

  /** The line, or null where there is nothing to show. Nothing waits afterwards. */
  consume(paint: (label: string) => string): string | null {
    const cells: Cell[] = [];
    let hidden = 0;
    for (const [name, value] of this.#values) {
      const cell = this.#cell(name, value);
      if (cell === null) hidden++;
      else cells.push(cell);
    }
    this.#values.clear();
    this.#isDue = false;
    cells.sort((a, b) => a.slot.group - b.slot.group || a.slot.order - b.slot.order);
    if (!this.#showDetail && cells.length > MAX_COLUMNS) hidden += cells.splice(MAX_COLUMNS).length;
    if (cells.length === 0) return null;
    const epoch = this.#epoch === undefined ? "" : `${paint("epoch")} ${this.#epochText(this.#epoch)}  `;
    const more = hidden === 0 ? "" : `  ${paint(`+${hidden}`)}`;
    const columns = cells.map(({ slot, text }) => padded(slot, text, paint)).join("  ");
    return `${epoch}${paint("step")} ${String(this.#step).padEnd(6)}  ${columns.trimEnd()}${more}`;
  }

  #cell(name: string, value: number): Cell | null {
    const loader = loaderOf(name);
    if (loader !== null && Object.is(value, this.#values.get(LOSS))) {
      return { slot: this.#slot("\nloader", LOADER_COLUMN) as Slot, text: loader }; // the loss is shown already
    }
    const slot = this.#slot(name);
    return slot === null || (slot.detail && !this.#showDetail) ? null : { slot, text: slot.format(value) };
  }

  #slot(name: string, column?: Column): Slot | null {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      if (column === undefined && this.#slots.size >= MAX_NAMES) return null;
      slot = { ...(column ?? columnOf(name)), order: this.#slots.size, width: 0 };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

function padded(slot: Slot, text: string, paint: (label: string) => string): string {
  slot.width = Math.max(slot.width, text.length);
  return slot.label === "" ? text.padEnd(slot.width) : `${paint(slot.label)} ${text.padEnd(slot.width)}`;
}
