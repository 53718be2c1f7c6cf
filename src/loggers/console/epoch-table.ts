import { numberText } from "../../support/number-text.js";
import { cutToWidth, padToWidth, textWidth } from "../../support/text-width.js";
import { epochTitle, MAX_METRICS } from "./epoch-line.js";
import { ALL, type EpochValues, type TrainAndVal } from "./epoch-values.js";
import { COLOR } from "./screen.js";
import type { LineOptions, ShownLines } from "./step-line.js";

/** Loaders that a table may have rows of; the others are shown with `showDetail`. */
const MAX_ROWS = 20;
const GAP = 2;
const SPLITS = ["train", "val"] as const;

interface TableColumn {
  label: string;
  texts: readonly string[];
}

/**
 * A table of an epoch's values: a row for all data and for each loader, columns for training and validation. Columns that do not fit beside
 * the others are put below them, with the rows' names before them again.
 */
export function epochTable(values: EpochValues, options: LineOptions): ShownLines {
  const { showDetail, epochText, columns, paint } = options;
  const allNames = [...values.rows.keys()].sort((a, b) => Number(b === ALL) - Number(a === ALL));
  const names = showDetail ? allNames : allNames.slice(0, MAX_ROWS);
  const metrics = values.metrics();
  const shownMetrics = showDetail ? metrics : metrics.slice(0, MAX_METRICS);
  const [title = "", detail = ""] = epochTitle(values, epochText);
  const first = { label: `${title} (${detail})`, texts: names };
  const cells = shownMetrics.flatMap((metric) => columnsOf(metric, names, values));
  const lines = chunks(first, cells, columns()).flatMap((chunk, i) => {
    const [head = "", ...body] = chunkLines(i === 0 ? first : { ...first, label: title }, chunk, columns());
    return [paint(COLOR.bold, head), ...body];
  });
  return { lines, isPart: names.length < allNames.length || shownMetrics.length < metrics.length };
}

/** The columns of a metric: in training, in validation; none where no row has a value. */
function columnsOf(metric: string, names: readonly string[], { rows }: EpochValues): TableColumn[] {
  return SPLITS.flatMap((split) => {
    const found = names.map((name) => (rows.get(name)?.get(metric) as TrainAndVal | undefined)?.[split]);
    if (found.every((value) => value === undefined)) return [];
    return [{ label: `${split} ${metric}`, texts: found.map((value) => (value === undefined ? "–" : numberText(value))) }];
  });
}

/** Columns by tables that fit beside the first one, which all of them have. */
function chunks(first: TableColumn, columns: readonly TableColumn[], width: number): TableColumn[][] {
  const found: TableColumn[][] = [[]];
  const start = widthOf(first);
  let taken = start;
  for (const column of columns) {
    const needed = GAP + widthOf(column);
    const chunk = found.at(-1) as TableColumn[];
    if (chunk.length > 0 && taken + needed > width) {
      found.push([column]);
      taken = start + needed;
    } else {
      chunk.push(column);
      taken += needed;
    }
  }
  return found;
}

function chunkLines(first: TableColumn, columns: readonly TableColumn[], width: number): string[] {
  const widths = columns.map(widthOf);
  const beside = widths.reduce((sum, column) => sum + GAP + column, 0);
  // Names are cut where the columns need the room; a single column is never the one that is cut first.
  const nameWidth = Math.max(1, Math.min(widthOf(first), width - beside));
  const gap = " ".repeat(GAP);
  const lineOf = (name: string, cells: readonly string[]): string =>
    cutToWidth(
      [padToWidth(cutToWidth(name, nameWidth), nameWidth), ...cells.map((text, i) => padToWidth(text, widths[i] ?? 0, "start"))].join(gap),
      width,
    );
  return [
    lineOf(first.label, columns.map(({ label }) => label)),
    ...first.texts.map((name, row) => lineOf(name, columns.map(({ texts }) => texts[row] ?? ""))),
  ]; // prettier-ignore
}

function widthOf({ label, texts }: TableColumn): number {
  return Math.max(textWidth(label), ...texts.map(textWidth));
}
