/**
 * `npm run picture`: runs README's program in a terminal of 96 columns and writes what it shows to docs/run.svg. Needs Linux (`script` of
 * util-linux makes the terminal). TensorFlow.js's own banner is left out, and the working directory is shown as ~/circle.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, ROOT } from "./lib/prepare.mjs";
import { screenOf } from "./lib/terminal.mjs";

const COLUMNS = 96;
const FONT = 13;
const WIDTH = FONT * 0.6;
const LINE = 18;
const MARGIN = 16;
const PALETTE = {
  black: "#6e7681",
  red: "#ff7b72",
  green: "#7ee787",
  yellow: "#e3b341",
  blue: "#79c0ff",
  magenta: "#d2a8ff",
  cyan: "#56d4dd",
  white: "#f0f6fc",
};

await ensureInstalled();
await ensureBuilt();
const lines = screenOf(recorded(), COLUMNS);
while (lines.at(-1)?.length === 0) lines.pop();
writeFileSync(join(ROOT, "docs/run.svg"), svg([[{ text: "$ npx tsx train.ts", style: { dim: true } }], ...lines]));

/** What the program writes to a terminal. */
function recorded() {
  const directory = mkdtempSync(join(tmpdir(), "trainscope-picture-"));
  try {
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(ROOT, join(directory, "node_modules/trainscope"), "dir");
    symlinkSync(join(ROOT, "node_modules/@tensorflow"), join(directory, "node_modules/@tensorflow"), "dir");
    const [, program = ""] = /```ts\n(\/\/ train\.ts\n[\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
    writeFileSync(join(directory, "train.ts"), program);
    const command = `stty cols ${COLUMNS} rows 50; exec '${process.execPath}' '${join(ROOT, "node_modules/tsx/dist/cli.mjs")}' train.ts`;
    const { NO_COLOR: _, ...env } = process.env;
    const run = spawnSync("script", ["-qefc", command, "/dev/null"], { cwd: directory, env, encoding: "utf8", input: "" });
    if (run.status !== 0) throw run.error ?? new Error(`The program ended with ${run.status}:\n${run.stdout}`);
    return run.stdout.replace(/^\s*={20,}[\s\S]*?={20,}\s*\n/, "").replaceAll(directory, "~/circle");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function svg(rows) {
  const width = Math.ceil(COLUMNS * WIDTH + 2 * MARGIN);
  const height = rows.length * LINE + 2 * MARGIN;
  const texts = rows.map((spans, index) => {
    let column = 0;
    const parts = spans.map((span) => {
      const x = MARGIN + column * WIDTH;
      column += Array.from(span.text).length;
      return span.text.trim() === "" ? "" : `<tspan x="${x.toFixed(1)}"${look(span.style)}>${escaped(span.text)}</tspan>`;
    });
    return `<text y="${MARGIN + index * LINE + FONT}">${parts.join("")}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    "<title>What README's program prints in a terminal</title>",
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}" fill="#c9d1d9">`,
    ...texts.filter((text) => text.includes("<tspan")),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function look({ color, bold, dim }) {
  const fill = color === undefined ? "" : ` fill="${PALETTE[color]}"`;
  return `${fill}${bold === true ? ' font-weight="bold"' : ""}${dim === true ? ' opacity="0.65"' : ""}`;
}

/** Blanks that no renderer of SVG folds into one. */
function escaped(text) {
  return text.replaceAll(" ", "\u00a0").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
