import { TrainscopeError } from "../../../support/errors.js";
import { valueText } from "../../../support/value-text.js";
import { textValue } from "./text.js";

/** Rows of plain text as a table in TensorBoard's text plugin; the first row is the heading. */
export function tableValue(tag: string, rows: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  checkRows(rows);
  return textValue(tag, markdownTable(rows));
}

/** Throws `ERR_METRIC_VALUE` where `rows` are not lists of texts. */
function checkRows(rows: readonly (readonly unknown[])[]): void {
  const refuse = (message: string): never => {
    throw new TrainscopeError("ERR_METRIC_VALUE", message);
  };
  if (!Array.isArray(rows)) refuse(`The table is ${valueText(rows)}, not a list of rows.`);
  for (const [index, row] of rows.entries()) {
    if (!Array.isArray(row)) refuse(`Row ${index} of the table is ${valueText(row)}, not a list of strings.`);
    for (const [column, cell] of row.entries()) {
      if (typeof cell !== "string")
        refuse(`Cell ${column} of row ${index} is ${valueText(cell)}, not a string: pass String(value).`);
    }
  }
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
