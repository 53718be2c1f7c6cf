import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isTrainscopeError, type TrainscopeError } from "../support/errors.js";
import { loadConfig, resolveConfig } from "./index.js";

const dir = mkdtempSync(join(tmpdir(), "trainscope-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return name;
}

async function refusal(name: string, text: string, overrides: readonly string[] = []): Promise<TrainscopeError> {
  try {
    await loadConfig(file(name, text), { cwd: dir, env: {}, overrides });
  } catch (error) {
    if (isTrainscopeError(error)) return error;
    throw error;
  }
  throw new TypeError("nothing was thrown");
}

/** Nine levels of nine aliases each: 9^9 items. */
function aliasBomb(): string {
  const levels = Array.from("bcdefghi").map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`);
  return ["a: &a [x,x,x,x,x,x,x,x,x]", ...levels, ""].join("\n");
}

test.runIf(process.platform !== "win32")("what is not a file is refused, and not waited for", async () => {
  mkdirSync(join(dir, "folder.yaml"));
  execFileSync("mkfifo", [join(dir, "pipe.yaml")]);
  for (const name of ["folder.yaml", "pipe.yaml"])
    await expect(loadConfig(name, { cwd: dir, env: {} })).rejects.toThrow("could not be read: it is not a file");
});

const YAML = `# a run
maxEpochs: 20
trainLoaderConfig: { samplingStrategy: weighted, dataloaderWeights: [0.7, 0.3] }
hooks:
  enableEarlyStoppingHook: true
  earlyStoppingConfig:
    patience: 5
`;
const EXPECTED = {
  maxEpochs: 20,
  trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] },
  hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { patience: 5 } },
};

test.each([
  ["run.yaml", YAML],
  ["run.YML", `\uFEFF${YAML}`],
  ["run.json", JSON.stringify({ $schema: "./config.schema.json", ...EXPECTED })],
  ["bom.json", `\uFEFF${JSON.stringify(EXPECTED)}`],
])("%s is loaded", async (name, text) => {
  const config = await loadConfig(file(name, text), { cwd: dir, env: {} });
  expect(config).toEqual(EXPECTED);
  expect(resolveConfig(config, { env: {} }).hooks.earlyStoppingConfig).toMatchObject({ patience: 5, monitor: "val/loss" });
});

test("anchors and merge keys of YAML work", async () => {
  const text = "hooks:\n  plateauWarningConfig: &shared { patience: 7 }\n  earlyStoppingConfig: { <<: *shared, minDelta: 1 }\n";
  const config = await loadConfig(file("merge.yaml", text), { cwd: dir, env: {} });
  expect(config.hooks?.earlyStoppingConfig).toEqual({ patience: 7, minDelta: 1 });
});

test("an override wins over the file, the file over the environment", async () => {
  const env = { TRAINSCOPE_LOG_DIR: "fromEnv" };
  const plain = await loadConfig(file("a.yaml", "maxEpochs: 3\n"), { cwd: dir, env, overrides: ["maxEpochs=4", "runName=5"] });
  expect(plain).toEqual({ maxEpochs: 4, runName: "5", runsDir: "fromEnv" });
  const given = await loadConfig(file("b.yaml", "runsDir: fromFile\n"), { cwd: dir, env });
  expect(given.runsDir).toBe("fromFile");
  expect((await loadConfig("b.yaml", { cwd: dir, env, overrides: ["runsDir=mine"] })).runsDir).toBe("mine");
});

test("a file with nothing in it can be filled by overrides, also a value that the file has wrong", async () => {
  expect(await loadConfig(file("empty.yaml", "# nothing\n"), { cwd: dir, env: {}, overrides: ["maxSteps=9"] })).toEqual({
    maxSteps: 9,
  });
  expect(await loadConfig(file("wrong.yaml", "maxSteps: 0\n"), { cwd: dir, env: {}, overrides: ["maxSteps=9"] })).toEqual({
    maxSteps: 9,
  });
});

test.each([
  { text: "- maxEpochs: 3\n", override: "maxSteps=9", path: undefined, found: "Found [" },
  { text: "only text\n", override: "maxSteps=9", path: undefined, found: "Found " },
  { text: "maxSteps: 1\nlogging: 5\n", override: "logging.logEveryNSteps=10", path: "logging", found: "Found 5." },
  { text: "maxSteps: 1\nlogging:\n", override: "logging.logEveryNSteps=10", path: "logging", found: "Found null." },
  {
    text: "maxSteps: 1\ntrainLoaderConfig: { samplingStrategy: weighted, dataloaderWeights: [1, 2] }\n",
    override: "trainLoaderConfig.dataloaderWeights.clean=1",
    path: "trainLoaderConfig.dataloaderWeights",
    found: "Found [1,2], where the override of trainLoaderConfig.dataloaderWeights.clean needs an object.",
  },
])("an override of $override does not hide what is in the file: $text", async ({ text, override, path, found }) => {
  const error = await refusal("hidden.yaml", text, [override]);
  expect(error).toMatchObject({ code: "ERR_CONFIG", path });
  expect(error.message).toContain(found);
});

test("problems name the file and the line", async () => {
  const error = await refusal(
    "bad.yaml",
    "maxEpochs: 3\nlogging:\n  logEveryNSteps: 0\n  logEvery: 1\nhooks:\n  hookClasses:\n    - a.b.C\n",
  );
  expect(error.code).toBe("ERR_CONFIG");
  expect(error.message).toMatch(/hookClasses\[0\][^]*In bad\.yaml, line 7\.[^]*logEvery"[^]*line 4\.[^]*Found 0\.[^]*line 3\./);
});

test("lines are known for JSON too", async () => {
  const error = await refusal("bad.json", '{\n  "maxEpochs": 3,\n  "logging": {\n    "wandbProject": "x"\n  }\n}\n');
  expect(error.code).toBe("ERR_NOT_BUILT");
  expect(error.path).toBe("logging.wandbProject");
  expect(error.message).toContain("In bad.json, line 4.");
});

test("a problem of an override names the override, not a line", async () => {
  const error = await refusal("fine.yaml", "seed: 1\n", ["seed=1.5", "maxEpochs=x"]);
  expect(error.message).toContain('In the override "maxEpochs=…".');
  const range = await refusal("fine.yaml", "maxSteps: 1\n", ["maxSteps=0"]);
  expect(range.path).toBe("maxSteps");
  expect(range.message).not.toContain("line");
});

test.each([
  ["bad.toml", "a = 1", 'found the extension ".toml". Allowed: .yaml, .yml, .json.'],
  ["broken.yaml", "maxEpochs: 3\nhooks: {\n", "broken.yaml is not valid YAML"],
  ["twice.yaml", "maxEpochs: 3\nmaxEpochs: 4\n", "line 2"],
  ["alias.yaml", "hooks: *nothing\n", "alias.yaml is not valid YAML"],
  ["broken.json", '{\n  "maxEpochs": 3\n  "seed": 4\n}\n', "broken.json is not valid JSON (near line 2"],
  ["list.yaml", "- maxEpochs: 3\n", "Allowed: an object."],
  ["text.yaml", "maxEpochs\n", 'Found "maxEpochs". Allowed: an object.'],
  ["null.yaml", "hooks:\n", "Found null. Allowed: an object."],
  ["bomb.yaml", aliasBomb(), "Excessive alias count"],
  ["deep.yaml", `hooks: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`, "deep.yaml is not valid YAML"],
  [
    "deeper.json",
    `{"hooks":{"hookConfigs":{"A":${'{"a":'.repeat(20_000)}1${"}".repeat(20_003)}`,
    "nested more than 100 levels deep",
  ],
  ["big.json", `{"runName":"${"x".repeat(1_100_000)}"}`, "it has 2 MB, and may have 1"],
  [
    "wide.yaml",
    Array.from({ length: 20_000 }, (_, i) => `k${i}: &a${i} 1`).join("\n"),
    "There are 19900 more keys that do not exist.",
  ],
  ["twice-inside.yaml", "hooks:\n  hookConfigs: { a: 1, b: 2, a: 3 }\n", '"a" is there again at line 2'],
])("%s is refused", async (name, text, message) => {
  const error = await refusal(name, text);
  expect(error.code).toBe("ERR_CONFIG");
  expect(error.message).toContain(message);
});

test.each([
  ["proto.json", '{ "maxEpochs": 1, "__proto__": { "polluted": 1 } }'],
  ["deep.json", '{ "maxEpochs": 1, "metrics": { "perMetric": { "constructor": { "prototype": { "polluted": 1 } } } } }'],
  ["proto.yaml", "maxEpochs: 1\nhooks:\n  hookConfigs:\n    a:\n      - __proto__: { polluted: 1 }\n"],
  ["merge-proto.yaml", "maxEpochs: 1\nx: &x { __proto__: { polluted: 1 } }\nhooks: { hookConfigs: { <<: *x } }\n"],
])("%s: prototype keys are refused and change no prototype", async (name, text) => {
  const error = await refusal(name, text);
  expect(error.code).toBe("ERR_CONFIG");
  expect(error.message).toContain("is never allowed");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a file that is not there keeps its cause", async () => {
  const error = await loadConfig("nowhere.yaml", { cwd: dir, env: {} }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_CONFIG", cause: { code: "ENOENT" } });
});
