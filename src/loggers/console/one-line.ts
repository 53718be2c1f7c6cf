import { printable } from "../../support/printable.js";

/** `text` on one line of about `limit` characters, safe for a terminal: line breaks are `⏎`, other control characters as `\\x1b`. */
export function oneLine(text: string, limit: number = 300): string {
  // What is far beyond the limit is not worth a search for line breaks.
  const start = text.length > limit * 10 ? text.slice(0, limit * 10) : text;
  const flat = start.replace(/(?<!\s)\s*[\r\n]\s*/g, " ⏎ ");
  return printable(flat.length <= limit && start === text ? flat : `${flat.slice(0, limit - 1)}…`);
}

const MAX_LINES = 20;

/** `text` as lines that are safe for a terminal, the first without indentation: no line of it can be taken for another record. */
export function indentedLines(text: string): string {
  const lines = text.trim().split(/\r?\n/, MAX_LINES + 1);
  const shown = lines.slice(0, MAX_LINES).map((line) => oneLine(line, 2000).trimEnd());
  if (lines.length > MAX_LINES) shown.push("…");
  return shown.join("\n  ");
}
