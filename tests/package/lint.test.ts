import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, run } from "./run.js";

/** A small copy of the repository, in which rules are broken on purpose: a file for each case, all linted at once. */
const copy = mkdtempSync(join(tmpdir(), "trainscope-lint-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));
for (const name of [".oxlintrc.json", "tsconfig.json", "scripts/lint"])
  cpSync(join(ROOT, name), join(copy, name), { recursive: true });
symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"), "dir");
write("src/trainer/loop.ts", "export interface Loop {\n  step: number;\n}\nexport const loop: Loop = { step: 0 };\n");
write("src/support/errors.ts", "export const code = 1;\n");

function write(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

let cases = 0;
/** A file of its own for one case: `src/hooks/a.ts` becomes `src/hooks/case-3.ts`. */
function place<Case extends { file?: string; text: string }>(given: Case): Case & { file: string } {
  const file = (given.file ?? "src/trainer/a.ts").replace(/\ba(?=(\.test)?\.ts$)/, `case-${cases++}`);
  write(file, given.text);
  return { ...given, file };
}

const reported = new Map<string, string[]>();
beforeAll(() => {
  const { output } = run("oxlint/bin/oxlint", ["--format", "json"], { cwd: copy });
  const report = JSON.parse(output.slice(output.indexOf("{"))) as { diagnostics: { code: string; filename: string }[] };
  for (const { code, filename } of report.diagnostics) reported.set(filename, [...(reported.get(filename) ?? []), code]);
});

/** The rules that a file breaks, in order of their names. */
function broken(file: string): string[] {
  return (reported.get(file) ?? []).sort();
}

describe("the rooms", () => {
  const rule = "trainscope(room-imports)";
  test.each(
    [
      { from: "a hook may not import the trainer", file: "src/hooks/a.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
      { from: "not its types either", file: "src/hooks/a.ts", text: 'export type { Loop } from "../trainer/loop.js";\n' },
      {
        from: "nor later",
        file: "src/hooks/a.ts",
        text: 'export const late = (): Promise<unknown> => import("../trainer/loop.js");\n',
      },
      { from: "from a folder in a room", file: "src/loggers/deep/a.ts", text: 'export { loop } from "../../trainer/loop.js";\n' },
      { from: "the contract imports nothing", file: "src/contract/a.ts", text: 'export { code } from "../support/errors.js";\n' },
      {
        from: "support imports the contract only",
        file: "src/support/a.ts",
        text: 'export { loop } from "../trainer/loop.js";\n',
      },
      { from: "src holds rooms and its entry point", file: "src/other.ts", text: 'export { loop } from "./trainer/loop.js";\n' },
      { from: "the adapter knows no trainer", file: "src/tfjs/a.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
      { from: "a folder that is no room", file: "src/attic/a.ts", text: 'export { code } from "../support/errors.js";\n' },
      { from: "examples use the public name", file: "examples/a.ts", text: 'export { loop } from "../src/trainer/loop.js";\n' },
      { from: "benchmarks too", file: "bench/deep/a.ts", text: 'export { loop } from "../../src/trainer/loop.js";\n' },
      {
        from: "a neighbour uses it too",
        file: "packages/a/src/a.ts",
        text: 'export { code } from "../../../src/support/errors.js";\n',
      },
      {
        from: "not its types otherwise",
        file: "packages/a/a.ts",
        text: 'export type { Loop } from "../../src/trainer/loop.js";\n',
      },
      { from: "nor from its tests", file: "packages/a/a.test.ts", text: 'export { code } from "../../src/support/errors.js";\n' },
      { from: "src imports nothing outside", file: "src/trainer/a.ts", text: 'export * from "../../examples/b.js";\n' },
    ].map(place),
  )("$from", ({ file }) => expect(broken(file)).toEqual([rule]));

  test.each(
    [
      {
        from: "the trainer may import what is below it",
        file: "src/trainer/a.ts",
        text: 'export { code } from "../support/errors.js";\n',
      },
      { from: "its own room", file: "src/trainer/a.ts", text: 'export { loop } from "./loop.js";\n' },
      { from: "the entry point", file: "src/index.ts", text: 'export { loop } from "./trainer/loop.js";\n' },
      {
        from: "benchmarks measure the examples",
        file: "bench/a.ts",
        text: 'export { loop } from "../examples/digits/model.js";\n',
      },
      { from: "a neighbour's own files", file: "packages/a/src/deep/a.ts", text: 'export { own } from "../b.js";\n' },
      { from: "the package by its name", file: "packages/a/a.ts", text: 'export { TrainscopeError } from "trainscope";\n' },
      { from: "a test", file: "src/hooks/a.test.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
    ].map(place),
  )("allowed: $from", ({ file }) => expect(broken(file)).toEqual([]));
});

describe("rules that keep training safe", () => {
  test.each(
    [
      {
        name: "a floating promise",
        rule: "typescript(no-floating-promises)",
        text: "async function f(): Promise<void> {}\nf();\n",
      },
      {
        name: "a promise where void is expected",
        rule: "typescript(no-misused-promises)",
        text: "process.on('exit', async () => {});\n",
      },
      { name: "an await of what is no promise", rule: "typescript(await-thenable)", text: "await 1;\n" },
      { name: "any", rule: "typescript(no-explicit-any)", text: "export const a: any[] = [];\n" },
      { name: "a default export", rule: "import(no-default-export)", text: "export default 1;\n" },
      { name: "console", rule: "eslint(no-console)", text: "console.log(1);\n" },
      { name: "process.exit", rule: "unicorn(no-process-exit)", text: "process.exit(1);\n" },
      { name: "a bare error", rule: "trainscope(typed-errors)", text: "throw new Error('x');\n" },
      { name: "what is left to do", rule: "eslint(no-warning-comments)", text: "// TODO\nexport const a = 1;\n" },
      { name: "a type imported as a value", rule: "typescript(consistent-type-imports)", text: typeAsValue() },
      {
        name: "a long function",
        rule: "eslint(max-lines-per-function)",
        text: functionOf(41),
      },
      { name: "a file of 301 lines", rule: "eslint(max-lines)", text: fileOf(301) },
    ].map(place),
  )("$name", ({ rule, file }) => expect(broken(file)).toContain(rule));

  test.each(
    [
      { name: "a function of 40 lines", file: "src/trainer/a.ts", text: functionOf(40) },
      { name: "comments in one", file: "src/trainer/a.ts", text: functionOf(40).replace("{", "{\n  // one more") },
      { name: "a file of 300 lines", file: "src/trainer/a.ts", text: fileOf(300) },
      { name: "a long test", file: "src/trainer/a.test.ts", text: fileOf(301) },
      { name: "a bare error in a test", file: "src/trainer/a.test.ts", text: "throw new Error('x');\n" },
    ].map(place),
  )("allowed: $name", ({ file }) => expect(broken(file)).toEqual([]));
});

describe("circles of imports", () => {
  const rule = "import(no-cycle)";
  test.each(
    [
      {
        name: "are refused",
        folder: "src/trainer/one",
        links: { a: "export { B } from './b.js'", b: "export { A } from './a.js'" },
        rules: [rule],
      },
      {
        name: "of types too",
        folder: "src/trainer/two",
        links: { a: "export type { B } from './b.js'", b: "export type { A } from './a.js'" },
        rules: [rule],
      },
      {
        name: "also over a third file",
        folder: "src/trainer/three",
        links: {
          a: "export type { B } from './b.js'",
          b: "export { C as D } from './c.js'",
          c: "import type { A } from './a.js'",
        },
        rules: [rule],
      },
      {
        name: "a file that imports itself",
        folder: "src/trainer/self",
        links: { a: "export { A as B } from './a.js'" },
        rules: ["import(no-self-import)"],
      },
      {
        name: "allowed: types of the contract, which run nothing",
        folder: "src/contract/four",
        links: { a: "export type { B } from './b.js'", b: "export type { A } from './a.js'" },
        rules: [],
      },
    ].map((given) => {
      for (const [name, link] of Object.entries(given.links))
        write(`${given.folder}/${name}.ts`, `${link};\nexport class ${name.toUpperCase()} {}\n`);
      return given;
    }),
  )("$name", ({ folder, rules }) => expect(broken(`${folder}/a.ts`)).toEqual(rules));
});

function functionOf(lines: number): string {
  return `export function f(): void {\n${"  void 0;\n".repeat(lines - 2)}}\n`;
}

function fileOf(lines: number): string {
  return Array.from({ length: lines }, (_, index) => `export const a${index} = 1;\n`).join("");
}

function typeAsValue(): string {
  return 'import { Loop } from "./loop.js";\nexport const a = (given: Loop): number => given.step;\n';
}
