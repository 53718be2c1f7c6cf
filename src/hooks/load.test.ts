import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HookSpecifier } from "../contract/index.js";
import { loadHooks } from "./load.js";
import { TrainerHooks } from "./trainer-hooks.js";

let cwd: string;

class LossAlarm extends TrainerHooks {
  readonly config: unknown;
  constructor(config?: unknown) {
    super();
    this.config = config;
  }
}

class Picky extends TrainerHooks {
  constructor() {
    super();
    throw new Error("needs a limit");
  }
}

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "trainscope-hooks-"));
  writeFileSync(
    join(cwd, "hooks.mjs"),
    "export class MyHook { constructor(config) { this.config = config; } onStop() {} }\nexport const limit = 3;\n",
  );
  writeFileSync(join(cwd, "broken.mjs"), "export class {\n");
  for (const [name, type] of [
    ["esm-hooks", "module"],
    ["cjs-hooks", "commonjs"],
  ] as const) {
    const dir = join(cwd, "node_modules", name);
    mkdirSync(dir, { recursive: true });
    const exports = type === "module" ? { "./hooks": { import: "./index.js" } } : { "./hooks": "./index.js" };
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name, type, exports }));
    writeFileSync(
      join(dir, "index.js"),
      type === "module" ? "export class Other { onStop() {} }" : "exports.Other = class Other { onStop() {} };",
    );
  }
});

afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function load(hookClasses: readonly HookSpecifier[], hookConfigs: Record<string, unknown> = {}): Promise<TrainerHooks[]> {
  return loadHooks({ hookClasses, hookConfigs }, cwd);
}

test.each([
  { name: "a class", specifier: LossAlarm as HookSpecifier, becomes: "LossAlarm" },
  { name: "a file", specifier: "./hooks.mjs#MyHook", becomes: "MyHook" },
  { name: "a CommonJS package", specifier: "cjs-hooks/hooks#Other", becomes: "Other" },
  { name: "an object around a class", specifier: { hook: LossAlarm, key: "alarm" } as HookSpecifier, becomes: "LossAlarm" },
])("$name", async ({ specifier, becomes }) => {
  const [hook] = await load([specifier]);
  expect(hook?.constructor.name).toBe(becomes);
});

test("a config comes from the object, then by specifier, then by class name; a key names the instance", async () => {
  const hooks = await load([{ hook: LossAlarm, key: "a", config: { limit: 1 } }, "./hooks.mjs#MyHook"], {
    "./hooks.mjs#MyHook": { limit: 2 },
  });
  expect(hooks.map((hook) => (hook as LossAlarm).config)).toEqual([{ limit: 1 }, { limit: 2 }]);
  expect(hooks[0]?.key).toBe("a");
  const [byName] = await load([LossAlarm], { LossAlarm: { limit: 3 } });
  expect((byName as LossAlarm).config).toEqual({ limit: 3 });
});

test.each([
  { name: "no export named", specifier: "./hooks.mjs", code: "ERR_HOOK_LOAD", says: 'Write "./hooks.mjs#ClassName"' },
  { name: "a misspelt export", specifier: "./hooks.mjs#MyHok", code: "ERR_HOOK_LOAD", says: 'Nearest: "MyHook"' },
  { name: "an export that is no class", specifier: "./hooks.mjs#limit", code: "ERR_HOOK_LOAD", says: "Available: MyHook" },
  { name: "a missing file", specifier: "./gone.mjs#A", code: "ERR_HOOK_LOAD", says: "Relative files are looked up from" },
  { name: "a file with a syntax error", specifier: "./broken.mjs#A", code: "ERR_HOOK_LOAD", says: "could not be imported" },
  { name: "a missing package", specifier: "gone-hooks/hooks#A", code: "ERR_HOOK_LOAD", says: "Check that it is installed there" },
  { name: "a constructor that throws", specifier: Picky as HookSpecifier, code: "ERR_HOOK_LOAD", says: "needs a limit" },
])("$name is an error with the place", async ({ specifier, code, says }) => {
  const error: unknown = await load([specifier]).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(says) as unknown });
  expect((error as { path: string }).path).toContain("hooks.hookClasses[0]");
});

test.each([
  { name: "a config for no hook", configs: { LossAlrm: {} }, says: 'Nearest: "LossAlarm"' },
  { name: "a config that fits two hooks", configs: { LossAlarm: {} }, says: "2 hooks are called" },
])("$name", async ({ configs, says }) => {
  await expect(load([LossAlarm, { hook: LossAlarm, key: "second" }], configs)).rejects.toThrow(says);
});

test.each<{ name: string; specifier: HookSpecifier; configs: Record<string, unknown> }>([
  { name: "in its entry and by class name", specifier: { hook: LossAlarm, config: 1 }, configs: { LossAlarm: 2 } },
  { name: "by specifier and by class name", specifier: "./hooks.mjs#MyHook", configs: { "./hooks.mjs#MyHook": 1, MyHook: 2 } },
])("two configs for one hook, $name: one would do nothing", async ({ specifier, configs }) => {
  const error: unknown = await load([specifier], configs).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_CONFIG", message: expect.stringContaining("Give it one.") as unknown });
});
