import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { entryDeclarations } from "./declarations/program.js";
import { ROOT, run } from "./run.js";

const scratch = inject("scratch");
const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  types: ["node"],
};
const readme = /```ts\n\/\/ train\.ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";

/** A project beside the installed package. */
function project(name: string, options: object, manifest: object, files: Record<string, string>): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  symlinkSync(join(scratch, "node_modules"), join(directory, "node_modules"), "dir");
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include: ["*.ts"] }),
  );
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

let strict: string;
let tfjs: string;
let commonJs: string;
/** For `moduleResolution: node10`, which knows no `exports`; TypeScript 7 has no such mode. */
let older: string;
beforeAll(() => {
  strict = project("strict", { skipLibCheck: false }, { type: "module" }, {});
  tfjs = project("tfjs", { skipLibCheck: true }, { type: "module" }, { "train.ts": readme });
  commonJs = project("commonjs", { skipLibCheck: true }, { type: "commonjs" }, {});
  older = project("node10", { skipLibCheck: true, module: "CommonJS", moduleResolution: "node10" }, { type: "commonjs" }, {});
  for (const directory of [strict, commonJs, older])
    copyFileSync(join(ROOT, "tests/package/consumer/program.ts"), join(directory, "program.ts"));
  copyFileSync(join(ROOT, "tests/package/consumer/adapter.ts"), join(tfjs, "adapter.ts"));
  writeFileSync(
    join(older, "subpaths.ts"),
    subpaths.map(({ name, has }) => `export { ${has[0]} as of${has[0]} } from "${name}";`).join("\n"),
  );
});

describe.each([
  { compiler: "typescript-5", version: "5.9" },
  { compiler: "typescript", version: "6.0" },
  { compiler: "typescript-7", version: "7.0" },
])("TypeScript $version", ({ compiler, version }) => {
  const tsc = `${compiler}/bin/tsc`;
  test("is that version", () => expect(run(tsc, ["--version"]).output).toContain(`Version ${version}`));
  test("compiles a program under strict flags, our declarations included", () => {
    expect(run(tsc, ["-p", strict])).toEqual({ code: 0, output: "" });
  });
  test("compiles TensorFlow.js programs, README's too", () => {
    expect(run(tsc, ["-p", tfjs])).toEqual({ code: 0, output: "" });
  });
  test("compiles a CommonJS program", () => {
    expect(run(tsc, ["-p", commonJs])).toEqual({ code: 0, output: "" });
  });
  test.skipIf(version === "7.0")("compiles a CommonJS program with moduleResolution node10, every subpath too", () => {
    const silenced = version === "6.0" ? ["--ignoreDeprecations", "6.0"] : [];
    expect(run(tsc, ["-p", older, ...silenced])).toEqual({ code: 0, output: "" });
  });
});

const subpaths = [
  { name: "trainscope", has: ["GenericTrainer", "defineHook", "arrayLoader", "TrainscopeError"] },
  { name: "trainscope/tfjs", has: ["tfjsLoader", "tfjsModel"] },
  { name: "trainscope/checkpoint", has: ["CheckpointManager", "keepBest"] },
  { name: "trainscope/tensorboard", has: ["SummaryWriter", "TensorBoardBackend"] },
  { name: "trainscope/data", has: ["MultiDataLoader", "arrayLoader"] },
  { name: "trainscope/hooks", has: ["EarlyStoppingHook", "LoggingHook", "TrainerHooks"] },
  { name: "trainscope/loggers", has: ["CompositeLogger", "ConsoleBackend"] },
  { name: "trainscope/metrics", has: ["MetricsManager", "ThroughputMeter"] },
  { name: "trainscope/system", has: ["SystemMetricsLogger"] },
  { name: "trainscope/log", has: ["TrainingLogger", "TrainingLogBackend"] },
];

test("every subpath is among those below", () => {
  const installed = join(scratch, "node_modules/trainscope");
  expect(subpaths.map(({ name }) => name).sort()).toEqual([...entryDeclarations(installed).keys()].sort());
});

describe.each(subpaths)("$name", ({ name, has }) => {
  const check = (module: string): string =>
    `for (const key of ${JSON.stringify(has)}) if (typeof ${module}[key] !== "function") throw key;`;
  test("is imported by an ES module", () => {
    const file = join(scratch, `import-${name.replace("/", "-")}.mjs`);
    writeFileSync(
      file,
      `import * as found from "${name}";\n${check("found")}\nif ("default" in found) throw "a default export";\n`,
    );
    expect(run(file, [], { cwd: scratch })).toEqual({ code: 0, output: "" });
  });
  test("is required by a CommonJS module", () => {
    const file = join(scratch, `require-${name.replace("/", "-")}.cjs`);
    writeFileSync(file, `const found = require("${name}");\n${check("found")}\n`);
    const { code, output } = run(file, [], { cwd: scratch });
    expect(output.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*$/gm, "").trim()).toBe("");
    expect(code).toBe(0);
  });
});

test("one class of errors, whichever way the package is loaded", () => {
  const file = join(scratch, "both.mjs");
  const lines = [
    'import { createRequire } from "node:module";',
    'import { TrainscopeError } from "trainscope";',
    'if (createRequire(import.meta.url)("trainscope").TrainscopeError !== TrainscopeError) throw "two copies";',
    'const manifest = createRequire(import.meta.url)("trainscope/package.json");',
    'if (manifest.name !== "trainscope") throw manifest.name;',
  ];
  writeFileSync(file, lines.join("\n"));
  const { code, output } = run(file, [], { cwd: scratch });
  expect(code, output).toBe(0);
});
