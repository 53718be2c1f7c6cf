import { describe, expect, test } from "vitest";
import { thrownBy } from "../../tests/config/refusal.js";
import type { GenericTrainerConfig } from "../contract/index.js";
import { TrainerHooks } from "../hooks/trainer-hooks.js";
import type { TrainscopeError } from "../support/errors.js";
import { applyOverrides, resolveConfig } from "./index.js";

function refusal(overrides: readonly string[]): TrainscopeError {
  return thrownBy(() => applyOverrides({}, overrides));
}

test.each<[override: string, config: GenericTrainerConfig]>([
  ["maxEpochs=3", { maxEpochs: 3 }],
  ["seed=-4", { seed: -4 }],
  ["runName=123", { runName: "123" }],
  ["runName=true", { runName: "true" }],
  ["runName=a=b", { runName: "a=b" }],
  [" runName = spaced ", { runName: "spaced" }],
  ["logging.logEveryNSteps=10", { logging: { logEveryNSteps: 10 } }],
  ["logging.loggerType=none", { logging: { loggerType: "none" } }],
  ["logging.compositeLoggers=[]", { logging: { compositeLoggers: [] } }],
  ["logging.compositeLoggers=[console]", { logging: { compositeLoggers: ["console"] } }],
  ['logging.compositeLoggers=["console"]', { logging: { compositeLoggers: ["console"] } }],
  ["hooks.enableThroughput=true", { hooks: { enableThroughput: true } }],
  ["hooks.reduceLROnPlateauConfig.factor=.5", { hooks: { reduceLROnPlateauConfig: { factor: 0.5 } } }],
  ["hooks.earlyStoppingConfig.minDelta=1e-4", { hooks: { earlyStoppingConfig: { minDelta: 1e-4 } } }],
  ['hooks.earlyStoppingConfig={"patience":3}', { hooks: { earlyStoppingConfig: { patience: 3 } } }],
  [
    "hooks.gradientMonitorConfig.paramFilter=[1, encoder]",
    { hooks: { gradientMonitorConfig: { paramFilter: ["1", "encoder"] } } },
  ],
  ["hooks.gradientMonitorConfig.paramFilter=[1,2]", { hooks: { gradientMonitorConfig: { paramFilter: ["1", "2"] } } }],
  ["hooks.hookClasses=[./a.js#A, pkg/hooks#B]", { hooks: { hookClasses: ["./a.js#A", "pkg/hooks#B"] } }],
  ['hooks.hookClasses=[{"hook":"./a.js#A","key":"k"}]', { hooks: { hookClasses: [{ hook: "./a.js#A", key: "k" }] } }],
  ['hooks.hookConfigs.Own={"every":10}', { hooks: { hookConfigs: { Own: { every: 10 } } } }],
  ["hooks.hookConfigs.Own=text", { hooks: { hookConfigs: { Own: "text" } } }],
  ["metrics.directions.val/acc=max", { metrics: { directions: { "val/acc": "max" } } }],
  ["trainLoaderConfig.dataloaderWeights=[0.7,0.3]", { trainLoaderConfig: { dataloaderWeights: [0.7, 0.3] } }],
  ['trainLoaderConfig.dataloaderWeights={"a":1}', { trainLoaderConfig: { dataloaderWeights: { a: 1 } } }],
  ["trainLoaderConfig.dataloaderWeights.clean=0.7", { trainLoaderConfig: { dataloaderWeights: { clean: 0.7 } } }],
  ["trainLoaderConfig.dataloaderWeights.my.loader=1", { trainLoaderConfig: { dataloaderWeights: { "my.loader": 1 } } }],
])("%s", (override, config) => {
  expect(applyOverrides({}, [override])).toEqual(config);
});

test.each<[override: string, code: string, path: string | undefined, message: string]>([
  ["maxEpochs", "ERR_CONFIG", undefined, "An override is key=value"],
  ["=3", "ERR_CONFIG", undefined, "An override is key=value"],
  ["hooks..x=3", "ERR_CONFIG", undefined, "An override is key=value"],
  ["maxEpoch=3", "ERR_CONFIG", "maxEpoch", 'Nearest: "maxEpochs".'],
  ["logEveryNSteps=3", "ERR_CONFIG", "logEveryNSteps", "It exists at logging.logEveryNSteps."],
  ["logging.logEveryNStep=3", "ERR_CONFIG", "logging.logEveryNStep", 'Nearest: "logEveryNSteps".'],
  ["logging.logEveryNSteps=ten", "ERR_CONFIG", "logging.logEveryNSteps", 'Found "ten". Allowed: an integer of at least 1.'],
  ["logging.logEveryNSteps=", "ERR_CONFIG", "logging.logEveryNSteps", 'Found "".'],
  ["logging.logEveryNSteps=0x10", "ERR_CONFIG", "logging.logEveryNSteps", "Found"],
  ["hooks.enableThroughput=yes", "ERR_CONFIG", "hooks.enableThroughput", "Allowed: true, false."],
  ["logging.loggerType=consol", "ERR_CONFIG", "logging.loggerType", 'Nearest: "console".'],
  ["trainLoaderConfig.dataloaderWeights=0.7,0.3", "ERR_CONFIG", "trainLoaderConfig.dataloaderWeights", "a list of numbers"],
  ["seed.x=1", "ERR_CONFIG", "seed.x", "seed has no keys in it. Allowed: an integer."],
  ["hooks.hookClasses.0=./a.js#A", "ERR_CONFIG", 'hooks.hookClasses["0"]', "Set it as a whole: hooks.hookClasses=…"],
  ["hooks=3", "ERR_CONFIG", "hooks", "Allowed: an object."],
  ["logging.loggers=[]", "ERR_CONFIG", "logging.loggers", "Only code can give this."],
  ["ranks.group=x", "ERR_CONFIG", "ranks.group", "Only code can give this."],
  ["logging.wandbProject=p", "ERR_NOT_BUILT", "logging.wandbProject", "Weights & Biases is not part of this version"],
  ["logging.loggerType=mlflow", "ERR_NOT_BUILT", "logging.loggerType", "MLflow is not part of this version"],
  ["resume=sometimes", "ERR_CONFIG", "resume", '"never"'],
  ["journal.mode=off", "ERR_NOT_BUILT", "journal", "The journal is not part of this version"],
])("%s is refused", (override, code, path, message) => {
  expect(refusal([override])).toMatchObject({ code, path });
  expect(refusal([override]).message).toContain(message);
});

