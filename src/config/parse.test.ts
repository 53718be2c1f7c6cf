import { describe, expect, test } from "vitest";
import {
  DivergenceWarningConfig,
  EarlyStoppingConfig,
  GradientMonitorConfig,
  LearningRateScheduleConfig,
  MetricTrackerConfig,
  parseConfig,
  ReduceLROnPlateauConfig,
  RisingLossWarningConfig,
  TerminateOnNaNConfig,
} from "./index.js";

describe("a part's own config", () => {
  test("comes out whole, also when nothing is given", () => {
    const rule = { monitor: "val/loss", mode: "min", patience: 10, minDelta: 0, checkFinite: true, startFromEpoch: 0 };
    expect(parseConfig(EarlyStoppingConfig, undefined)).toEqual({ ...rule, restoreBest: false });
    expect(parseConfig(ReduceLROnPlateauConfig, {})).toEqual({
      monitor: "val/loss",
      mode: "min",
      factor: 0.1,
      patience: 10,
      minDelta: 1e-4,
      cooldown: 0,
      minLr: 0,
    });
  });

  test.each<[schema: Parameters<typeof parseConfig>[0], given: object, key: string]>([
    [EarlyStoppingConfig, { patience: 0 }, "patience"],
    [EarlyStoppingConfig, { patience: 1.5 }, "patience"],
    [EarlyStoppingConfig, { patience: NaN }, "patience"],
    [EarlyStoppingConfig, { minDelta: -0.1 }, "minDelta"],
    [EarlyStoppingConfig, { minDelta: NaN }, "minDelta"],
    [EarlyStoppingConfig, { minDelta: "1 %" }, "minDelta"],
    [EarlyStoppingConfig, { minDelta: {} }, "minDelta.relative"],
    [EarlyStoppingConfig, { minDelta: { relative: 1 } }, "minDelta.relative"],
    [EarlyStoppingConfig, { minDelta: { relative: -0.1 } }, "minDelta.relative"],
    [ReduceLROnPlateauConfig, { minDelta: { relativ: 0.1 } }, "minDelta.relativ"],
    [EarlyStoppingConfig, { baseline: NaN }, "baseline"],
    [EarlyStoppingConfig, { startFromEpoch: -1 }, "startFromEpoch"],
    [EarlyStoppingConfig, { patiense: 3 }, "patiense"],
    [ReduceLROnPlateauConfig, { factor: 1 }, "factor"],
    [ReduceLROnPlateauConfig, { factor: 0 }, "factor"],
    [ReduceLROnPlateauConfig, { patience: 0 }, "patience"],
    [ReduceLROnPlateauConfig, { minDelta: -1 }, "minDelta"],
    [ReduceLROnPlateauConfig, { cooldown: -1 }, "cooldown"],
    [ReduceLROnPlateauConfig, { cooldown: 0.5 }, "cooldown"],
    [ReduceLROnPlateauConfig, { minLr: -1 }, "minLr"],
    [LearningRateScheduleConfig, { kind: "step" }, "stepSize"],
    [LearningRateScheduleConfig, { kind: "oneCycle" }, "maxLr"],
    [LearningRateScheduleConfig, { kind: "oneCycle", maxLr: 1, minLr: 2 }, "minLr"],
    [LearningRateScheduleConfig, { warmupSteps: -1 }, "warmupSteps"],
    [LearningRateScheduleConfig, { gamma: 0 }, "gamma"],
    [LearningRateScheduleConfig, { minLr: -1 }, "minLr"],
    [LearningRateScheduleConfig, { pctStart: 1 }, "pctStart"],
    [LearningRateScheduleConfig, { kind: "cosine", totalSteps: 5, warmupSteps: 5 }, "warmupSteps"],
    [DivergenceWarningConfig, { window: 1 }, "window"],
    [RisingLossWarningConfig, { minSlope: -1 }, "minSlope"],
    [MetricTrackerConfig, { window: 1 }, "window"],
    [GradientMonitorConfig, { logFrequency: 0 }, "logFrequency"],
    [TerminateOnNaNConfig, { check: "always" }, "check"],
    [TerminateOnNaNConfig, { dumpBatch: true }, "dumpBatch"],
  ])("%#: %j is refused at its key", (schema, given, key) => {
    expect(() => parseConfig(schema, given, "at.home")).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path: `at.home.${key}` }),
    );
  });

  test("a misspelt key names the nearest", () => {
    expect(() => parseConfig(EarlyStoppingConfig, { patiense: 3 } as object)).toThrow(/no key "patiense".*Nearest: "patience"/s);
  });

  test.each(["val/f1", "val/auc", "val/top5_accuracy"])("the mode of %s must be given", (monitor) => {
    expect(() => parseConfig(EarlyStoppingConfig, { monitor }, "es")).toThrow(
      expect.objectContaining({ code: "ERR_MODE_REQUIRED", path: "es.mode" }),
    );
    expect(parseConfig(EarlyStoppingConfig, { monitor, mode: "max" }).mode).toBe("max");
  });

  test("what was parsed once can be parsed again", () => {
    const resolved = parseConfig(EarlyStoppingConfig, { monitor: "val/accuracy", mode: "max", patience: 2 });
    expect(parseConfig(EarlyStoppingConfig, resolved)).toEqual(resolved);
  });
});
