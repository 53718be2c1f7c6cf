import type { Metrics } from "../../contract/index.js";
import { padToWidth, textWidth } from "../../support/text-width.js";
import { cellTexts, foldCells, type Cell } from "./cells.js";
import { columnOf, loaderOf, LOADER_COLUMN, LOSS, type Column } from "./columns.js";
import type { Paint } from "./screen.js";

interface Slot extends Column {
  order: number;
  /** The widest text so far, so that columns are aligned. */
  width: number;
}

interface SlotText {
  slot: Slot;
  text: string;
}

/** What the lines of steps and of epochs need to know. */
export interface LineOptions {
  /** Every metric, without a limit. */
  readonly showDetail: boolean;
  readonly epochText: (epoch: number) => string;
  /** Cells that a line may have now. */
  readonly columns: () => number;
  readonly paint: Paint;
}

/** Lines, and whether values are left out of them. */
export interface ShownLines {
  readonly lines: readonly string[];
  readonly isPart: boolean;
}

/** Columns that a line may have. */
const MAX_COLUMNS = 10;
/** Names that have a column of their own; those of a run that makes up more are hidden. */
const MAX_NAMES = 2000;
/** Steps are aligned up to so many digits. */
const STEP_WIDTH = 5;

/** Gathers what is logged at one step and makes one line of it. */
export class StepLine {
  readonly #slots = new Map<string, Slot>();
  readonly #values = new Map<string, number>();
  readonly #options: LineOptions;
  #step = -1;
  #epoch: number | undefined;
  #isDue = false;

  constructor(options: LineOptions) {
    this.#options = options;
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

  /** Drops what waits. */
  clear(): void {
    this.#values.clear();
    this.#isDue = false;
  }

  /**
   * The line, or nothing where there is nothing to show: one line of the terminal, without what does not fit; with `showDetail` as many as
   * it needs. Nothing waits afterwards.
   */
  consume(): ShownLines {
    const { showDetail, paint } = this.#options;
    const columns = this.#options.columns();
    const { cells, hidden } = this.#cells();
    this.clear();
    if (cells.length === 0) return { lines: [], isPart: hidden > 0 };
    const head = this.#head();
    const lines = foldCells([...head, ...cells], columns);
    // Where the head fills the line, something is shown all the same.
    const shown = showDetail
      ? lines
      : lines.slice(0, lines.findIndex((_, i) => lines.slice(0, i + 1).flat().length > head.length) + 1);
    return { lines: cellTexts(shown, columns, paint), isPart: hidden > 0 || shown.length < lines.length };
  }

  #head(): Cell[] {
    const step = { label: "step", text: String(this.#step).padEnd(STEP_WIDTH) };
    return this.#epoch === undefined ? [step] : [{ label: "epoch", text: this.#options.epochText(this.#epoch) }, step];
  }

  /** What is shown of the values that wait, in the order of the columns. */
  #cells(): { cells: Cell[]; hidden: number } {
    const { showDetail } = this.#options;
    const found: SlotText[] = [];
    let hidden = 0;
    for (const [name, value] of this.#values) {
      const cell = this.#cell(name, value);
      if (cell === null) hidden++;
      else found.push(cell);
    }
    found.sort((a, b) => a.slot.group - b.slot.group || a.slot.order - b.slot.order);
    if (!showDetail && found.length > MAX_COLUMNS) hidden += found.splice(MAX_COLUMNS).length;
    const cells = found.map(({ slot, text }) => {
      slot.width = Math.max(slot.width, textWidth(text));
      return { label: slot.label, text: padToWidth(text, slot.width) };
    });
    return { cells, hidden };
  }

  #cell(name: string, value: number): SlotText | null {
    const loader = loaderOf(name);
    if (loader !== null && Object.is(value, this.#values.get(LOSS))) {
      return { slot: this.#slot("\nloader", LOADER_COLUMN) as Slot, text: loader }; // the loss is shown already
    }
    const slot = this.#slot(name);
    return slot === null || (slot.detail && !this.#options.showDetail) ? null : { slot, text: slot.format(value) };
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
