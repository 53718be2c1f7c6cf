import { describe, expect, test } from "vitest";
import { refusal, thrownBy } from "../../tests/config/refusal.js";
import type { GenericTrainerConfig, LoggerBackend, ProcessGroup } from "../contract/index.js";
import { TrainerHooks } from "../hooks/trainer-hooks.js";
import { activeLoggers, EarlyStoppingConfig, loadConfig, parseConfig, resolveConfig, SystemMetricsConfig } from "./index.js";
import { refusedByName } from "./not-built.js";

describe("values out of range", () => {
  test.each<[config: unknown, path: string, message: string]>([
    [{ maxEpochs: 0 }, "maxEpochs", "Found 0. Allowed: an integer of at least 1."],
    [{ maxSteps: 1.5 }, "maxSteps", "Found 1.5. Allowed: an integer of at least 1."],
    [{ maxEpochs: Number.NaN }, "maxEpochs", "Found NaN."],
    [{ maxEpochs: Infinity }, "maxEpochs", "Found Infinity."],
    [{ maxEpochs: "3" }, "maxEpochs", 'Found "3". Allowed: an integer of at least 1.'],
    [{ seed: 2 ** 53 }, "seed", "Found 9007199254740992. Allowed: an integer."],
    [{ seed: 1n }, "seed", "Found 1n."],
    [{ runName: "a/b" }, "runName", "a directory name"],
    [{ runName: "a\\b" }, "runName", "a directory name"],
    [{ runName: ".." }, "runName", "a directory name"],
    [{ runName: "." }, "runName", "a directory name"],
    [{ runName: "" }, "runName", "a directory name"],
    [{ runName: "a\0" }, "runName", "a directory name"],
    [{ runName: " a" }, "runName", "a directory name"],
    [{ runName: "a." }, "runName", "a directory name"],
    [{ runName: "a".repeat(201) }, "runName", "a directory name"],
    [{ runsDir: "" }, "runsDir", "a string that is not empty"],
    [{ yieldEveryMs: -1 }, "yieldEveryMs", "a number of at least 0"],
    [{ logLevel: "warning" }, "logLevel", 'Nearest: "warn".'],
    [{ logging: null }, "logging", "Found null. Allowed: an object."],
    [{ logging: { logEveryNSteps: 0 } }, "logging.logEveryNSteps", "an integer of at least 1"],
    [{ logging: { loggerType: "consol" } }, "logging.loggerType", 'Nearest: "console".'],
    [{ logging: { loggers: [{ name: "x" }] } }, "logging.loggers[0]", "an object with a `name` and a `logMetrics` method"],
    [{ trainLoaderConfig: { dataloaderWeights: [1, -1] } }, "trainLoaderConfig.dataloaderWeights[1]", "Found -1."],
    [{ trainLoaderConfig: { dataloaderWeights: [1, Number.NaN] } }, "trainLoaderConfig.dataloaderWeights[1]", "Found NaN."],
    [{ trainLoaderConfig: { dataloaderWeights: { a: "1" } } }, "trainLoaderConfig.dataloaderWeights.a", 'Found "1".'],
    [
      { trainLoaderConfig: { dataloaderWeights: [0, 0] } },
      "trainLoaderConfig.dataloaderWeights",
      "Found [0,0]. At least one weight",
    ],
    [{ trainLoaderConfig: { dataloaderWeights: {} } }, "trainLoaderConfig.dataloaderWeights", "Found {}. At least one weight"],
    [{ trainLoaderConfig: { dataloaderWeights: [] } }, "trainLoaderConfig.dataloaderWeights", "Found []."],
    [
      { trainLoaderConfig: { dataloaderWeights: 0.7 } },
      "trainLoaderConfig.dataloaderWeights",
      "Found 0.7. Allowed: a list of numbers",
    ],
    [{ metrics: { perMetric: { "val/f1": "mean" } } }, 'metrics.perMetric["val/f1"]', 'Found "mean".'],
    [{ metrics: { directions: { acc: "up" } } }, "metrics.directions.acc", 'Found "up". Allowed: "min", "max".'],
    [{ hooks: { earlyStoppingConfig: { patience: 0 } } }, "hooks.earlyStoppingConfig.patience", "an integer of at least 1"],
    [{ hooks: { earlyStoppingConfig: { minDelta: -1 } } }, "hooks.earlyStoppingConfig.minDelta", "a number of at least 0"],
    [
      { hooks: { reduceLROnPlateauConfig: { factor: 1 } } },
      "hooks.reduceLROnPlateauConfig.factor",
      "a number above 0 and below 1",
    ],
    [
      { hooks: { modelCheckpointConfig: { filename: "{epoch}-{val/loss:.2f}" } } },
      "hooks.modelCheckpointConfig.filename",
      "Write {val/loss}: epoch and step are written in full, metrics with four decimals.",
    ],
    [
      { hooks: { modelCheckpointConfig: { filename: `${"é".repeat(120)}{epoch}` } } },
      "hooks.modelCheckpointConfig.filename",
      "at most 221 are possible",
    ],
    [{ hooks: { hookClasses: ["my.hooks.Hook"] } }, "hooks.hookClasses[0]", '"package/hooks#Name"'],
    [
      { hooks: { hookClasses: [new TrainerHooks()] } },
      "hooks.hookClasses[0]",
      "Found a TrainerHooks. Allowed: a hook class (not an instance",
    ],
    [{ hooks: { hookClasses: [{ key: "a" }] } }, "hooks.hookClasses[0].hook", "Nothing is given."],
    [{ ranks: { group: {} } }, "ranks.group", "a process group"],
  ])("%o", (config, path, message) => {
    const error = refusal({ maxEpochs: 2, ...(config as object) });
    expect(error.code).toBe("ERR_CONFIG");
    expect(error.path).toBe(path);
    expect(error.message).toContain(message);
  });

  test.each([null, undefined, [], "maxEpochs=1", 3])("a config that is %j", (config) => {
    expect(refusal(config, { TRAINSCOPE_LOG_DIR: "x" }).message).toContain("Allowed: an object.");
  });
});

