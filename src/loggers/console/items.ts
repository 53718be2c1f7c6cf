import { foldText } from "../../support/fold-text.js";
import { padToWidth } from "../../support/text-width.js";
import { COLOR, type Paint } from "./screen.js";

/** A label, and what stands beside it: each value begins a line. */
export interface Item {
  readonly label: string;
  readonly values: readonly string[];
}

/** The widest label of the blocks at the start and the end of a run. */
const LABEL_WIDTH = "validation".length;
const INDENT = LABEL_WIDTH + 4;
/** Where less is left beside the labels, the values stand below them. */
const LEAST_VALUE_WIDTH = 24;
const BELOW = 4;

/** `  model       digits · 235,146 parameters`: items as lines of at most `columns` cells; values are folded beside their labels. */
export function itemLines(items: readonly Item[], columns: number, paint: Paint): string[] {
  const isBeside = columns - INDENT >= LEAST_VALUE_WIDTH;
  return items
    .filter(({ values }) => values.length > 0)
    .flatMap(({ label, values }) => (isBeside ? beside(label, values, columns, paint) : below(label, values, columns, paint)));
}

function beside(label: string, values: readonly string[], columns: number, paint: Paint): string[] {
  const lines = values.flatMap((value) => foldText(value, columns - INDENT));
  return lines.map((line, i) =>
    i === 0 ? `  ${paint(COLOR.dim, padToWidth(label, LABEL_WIDTH))}  ${line}` : `${" ".repeat(INDENT)}${line}`,
  );
}

function below(label: string, values: readonly string[], columns: number, paint: Paint): string[] {
  const lines = values.flatMap((value) => foldText(value, Math.max(1, columns - BELOW)));
  return [`  ${paint(COLOR.dim, foldText(label, columns - 2)[0] ?? "")}`, ...lines.map((line) => `${" ".repeat(BELOW)}${line}`)];
}