test.each([
  "__proto__.polluted=1",
  "constructor.prototype.polluted=1",
  "metrics.perMetric.__proto__=sum",
  "metrics.perMetric.constructor=sum",
  "hooks.hookConfigs.a.__proto__.polluted=1",
  "trainLoaderConfig.dataloaderWeights.__proto__=1",
])("%s is refused and changes no prototype", (override) => {
  expect(refusal([override]).code).toBe("ERR_CONFIG");
  expect(refusal([override]).message).toContain("is never allowed");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a value that hides a prototype key in JSON is refused when the config is resolved", () => {
  const config = applyOverrides({ maxEpochs: 1 }, ['hooks.hookConfigs.a={"__proto__":{"polluted":1}}']);
  expect(() => resolveConfig(config, { env: {} })).toThrow("is never allowed");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("an override of a key in a value that has no keys is refused: the value would be dropped", () => {
  const config = { trainLoaderConfig: { dataloaderWeights: [1, 2] } };
  expect(() => applyOverrides(config, ["trainLoaderConfig.dataloaderWeights.a=1"])).toThrow(
    expect.objectContaining({ code: "ERR_CONFIG", path: "trainLoaderConfig.dataloaderWeights" }),
  );
});

test("overrides are set in order, over what is there, and leave the rest alone", () => {
  class Own extends TrainerHooks {}
  const config: GenericTrainerConfig = {
    maxEpochs: 1,
    logging: { logEveryNSteps: 5, loggerType: "none" },
    hooks: { hookClasses: [Own] },
    trainLoaderConfig: { dataloaderWeights: { a: 1 } },
  };
  const before = structuredClone({ ...config, hooks: {} });
  const next = applyOverrides(config, [
    "logging.logEveryNSteps=6",
    "logging.logEveryNSteps=7",
    "trainLoaderConfig.dataloaderWeights.b=2",
  ]);
  expect(next.logging).toEqual({ logEveryNSteps: 7, loggerType: "none" });
  expect(next.trainLoaderConfig?.dataloaderWeights).toEqual({ a: 1, b: 2 });
  expect(next.hooks).toBe(config.hooks);
  expect({ ...config, hooks: {} }).toEqual(before);
});

test("every bad override is in one error, which quotes it without a value that may be secret", () => {
  const error = refusal(["seed=x", "nope=https://me:hunter2@host", "maxEpochs=y"]);
  expect(error.message).toContain("2 more problems");
  expect(error.message).toContain('In the override "seed=…".');
  expect(error.message).not.toContain("hunter2");
});

describe("hostile overrides take no longer than others", () => {
  const digits = "1".repeat(1_000_000);

  test.each([
    ["seed", `seed=${digits}`],
    ["seed", `seed=${digits}x`],
    ["seed", `seed=.${digits}e`],
    ["maxEpochs", `maxEpochs=${digits}`],
    ["trainLoaderConfig.dataloaderWeights", `trainLoaderConfig.dataloaderWeights=[${digits}x]`],
    ["a", `${"a.".repeat(100_000)}b=1`],
  ])("at %s", (path, override) => {
    const error = refusal([override]);
    expect(error).toMatchObject({ code: "ERR_CONFIG", path });
    expect(error.message.length).toBeLessThan(2000);
  });

  test("many of them", () => {
    const overrides = Array.from({ length: 5000 }, (_, i) => `metrics.directions.m${i}=max`);
    expect(Object.keys(applyOverrides({}, overrides).metrics?.directions ?? {})).toHaveLength(5000);
  });

  test.each(['{"a":', "["])("nested too deep: %s", (open) => {
    const value = `${open.repeat(20_000)}1${(open === "[" ? "]" : "}").repeat(20_000)}`;
    const config = applyOverrides({ maxEpochs: 1 }, [`hooks.hookConfigs.Own=${value}`]);
    expect(() => resolveConfig(config, { env: {} })).toThrow("It is nested more than 100 levels deep. Make it flatter.");
  });
});

test("an object of code is never changed by overrides, however many set keys in it", () => {
  const directions = { a: "max" } as const;
  const config: GenericTrainerConfig = { metrics: { directions } };
  const next = applyOverrides(config, [
    "metrics.directions.b=min",
    "metrics.directions.c=min",
    'metrics.directions={"d":"max"}',
    "metrics.directions.e=min",
  ]);
  expect(next.metrics?.directions).toEqual({ d: "max", e: "min" });
  expect(directions).toEqual({ a: "max" });
});
