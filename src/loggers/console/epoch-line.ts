import { durationText, numberText } from "../../support/number-text.js";
import { padToWidth, textWidth } from "../../support/text-width.js";
import { cellTexts, foldCells, type Cell } from "./cells.js";
import type { EpochValues, TrainAndVal } from "./epoch-values.js";
import type { LineOptions, ShownLines } from "./step-line.js";

/** Metrics that a line or a table may have; the others are shown with `showDetail`. */
export const MAX_METRICS = 10;

/** `epoch 2/5`, with the step where the values are those of a validation in the middle of an epoch. */
export function epochTitle({ epoch, seconds, step }: EpochValues, epochText: (epoch: number) => string): string[] {
  const parts = epoch === undefined ? ["epoch"] : [`epoch ${epochText(epoch)}`];
  return [...parts, seconds === undefined ? `step ${step}` : durationText(seconds)];
}

/** Makes one line of an epoch's values: `epoch 2/5  1.38 s  loss 0.4267 (val 0.3472)  accuracy 0.8711 (val 0.8925)`. */
export class EpochLine {
  /** The widest texts so far, so that lines are aligned. */
  readonly #widths = new Map<string, number>();

  linesOf(values: EpochValues, row: ReadonlyMap<string, TrainAndVal>, options: LineOptions): ShownLines {
    const { showDetail, epochText, columns, paint } = options;
    const [title = "", ...rest] = epochTitle(values, epochText);
    const metrics = values.metrics();
    const shown = showDetail ? metrics : metrics.slice(0, MAX_METRICS);
    const cells: Cell[] = [
      { label: "epoch", text: this.#padded("epoch", title.replace(/^epoch ?/, "")) },
      ...rest.map((text) => ({ label: "", text: this.#padded("title", text) })),
      ...shown.map((metric) => ({ label: metric, text: this.#padded(`\n${metric}`, valuesText(row.get(metric))) })),
    ];
    const width = columns();
    return { lines: cellTexts(foldCells(cells, width), width, paint), isPart: shown.length < metrics.length };
  }

  #padded(column: string, text: string): string {
    const width = Math.max(this.#widths.get(column) ?? 0, textWidth(text));
    this.#widths.set(column, width);
    return padToWidth(text, width);
  }
}

/** `0.4267 (val 0.3472)` */
export function valuesText({ train, val }: TrainAndVal = {}): string {
  if (train === undefined) return val === undefined ? "–" : `val ${numberText(val)}`;
  return val === undefined ? numberText(train) : `${numberText(train)} (val ${numberText(val)})`;
}
