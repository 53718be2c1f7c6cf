import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { ROOT, run } from "./run.js";
import { blocksOf, chainsOf, fileOf, moduleOf, pages, preambleOf, type Block } from "./snippets/blocks.js";

/**
 * Every block of code in the pages is tried.
 * - TypeScript: all blocks are type-checked. One whose first line is a file name (`// train.mts`) is a whole program, and is run as well.
 *   Others may say what they build on: `// given: model, data` (the names of `consumer/given.ts`) and `// continues` (a block above).
 * - YAML with `maxEpochs` or `maxSteps` is loaded as a config. Other YAML, JSON and shell are parsed; `npx trainscope` commands exist.
 */
const LANGUAGES = new Set(["ts", "js", "sh", "yaml", "json", "ini", "text", ""]);
/** Blocks that another test takes as they are. */
const ELSEWHERE = new Set(["CONTRIBUTING.md"]); // adding-a-hook.test.ts
const runElsewhere = (block: Block): boolean => block.page === "README.md" && fileOf(block) === "train.ts"; // readme.test.ts

const scratch = join(inject("scratch"), "snippets");
const installed = join(inject("scratch"), "node_modules/trainscope");
const all = pages().flatMap(blocksOf);
const compiled = all.filter(({ language, page }) => language === "ts" && !ELSEWHERE.has(page));
const chains = pages().flatMap((page) => chainsOf(compiled.filter((block) => block.page === page)));
const programs = chains.filter(([first]) => fileOf(first!) !== null && !runElsewhere(first!));
const at = ({ page, line }: Block): string => `${page}:${line}`;
const moduleName = ({ page, line }: Block): string => `${basename(page, ".md")}.${line}.mts`;
/** Where the files that a page shows lie side by side. */
const directoryOf = (page: string): string => join(scratch, basename(page, ".md"));

const compilerOptions = {
  target: "ES2023",
  lib: ["ES2023", "ESNext.Disposable"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ["node"],
};

let errors: string[] = [];
beforeAll(() => {
  const modules = join(scratch, "node_modules");
  mkdirSync(join(modules, "@tensorflow"), { recursive: true });
  symlinkSync(installed, join(modules, "trainscope"), "dir");
  for (const name of ["@types", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"])
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "dir");
  for (const name of ["given.ts", "tfjs-node.d.ts"])
    copyFileSync(join(ROOT, "tests/package/consumer", name), join(scratch, name));
  writeFileSync(join(scratch, "package.json"), '{ "type": "module" }');
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts", "*.mts"] }));
  for (const chain of chains) writeFileSync(join(scratch, moduleName(chain.at(-1)!)), moduleOf(chain));
  for (const block of all) writeShown(block);
  writeFileSync(join(scratch, "wrong.mts"), 'const count: number = "one";\n');
  errors = run("typescript/bin/tsc", ["-p", scratch], { cwd: scratch })
    .output.split(/\n(?=\S)/)
    .map((error) => error.trimEnd());
});

function writeShown(block: Block): void {
  const file = fileOf(block);
  if (file === null || ELSEWHERE.has(block.page)) return;
  const target = join(directoryOf(block.page), file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `${block.text}\n`);
}

test("every block is in a language that is checked", () => {
  const isPlain = (language: string): boolean => language === "" || language === "text";
  const isCode = (text: string): boolean => /^(import|export|const|let|await|function|class) /m.test(text);
  const problems = all.filter(({ language, text }) => !LANGUAGES.has(language) || (isPlain(language) && isCode(text)));
  expect(problems.map(at)).toEqual([]);
  expect(compiled.length).toBeGreaterThan(20);
});

test("what is given is listed in consumer/given.ts, and is used", () => {
  const exported = new Set(
    [...readFileSync(join(scratch, "given.ts"), "utf8").matchAll(/^export declare const (\w+)/gm)].map(([, name]) => name),
  );
  const problems = compiled.flatMap((block) => {
    const { given } = preambleOf(block);
    const code = block.text.split("\n").slice(1).join("\n");
    return given
      .filter((name) => !exported.has(name) || !new RegExp(`\\b${name}\\b`).test(code))
      .map((name) => `${at(block)}: ${name}`);
  });
  expect(problems).toEqual([]);
});

test("the compiler reports an error, and none around the blocks", () => {
  const around = errors.filter((line) => !compiled.some((block) => line.startsWith(`${moduleName(block)}(`)));
  expect(around).toEqual([expect.stringMatching(/^wrong\.mts\(1,7\): error TS2322/)]);
});

test.each(compiled.map((block) => ({ block, name: at(block) })))("$name compiles", ({ block }) => {
  expect(errors.filter((line) => line.startsWith(`${moduleName(block)}(`))).toEqual([]);
});

test.each(programs.map((chain) => ({ chain, name: at(chain.at(-1)!) })))("$name runs", ({ chain }) => {
  const block = chain.at(-1)!;
  const directory = directoryOf(block.page);
  const file = fileOf(block) ?? moduleName(block);
  writeFileSync(join(directory, file), moduleOf(chain));
  const { code, output } = run("tsx/dist/cli.mjs", [file], { cwd: directory });
  expect(code, output).toBe(0);
});

const named = (language: string): { block: Block; name: string }[] =>
  all.filter((block) => block.language === language).map((block) => ({ block, name: at(block) }));

test.each([...named("yaml"), ...named("json")])("$name is YAML, and a config that loads", async ({ block }) => {
  const value: unknown = parse(block.text);
  if (typeof value !== "object" || value === null || !("maxEpochs" in value || "maxSteps" in value)) return;
  const { loadConfig } = (await import(pathToFileURL(join(installed, "dist/index.js")).href)) as {
    loadConfig(file: string): Promise<unknown>;
  };
  const file = join(scratch, `${basename(block.page, ".md")}.${block.line}.yaml`);
  writeFileSync(file, block.text);
  await expect(loadConfig(file)).resolves.toBeDefined();
});

test.each(named("js"))("$name is JavaScript", ({ block }) => {
  const file = join(directoryOf(block.page), fileOf(block) ?? "none");
  expect(existsSync(file)).toBe(true); // it names its file
  const checked = run(file, [], { nodeArgs: ["--check"] });
  expect(checked.code, checked.output).toBe(0);
});

describe("shell", () => {
  const commands = all.filter(({ language }) => language === "sh");

  test.skipIf(process.platform === "win32").each(commands.map((block) => ({ block, name: at(block) })))(
    "$name parses",
    ({ block }) => {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: block.text, encoding: "utf8" });
      expect(status, stderr).toBe(0);
    },
  );

  test("the commands of trainscope exist", () => {
    const cli = join(installed, "dist/cli/main.js");
    const text = commands.map((block) => block.text).join("\n");
    const used = new Set([...text.matchAll(/npx trainscope (\w+)/g)].map(([, name = ""]) => name));
    for (const name of used) expect(run(cli, [name, "--help"]), name).toMatchObject({ code: 0 });
  });
});
