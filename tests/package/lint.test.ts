import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, run } from "./run.js";

/** A small copy of the repository, in which rules are broken on purpose. */
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

/** The rules that `text` breaks as `file`, in order of their names. */
function broken(file: string, text: string): string[] {
  write(file, text);
  const { output } = run("oxlint/bin/oxlint", ["--format", "json", file], { cwd: copy });
  rmSync(join(copy, file));
  const report = JSON.parse(output.slice(output.indexOf("{"))) as { diagnostics: { code: string }[] };
  return report.diagnostics.map((diagnostic) => diagnostic.code).sort();
}

describe("the rooms", () => {
  const rule = "trainscope(room-imports)";
  test.each([
    { from: "a hook may not import the trainer", file: "src/hooks/a.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
    { from: "not its types either", file: "src/hooks/a.ts", text: 'export type { Loop } from "../trainer/loop.js";\n' },
    {
      from: "nor later",
      file: "src/hooks/a.ts",
      text: 'export const late = (): Promise<unknown> => import("../trainer/loop.js");\n',
    },
    { from: "from a folder in a room", file: "src/loggers/deep/a.ts", text: 'export { loop } from "../../trainer/loop.js";\n' },
    { from: "the contract imports nothing", file: "src/contract/a.ts", text: 'export { code } from "../support/errors.js";\n' },
    { from: "support imports the contract only", file: "src/support/a.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
    { from: "src holds rooms and its entry point", file: "src/other.ts", text: 'export { loop } from "./trainer/loop.js";\n' },
    { from: "the adapter knows no trainer", file: "src/tfjs/a.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
    { from: "a folder that is no room", file: "src/attic/a.ts", text: 'export { code } from "../support/errors.js";\n' },
    { from: "examples use the public name", file: "examples/a.ts", text: 'export { loop } from "../src/trainer/loop.js";\n' },
    { from: "benchmarks too", file: "bench/deep/a.ts", text: 'export { loop } from "../../src/trainer/loop.js";\n' },
    { from: "src imports nothing outside", file: "src/trainer/a.ts", text: 'export * from "../../examples/b.js";\n' },
  ])("$from", ({ file, text }) => expect(broken(file, text)).toEqual([rule]));

  test.each([
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
    { from: "a test", file: "src/hooks/a.test.ts", text: 'export { loop } from "../trainer/loop.js";\n' },
  ])("allowed: $from", ({ file, text }) => expect(broken(file, text)).toEqual([]));
});

describe("rules that keep training safe", () => {
  test.each([
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
      text: `export function f(): void {\n${"  void 0;\n".repeat(61)}}\n`,
    },
    { name: "a long file", rule: "eslint(max-lines)", text: "export {};\n".repeat(401) },
  ])("$name", ({ rule, text }) => expect(broken("src/trainer/a.ts", text)).toContain(rule));
});

function typeAsValue(): string {
  return 'import { Loop } from "./loop.js";\nexport const a = (given: Loop): number => given.step;\n';
}