describe("unknown keys", () => {
  test.each([
    [{ maxEpoch: 3 }, "maxEpoch", 'Nearest: "maxEpochs".\n  Available: maxEpochs, maxSteps'],
    [{ hooks: { enableThroughputt: true } }, "hooks.enableThroughputt", 'Nearest: "enableThroughput".'],
    [{ logEveryNSteps: 3 }, "logEveryNSteps", "It exists at logging.logEveryNSteps."],
    [
      { patience: 3 },
      "patience",
      "It exists at hooks.plateauWarningConfig.patience and at hooks.reduceLROnPlateauConfig.patience and at hooks.earlyStoppingConfig.patience",
    ],
    [{ hooks: { earlyStoppingConfig: { min_delta: 0 } } }, "hooks.earlyStoppingConfig.min_delta", 'Nearest: "minDelta".'],
    [
      { hooks: { hookClasses: [{ hook: TrainerHooks, name: "a" }] } },
      "hooks.hookClasses[0].name",
      "Available: hook, key, config.",
    ],
    [{ constructor: 1 }, "constructor", 'There is no key "constructor" here.'],
  ])("%j", (config, path, message) => {
    const error = refusal({ maxEpochs: 1, ...config });
    expect(error.code).toBe("ERR_CONFIG");
    expect(error.path).toBe(path);
    expect(error.message).toContain(message);
  });

  test.each([
    '{"__proto__":{"a":1}}',
    '{"metrics":{"directions":{"__proto__":"max"}}}',
    '{"hooks":{"hookConfigs":{"a":{"__proto__":1}}}}',
  ])("%s is refused and changes no prototype", (json) => {
    const error = refusal(JSON.parse(`{"maxEpochs":1,${json.slice(1)}`));
    expect(error.code).toBe("ERR_CONFIG");
    expect(error.message).toContain("__proto__");
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("parts that are not built", () => {
  test.each(refusedByName())("$path $value", ({ path, value }) => {
    const keys = path.split(".");
    const inList = path === "logging.compositeLoggers";
    const given = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), inList ? [value] : (value ?? true));
    const error = refusal({ maxEpochs: 1, ...(given as object) });
    expect(error.code).toBe("ERR_NOT_BUILT");
    expect(error.path).toBe(inList ? `${path}[0]` : path);
    expect(error.message).toContain("is not part of this version");
    expect(error.message).toContain("What exists now:");
    expect(error.message).toContain(`"${path}"`);
  });
});

test("one error lists every problem, sorted, the parts that are not built first", () => {
  const error = refusal({
    seed: "x",
    maxEpoch: 1,
    logging: { wandbProject: "p", logEveryNSteps: 0 },
    journal: { mode: "off" },
  });
  expect(error.code).toBe("ERR_NOT_BUILT");
  expect(error.path).toBe("journal");
  expect(error.message.match(/^ {2}at .*$/gm)).toEqual([
    "  at logging.wandbProject",
    "  at logging.logEveryNSteps",
    "  at maxEpoch",
    "  at seed",
  ]);
  expect(error.message).toContain("4 more problems in this config:");
});

test("a value that may be secret is not shown", () => {
  class Holder {
    token = "hunter2";
  }
  expect(refusal({ maxEpochs: 1, runsDir: { url: "https://me:hunter2@host" } }).message).not.toContain("hunter2");
  expect(refusal({ maxEpochs: 1, runsDir: { token: "hunter2" } }).message).not.toContain("hunter2");
  expect(refusal({ maxEpochs: 1, runsDir: new Holder() }).message).not.toContain("hunter2");
});

describe("environment", () => {
  const runsDir = (config: GenericTrainerConfig, env: Record<string, string>): string => resolveConfig(config, { env }).runsDir;

  test("fills what config leaves out, and config wins", () => {
    expect(runsDir({ maxEpochs: 1 }, { TRAINSCOPE_LOG_DIR: "/data" })).toBe("/data");
    expect(runsDir({ maxEpochs: 1, runsDir: undefined }, { TRAINSCOPE_LOG_DIR: "/data" })).toBe("/data");
    expect(runsDir({ maxEpochs: 1, runsDir: "mine" }, { TRAINSCOPE_LOG_DIR: "/data" })).toBe("mine");
    expect(runsDir({ maxEpochs: 1 }, { TRAINSCOPE_LOG_DIR: "" })).toBe("runs");
  });

  test("fills keys of sections, also those that are left out", () => {
    const env = { TRAINSCOPE_CHECKPOINT_DIR: "/checkpoints", TRAINSCOPE_TENSORBOARD_DIR: "/events" };
    const filled = resolveConfig({ maxEpochs: 1, logging: { logEveryNSteps: 7 } }, { env });
    expect(filled.logging).toMatchObject({ tensorboardDir: "/events", logEveryNSteps: 7 });
    expect(filled.hooks.modelCheckpointConfig).toMatchObject({ rootDir: "/checkpoints" });
    const own = resolveConfig({ maxEpochs: 1, hooks: { modelCheckpointConfig: { dir: "mine" } } }, { env });
    expect(own.hooks.modelCheckpointConfig).toMatchObject({ dir: "mine" });
    expect(own.hooks.modelCheckpointConfig.rootDir).toBeUndefined();
    expect(refusal({ maxEpochs: 1, hooks: { modelCheckpointConfig: { dir: "a", rootDir: "b" } } }).path).toBe(
      "hooks.modelCheckpointConfig.rootDir",
    );
  });

  test("variables of parts that are not built are no error", () => {
    const env = {
      TRAINSCOPE_MLFLOW_URI: "m",
      WANDB_MODE: "offline",
      MLFLOW_TRACKING_URI: "x",
      NO_COLOR: "1",
    };
    expect(runsDir({ maxEpochs: 1 }, env)).toBe("runs");
  });

  test("the config that was given is not changed", () => {
    const config = Object.freeze({ maxEpochs: 1, hooks: Object.freeze({}) });
    resolveConfig(config, { env: { TRAINSCOPE_LOG_DIR: "/data" } });
    expect(config).toEqual({ maxEpochs: 1, hooks: {} });
  });
});

test("instances come out as the same objects, and are not frozen", () => {
  const backend: LoggerBackend = { name: "memory", logMetrics: () => undefined };
  const group: ProcessGroup = {
    rank: 0,
    worldSize: 1,
    allReduce: (values) => values,
    broadcast: (bytes) => bytes,
    gather: (bytes) => [bytes],
    barrier: () => undefined,
    close: () => undefined,
  };
  class Own extends TrainerHooks {}
  const settings = { nested: new Map([["a", 1]]) };
  const config = resolveConfig(
    {
      maxEpochs: 1,
      logging: { loggers: [backend] },
      ranks: { group },
      hooks: { hookClasses: [Own, { hook: TrainerHooks, config: settings }], hookConfigs: { Own: settings } },
    },
    { env: {} },
  );
  expect(config.logging.loggers[0]).toBe(backend);
  expect(config.ranks.group).toBe(group);
  expect(config.hooks.hookClasses[0]).toBe(Own);
  expect((config.hooks.hookClasses[1] as { config: unknown }).config).toBe(settings);
  expect(config.hooks.hookConfigs["Own"]).toBe(settings);
  expect(Object.isFrozen(backend) || Object.isFrozen(group) || Object.isFrozen(settings)).toBe(false);
});

test.each([
  [{}, ["console"]],
  [{ loggerType: "none" }, []],
  [{ loggerType: "composite" }, ["console"]],
  [{ loggerType: "composite", compositeLoggers: [] }, []],
  [{ loggerType: "composite", compositeLoggers: ["console"] }, ["console"]],
] as const)("the loggers of %j", (logging, names) => {
  expect(activeLoggers(resolveConfig({ maxEpochs: 1, logging }, { env: {} }).logging)).toEqual(names);
});

test("one part alone is checked by parseConfig, with its own path", () => {
  expect(parseConfig(EarlyStoppingConfig, { patience: 3 })).toMatchObject({ patience: 3, monitor: "val/loss" });
  expect(parseConfig(SystemMetricsConfig, undefined).intervalSteps).toBe(10);
  const error = thrownBy(() => parseConfig(EarlyStoppingConfig, { patience: 0 }, "hooks.earlyStoppingConfig"));
  expect(error.path).toBe("hooks.earlyStoppingConfig.patience");
  expect(thrownBy(() => parseConfig(EarlyStoppingConfig, { patients: 1 } as never)).message).toContain('Nearest: "patience".');
});

test.each([
  [{ environment: {} }, "env"],
  [{ Env: {} }, "env"],
])("resolveConfig refuses the options %j", (options, nearest) => {
  expect(() => resolveConfig({ maxEpochs: 1 }, options as never)).toThrow(nearest);
});

test.each([{ override: ["maxEpochs=3"] }, { environ: {} }])("loadConfig refuses the options %j", async (options) => {
  await expect(loadConfig("config.yaml", options as never)).rejects.toThrow("Available: overrides, env, cwd.");
});
