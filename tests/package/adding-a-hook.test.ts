import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT, run } from "./run.js";

/** A copy of the repository, to which the hook of CONTRIBUTING.md is added as it says. */
const copy = mkdtempSync(join(tmpdir(), "trainscope-hook-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));
for (const name of ["src", "scripts", "schemas", "docs", "tests/support", "tsconfig.json", "package.json", "vitest.config.ts"])
  cpSync(join(ROOT, name), join(copy, name), { recursive: true });
symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"), "dir");

const guide = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").split("## Adding a hook")[1]?.split("\n## ")[0] ?? "";
const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);

test("three files and one line in the table are a hook, as CONTRIBUTING shows", () => {
  const files = blocks.filter((code) => code.startsWith("// src/"));
  const [line] = blocks.filter((code) => code.startsWith("hook("));
  expect(files).toHaveLength(3);
  for (const code of files) {
    const path = join(copy, code.split("\n", 1)[0]?.slice("// ".length) ?? "");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
  const table = join(copy, "src/config/hooks/table.ts");
  const before = readFileSync(table, "utf8");
  writeFileSync(
    table,
    before.replace("export const BUILT_IN_HOOKS: readonly BuiltInHook[] = [\n", (start) => `${start}${line}`),
  );

  expect(run("tsx/dist/cli.mjs", ["scripts/schemas.mjs"], { cwd: copy })).toMatchObject({ code: 0 });
  const types = readFileSync(join(copy, "src/contract/config/hooks/step-timer.ts"), "utf8");
  expect(types).toContain("/** Steps between two values: fewer give a finer curve. @default 100 */");
  expect(readFileSync(join(copy, "docs/configuration.md"), "utf8")).toContain("| `everyNSteps` | integer | `100` |");

  writeFileSync(join(copy, "program.ts"), PROGRAM);
  const project = { extends: "./tsconfig.json", include: ["src", "program.ts"], exclude: ["src/**/*.test.ts"] };
  writeFileSync(join(copy, "tsconfig.hook.json"), JSON.stringify(project));
  const compiled = run("typescript/bin/tsc", ["-p", "tsconfig.hook.json", "--noEmit"], { cwd: copy });
  expect(compiled, compiled.output).toMatchObject({ code: 0 });
  const tested = run("vitest/vitest.mjs", ["run", "--project", "core", "src/hooks/built-in/step-timer.test.ts"], { cwd: copy });
  expect(tested, tested.output).toMatchObject({ code: 0 });
  const ran = run("tsx/dist/cli.mjs", ["program.ts"], { cwd: copy });
  expect(ran).toEqual({ code: 0, output: "true 5 stepTimer\n" });
});

/** The new hook as its users meet it: in the config, typed, and among the hooks of the run. */
const PROGRAM = `
import { GenericTrainer, StepTimerConfig } from "./src/index.js";
const model = { trainStep: () => ({ loss: 1, batchSize: 1 }), state: () => ({}), loadState: () => {} };
const trainer = new GenericTrainer(
  { maxEpochs: 1, logging: { loggerType: "none" }, hooks: { enableLoggingHook: false, enableStepTimer: true, stepTimerConfig: { everyNSteps: 5 } } },
  model,
);
const { enableStepTimer, stepTimerConfig } = trainer.config.hooks;
await trainer.prepare();
console.log(enableStepTimer, stepTimerConfig.everyNSteps, trainer.hookManager.describe().map(({ key }) => key).join());
void StepTimerConfig;
`;
