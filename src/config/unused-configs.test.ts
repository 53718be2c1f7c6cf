import { expect, test } from "vitest";
import { parse } from "yaml";
import type { GenericTrainerConfig } from "../contract/index.js";
import { configYaml, resolveConfig } from "./index.js";
import { unusedHookConfigs } from "./unused-configs.js";

const unused = (hooks: GenericTrainerConfig["hooks"], requestsCheckpoints = false): string[] => {
  const given: GenericTrainerConfig = { maxEpochs: 1, hooks };
  return unusedHookConfigs(given, resolveConfig(given, { env: {} }), { requestsCheckpoints });
};

test("a config whose hook is not enabled is named with its switch", () => {
  expect(unused({ earlyStoppingConfig: { patience: 3 }, metricTrackerConfig: { window: 5 } })).toEqual([
    expect.stringMatching(/^hooks\.metricTrackerConfig is given, but hooks\.enableMetricTracker is not true/),
    expect.stringMatching(/^hooks\.earlyStoppingConfig is given[^]*Set hooks\.enableEarlyStoppingHook: true/),
  ]);
  expect(unused({ earlyStoppingConfig: { patience: 3 }, enableEarlyStoppingHook: true })).toEqual([]);
  expect(unused({ earlyStoppingConfig: { patience: 10 } })).toEqual([]); // its default
});

test("one of checkpoints counts only where no hook of the user's may request them", () => {
  const config = { modelCheckpointConfig: { saveTopK: -1 } };
  expect(unused(config)).toEqual([expect.stringContaining("hooks.enableModelCheckpointHook is not true")]);
  expect(unused(config, true)).toEqual([]);
});

test("a config with all defaults written out, as in config.yaml, has none", async () => {
  const file = parse(await configYaml(resolveConfig({ maxEpochs: 1 }, { env: {} }))) as GenericTrainerConfig;
  expect(Object.keys(file.hooks ?? {}).length).toBeGreaterThan(20);
  expect(unusedHookConfigs(file, resolveConfig(file, { env: {} }), { requestsCheckpoints: false })).toEqual([]);
});
