import { describe, expect, test } from "vitest";
import { refusal } from "../../tests/config/refusal.js";
import { testOptimizer } from "../../tests/support/test-view.js";
import { BUILT_IN_HOOKS, resolveConfig } from "../config/index.js";
import type { GenericTrainerConfig } from "../contract/index.js";
import { HOOK_LOADERS } from "./built-in/loaders.js";
import * as builtIn from "./built-in/index.js";
import { makeBuiltIns } from "./built-ins.js";
import { HookManager } from "./hook-manager.js";
import type { TrainerHooks } from "./trainer-hooks.js";

/** The keys of saved states. A checkpoint holds them: a name in this list is never changed. */
const KEYS = [
  "progressBar",
  "learningRateSchedule",
  "gradientMonitor",
  "modelGraph",
  "weightHistograms",
  "sampleImages",
  "predictionScatter",
  "confusionMatrix",
  "learningRateMonitor",
  "throughput",
  "systemMetrics",
  "metricTracker",
  "plateauWarning",
  "divergenceWarning",
  "risingLossWarning",
  "reduceLROnPlateau",
  "terminateOnNaN",
  "earlyStopping",
  "legacyEarlyStopping",
  "modelCheckpoint",
  "logging",
];

const everyHook = (): GenericTrainerConfig => ({
  maxEpochs: 1,
  earlyStoppingPatience: 3,
  system: { enabled: true },
  hooks: Object.fromEntries(
    BUILT_IN_HOOKS.flatMap(({ enableKey }) => (enableKey === null ? [] : [[enableKey, true]])),
  ) as GenericTrainerConfig["hooks"],
});

function managerOf(hooks: readonly TrainerHooks[]): HookManager {
  const manager = new HookManager();
  for (const hook of hooks) manager.add(hook, "built-in");
  return manager;
}

describe("the table of built-in hooks", () => {
  test("gives their order, and the fixed keys of their saved states", async () => {
    const config = resolveConfig(
      { ...everyHook(), hooks: { ...everyHook().hooks, enableReduceLROnPlateau: false } },
      { env: {} },
    );
    const hooks = await makeBuiltIns(config, [testOptimizer(0.1)]);
    const keys = managerOf(hooks)
      .describe()
      .map(({ key }) => key);
    expect(keys).toEqual(KEYS.filter((key) => key !== "reduceLROnPlateau")); // it excludes the schedule
    expect(BUILT_IN_HOOKS.map(({ name }) => name)).toEqual(KEYS);
  });

  test("has a line for every class below built-in/, and a class for every line", () => {
    const classes = Object.keys(HOOK_LOADERS).sort();
    expect([...new Set(BUILT_IN_HOOKS.map(({ className }) => className))].sort()).toEqual(classes);
    expect(
      Object.keys(builtIn)
        .map((name) => name.replace(/Hook$/, "").toLowerCase())
        .sort(),
    ).toEqual(classes.map((name) => name.toLowerCase()).sort());
  });

  test("makes none of those that are off", async () => {
    const config = resolveConfig({ maxEpochs: 1, hooks: { enableLoggingHook: false } }, { env: {} });
    expect(await makeBuiltIns(config, [])).toEqual([]);
  });
});

describe("a hook made by hand", () => {
  const configured = BUILT_IN_HOOKS.filter(({ configKey }) => configKey !== null);

  test.each(configured)("$name refuses a misspelt key as the config does", async ({ className, configKey }) => {
    const Hook = (await HOOK_LOADERS[className]?.()) as unknown as new (config: unknown) => unknown;
    const misspelt = { monitorr: "val/loss" };
    const inConfig = refusal({ maxEpochs: 1, hooks: { [String(configKey)]: misspelt } });
    expect(inConfig.path).toBe(`hooks.${configKey}.monitorr`);
    expect(() => new Hook(misspelt)).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG",
        path: inConfig.path,
        detail: expect.stringContaining('no key "monitorr"') as string,
      }),
    );
  });

  test.each<[make: () => unknown, path: string]>([
    [() => new builtIn.EarlyStoppingHook({}, { keyy: "mine" } as object), "options.keyy"],
    [() => new builtIn.ProgressBarHook({}, { streem: process.stderr } as object), "options.streem"],
    [() => new builtIn.ProgressBarHook({}, { stream: {} } as object), "options.stream"],
    [() => new builtIn.LearningRateMonitorHook({ optimizers: [] } as object), "learningRateMonitor.optimizers"],
  ])("%#: so do its options beside the config", (make, path) => {
    expect(make).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
  });

  test("two of a kind have keys of their own", () => {
    const manager = managerOf([new builtIn.PlateauWarningHook(), new builtIn.PlateauWarningHook({ patience: 2 })]);
    expect(Object.keys(manager.state())).toEqual(["plateauWarning", "plateauWarning#2"]);
  });
});
