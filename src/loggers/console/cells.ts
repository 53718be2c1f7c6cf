import { foldText } from "../../support/fold-text.js";
import { textWidth } from "../../support/text-width.js";
import { COLOR, type Paint } from "./screen.js";

/** A part of a line that is not broken where a line has room for it. */
export interface Cell {
  /** Dim; empty where the value speaks for itself. */
  readonly label: string;
  /** Padded where it is one of a column. */
  readonly text: string;
}

const GAP = "  ";
/** Before the cells of further lines. */
const INDENT = "  ";

/** Cells by lines of at most `columns` cells of a terminal. */
export function foldCells(cells: readonly Cell[], columns: number): Cell[][] {
  const lines: Cell[][] = [[]];
  let width = 0;
  for (const cell of cells) {
    const line = lines.at(-1) as Cell[];
    const gap = line.length === 0 ? 0 : GAP.length;
    if (line.length > 0 && width + gap + textWidth(plain(cell).trimEnd()) > columns) {
      lines.push([cell]);
      width = INDENT.length + textWidth(plain(cell));
    } else {
      line.push(cell);
      width += gap + textWidth(plain(cell));
    }
  }
  return lines;
}

/** The text of each line of cells; a cell that is wider than a line is folded. */
export function cellTexts(lines: readonly (readonly Cell[])[], columns: number, paint: Paint): string[] {
  return lines.flatMap((cells, i) => {
    const indent = i === 0 ? "" : INDENT;
    const [only] = cells;
    if (only !== undefined && cells.length === 1 && textWidth(indent + plain(only).trimEnd()) > columns) {
      return foldText(plain(only).trimEnd(), columns - INDENT.length).map((part, j) => (j === 0 ? indent : INDENT) + part);
    }
    return [`${indent}${cells.map((cell) => painted(cell, paint)).join(GAP).trimEnd()}`]; // prettier-ignore
  });
}

function plain({ label, text }: Cell): string {
  return label === "" ? text : `${label} ${text}`;
}

function painted({ label, text }: Cell, paint: Paint): string {
  return label === "" ? text : `${paint(COLOR.dim, label)} ${text}`;
}
