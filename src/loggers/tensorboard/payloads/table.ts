import { TrainscopeError } from "../../../support/errors.js";
import { textValue } from "./text.js";

/** Rows of plain text as a table in TensorBoard's text plugin; the first row is the heading. */
export function tableValue(tag: string, rows: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  return textValue(tag, markdownTable(rows));
}

/** A Markdown table whose cells show exactly their text; short rows get empty cells. Throws `ERR_METRIC_VALUE` where there is no cell. */
function markdownTable(rows: readonly (readonly string[])[]): string {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const [heading, ...body] = rows;
  if (heading === undefined || columns === 0)
    throw new TrainscopeError("ERR_METRIC_VALUE", "The table has no cell. Give a first row with at least one.");
  const line = (row: readonly string[]): string =>
    `| ${Array.from({ length: columns }, (_, column) => escapeCell(row[column] ?? "")).join(" | ")} |`;
  const rule = `|${" --- |".repeat(columns)}`;
  return [line(heading), rule, ...body.map(line)].join("\n");
}

/** Replaces by entities what Markdown and HTML read as markup, and line breaks by `<br>`. */
function escapeCell(text: string): string {
  return text
    .trim()
    .replaceAll(/[&<>"'`*_{}[\]()#+!|~\\:@]/gu, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/\r\n|\r|\n/gu, "<br>");
}
