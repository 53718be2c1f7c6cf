/** Gathers what is logged at one step and makes one line of it. */
import type { Metrics } from "../../contract/index.js";
import { columnOf, type Column } from "./columns.js";

interface Slot extends Column {
  order: number;
  /** As wide as it has been, so that lines stand under each other. */
  width: number;
}

/** Columns that a line may have; the rest is counted at its end. */
const MAX_COLUMNS = 10;
/** Names that are told apart; a run that makes up more gets them as hidden. */
const MAX_NAMES = 2000;

export class StepLine {
  readonly #slots = new Map<string, Slot>();
  readonly #values = new Map<string, number>();
  readonly #showDetail: boolean;
  readonly #epochText: (epoch: number) => string;
  #step = -1;
  #epoch: number | undefined;

  constructor(options: { showDetail: boolean; epochText: (epoch: number) => string }) {
    this.#showDetail = options.showDetail;
    this.#epochText = options.epochText;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  get step(): number {
    return this.#step;
  }

  add(metrics: Metrics, step: number, epoch: number | undefined): void {
    this.#step = step;
    this.#epoch = epoch ?? this.#epoch;
    for (const name in metrics) this.#values.set(name, metrics[name] as number);
  }

  /** The line, and nothing gathered any more; null where there is nothing to show. */
  take(paint: (label: string) => string): string | null {
    const shown: [Slot, number][] = [];
    let hidden = 0;
    for (const [name, value] of this.#values) {
      const slot = this.#slot(name);
      if (slot === null || (slot.detail && !this.#showDetail)) hidden++;
      else shown.push([slot, value]);
    }
    this.#values.clear();
    shown.sort(([a], [b]) => a.group - b.group || a.order - b.order);
    if (!this.#showDetail && shown.length > MAX_COLUMNS) hidden += shown.splice(MAX_COLUMNS).length;
    if (shown.length === 0) return null;
    const cells = shown.map(([slot, value]) => cell(slot, value, paint));
    const epoch = this.#epoch === undefined ? "" : `${paint("epoch")} ${this.#epochText(this.#epoch)}  `;
    const more = hidden === 0 ? "" : `  ${paint(`+${hidden}`)}`;
    return `${epoch}${paint("step")} ${String(this.#step).padEnd(6)}  ${cells.join("  ").trimEnd()}${more}`;
  }

  #slot(name: string): Slot | null {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      if (this.#slots.size >= MAX_NAMES) return null;
      slot = { ...columnOf(name), order: this.#slots.size, width: 0 };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

function cell(slot: Slot, value: number, paint: (label: string) => string): string {
  const text = slot.format(value);
  slot.width = Math.max(slot.width, text.length);
  return slot.label === "" ? text.padEnd(slot.width) : `${paint(slot.label)} ${text.padEnd(slot.width)}`;
}
