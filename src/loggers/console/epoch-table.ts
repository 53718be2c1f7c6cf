import { numberText } from "../../support/number-text.js";
import { cutToWidth, padToWidth, textWidth } from "../../support/text-width.js";
import { cellTexts, foldCells } from "./cells.js";
import { epochTitle, MAX_METRICS, valuesText } from "./epoch-line.js";
import { ALL, type EpochValues, type TrainAndVal } from "./epoch-values.js";
import { COLOR } from "./screen.js";
import type { LineOptions, ShownLines } from "./step-line.js";

/** Loaders that a table may have rows of; the others are shown with `showDetail`. */
const MAX_ROWS = 20;
/** Where the columns need more tables than this, each row is a text of its own. */
const MAX_TABLES = 2;
const GAP = 2;
const SPLITS = ["train", "val"] as const;

interface TableColumn {
  label: string;
  texts: readonly string[];
}

interface SizedColumn extends TableColumn {
  width: number;
}

/**
 * Makes tables of epochs' values: a row for all data and for each loader, columns for training and validation. Columns that do not fit
 * beside the others are put below them, with the rows' names before them again; where they are too many for that, each row is a text.
 */
export class EpochTable {
  /** The widest texts so far by label, so that the tables of a run are aligned. */
  readonly #widths = new Map<string, number>();

  linesOf(values: EpochValues, options: LineOptions): ShownLines {
    const { showDetail, epochText, columns, paint } = options;
    const allNames = [...values.rows.keys()].sort((a, b) => Number(b === ALL) - Number(a === ALL));
    const names = showDetail ? allNames : allNames.slice(0, MAX_ROWS);
    const metrics = values.metrics();
    const shownMetrics = showDetail ? metrics : metrics.slice(0, MAX_METRICS);
    const [title = "", detail = ""] = epochTitle(values, epochText);
    const first = this.#sized("", { label: `${title} (${detail})`, texts: names });
    const cells = shownMetrics.map((metric) =>
      columnsOf(metric, names, values).map((column) => this.#sized(column.label, column)),
    );
    const width = columns();
    const tables = chunks(first.width, cells, width);
    const lines =
      tables.length > MAX_TABLES
        ? [paint(COLOR.bold, cutToWidth(first.label, width)), ...rowLines(values, names, shownMetrics, options)]
        : tables.flatMap((chunk, i) => {
            const [head = "", ...body] = chunkLines(i === 0 ? first : { ...first, label: title }, chunk, width);
            return [paint(COLOR.bold, head), ...body];
          });
    return { lines, isPart: names.length < allNames.length || shownMetrics.length < metrics.length };
  }

  #sized(key: string, column: TableColumn): SizedColumn {
    const { label, texts } = column;
    const width = Math.max(this.#widths.get(key) ?? 0, textWidth(label), ...texts.map(textWidth));
    this.#widths.set(key, width);
    return { ...column, width };
  }
}

/** `clean  loss 0.6822 (val 0.283)  accuracy 0.791 (val 0.9215)`: a row's values one after the other. */
function rowLines(
  values: EpochValues,
  names: readonly string[],
  metrics: readonly string[],
  { columns, paint }: LineOptions,
): string[] {
  const width = Math.max(1, columns() - GAP);
  const nameWidth = Math.max(...names.map(textWidth));
  return names.flatMap((name) => {
    const row = values.rows.get(name) ?? new Map<string, TrainAndVal>();
    const cells = metrics
      .filter((metric) => row.has(metric))
      .map((metric) => ({ label: metric, text: valuesText(row.get(metric)) }));
    const lines = foldCells([{ label: "", text: padToWidth(name, nameWidth) }, ...cells], width);
    return cellTexts(lines, width, paint).map((line) => `${" ".repeat(GAP)}${line}`);
  });
}

/** The columns of a metric: in training, in validation; none where no row has a value. */
function columnsOf(metric: string, names: readonly string[], { rows }: EpochValues): TableColumn[] {
  return SPLITS.flatMap((split) => {
    const found = names.map((name) => (rows.get(name)?.get(metric) as TrainAndVal | undefined)?.[split]);
    if (found.every((value) => value === undefined)) return [];
    return [{ label: `${split} ${metric}`, texts: alignedTexts(found) }];
  });
}

/** Numbers whose decimal points stand below each other where they are flush right. */
function alignedTexts(values: readonly (number | undefined)[]): string[] {
  const texts = values.map((value) => (value === undefined ? "–" : numberText(value)));
  const fractions = texts.map((text) => /^-?\d+((?:\.\d+)?)$/.exec(text)?.[1]?.length ?? null);
  const longest = Math.max(0, ...fractions.map((length) => length ?? 0));
  return texts.map((text, i) => text + " ".repeat(longest - (fractions[i] ?? longest)));
}

/** The columns of each metric by tables that fit beside the first column, which all of them have: together where one table has room for them. */
function chunks(first: number, metrics: readonly SizedColumn[][], width: number): SizedColumn[][] {
  const found: SizedColumn[][] = [[]];
  let taken = first;
  const add = (columns: readonly SizedColumn[]): boolean => {
    const needed = columns.reduce((sum, column) => sum + GAP + column.width, 0);
    const isFirst = found.at(-1)?.length === 0;
    if (taken + needed > width && !(isFirst && columns.length === 1)) return false;
    found.at(-1)?.push(...columns);
    taken += needed;
    return true;
  };
  const addBelow = (columns: readonly SizedColumn[]): boolean => {
    if (found.at(-1)?.length !== 0) found.push([]);
    taken = first;
    return add(columns);
  };
  for (const columns of metrics) {
    if (add(columns) || addBelow(columns)) continue;
    for (const column of columns) if (!add([column])) addBelow([column]);
  }
  return found.filter((columns, i) => i === 0 || columns.length > 0);
}

/** Names are cut where a single column needs their room. */
function chunkLines(first: SizedColumn, columns: readonly SizedColumn[], width: number): string[] {
  const beside = columns.reduce((sum, column) => sum + GAP + column.width, 0);
  const nameWidth = Math.max(1, Math.min(first.width, width - beside));
  const lineOf = (name: string, textOf: (column: SizedColumn) => string): string => {
    const cells = columns.map((column) => padToWidth(textOf(column), column.width, "start"));
    return cutToWidth([padToWidth(cutToWidth(name, nameWidth), nameWidth), ...cells].join(" ".repeat(GAP)), width).trimEnd();
  };
  const body = first.texts.map((name, row) => lineOf(name, ({ texts }) => texts[row] ?? ""));
  return [lineOf(first.label, ({ label }) => label), ...body];
}
