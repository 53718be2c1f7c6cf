import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { ROOT } from "./child.js";

const FILE = `${ROOT}docs/benchmarks.md`;

export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A Markdown table. All columns but the first are numbers and are right-aligned. */
function markdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Prints a section and writes it between its markers in docs/benchmarks.md. */
export function publish(section: string, command: string, tables: readonly Table[], notes: readonly string[] = []): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores of ${cpu?.model.trim() ?? "unknown"}, ${process.platform} ${process.arch}`;
  const from = `\`${command}\` · ${machine} · Node ${process.versions.node} · ${new Date().toISOString().slice(0, 10)}`;
  const text = [from, ...tables.map(markdown), ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")])].join(
    "\n\n",
  );
  process.stdout.write(`\n## ${section}\n\n${text}\n`);
  const document = readFileSync(FILE, "utf8");
  const [start, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const [from_, to] = [document.indexOf(start), document.indexOf(end)];
  if (from_ < 0 || to < 0) throw new Error(`docs/benchmarks.md has no markers "${start}" and "${end}".`);
  writeFileSync(FILE, `${document.slice(0, from_ + start.length)}\n\n${text}\n\n${document.slice(to)}`);
}

/** `0.31 ✓` within the limit, `0.62 ✗` above it. */
export function judged(value: number, limit: number, digits = 2): string {
  return `${value.toFixed(digits)} ${value <= limit ? "✓" : "✗"}`;
}
