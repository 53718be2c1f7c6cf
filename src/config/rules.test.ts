import { describe, expect, test } from "vitest";
import { refusal } from "../../tests/config/refusal.js";
import type { GenericTrainerConfig, LearningRateScheduleConfig } from "../contract/index.js";
import { TrainerHooks } from "../hooks/trainer-hooks.js";
import { resolveConfig } from "./index.js";

const WATCHED = { enableEarlyStoppingHook: true } as const;

/** True when the config is resolved; throws what is wrong with it otherwise. */
function accepted(config: GenericTrainerConfig): boolean {
  return resolveConfig(config, { env: {} }).trainLoaderConfig !== undefined;
}

describe("what must hold between keys", () => {
  test.each<[config: GenericTrainerConfig, path: string, message: string]>([
    [{}, "maxEpochs", "Neither maxEpochs nor maxSteps is given"],
    [{ maxEpochs: 2, minEpochs: 3 }, "minEpochs", "above maxEpochs (2)"],
    [{ maxSteps: 2, minSteps: 3 }, "minSteps", "above maxSteps (2)"],
    [{ maxEpochs: 1, logging: { compositeLoggers: ["console"] } }, "logging.compositeLoggers", 'Set loggerType: "composite"'],
    [
      { maxEpochs: 1, logging: { loggerType: "composite", compositeLoggers: ["console", "console"] } },
      "logging.compositeLoggers[1]",
      "a second time",
    ],
    [{ maxEpochs: 1, system: { intervalSteps: 1, intervalSeconds: 2 } }, "system.intervalSeconds", "both given"],
    [
      { maxEpochs: 1, validation: { earlyStoppingSource: "hook" } },
      "validation.earlyStoppingSource",
      "enableEarlyStoppingHook is false",
    ],
    [
      { maxEpochs: 1, validation: { earlyStoppingSource: "legacy" } },
      "validation.earlyStoppingSource",
      "earlyStoppingPatience is not given",
    ],
    [
      { maxEpochs: 1, hooks: { enableReduceLROnPlateau: true, enableLearningRateSchedule: true } },
      "hooks.enableReduceLROnPlateau",
      "both set the learning rate",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "step" } } },
      "hooks.learningRateScheduleConfig.stepSize",
      "needs stepSize",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "oneCycle" } } },
      "hooks.learningRateScheduleConfig.maxLr",
      "needs maxLr",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "oneCycle", maxLr: 0.1, minLr: 1 } } },
      "hooks.learningRateScheduleConfig.minLr",
      "above maxLr",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "cosine", totalSteps: 10, warmupSteps: 10 } } },
      "hooks.learningRateScheduleConfig.warmupSteps",
      "below totalSteps (10)",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "oneCycle", minLr: 2, maxLr: 1 } } },
      "hooks.learningRateScheduleConfig.minLr",
      "Lower minLr or raise maxLr.",
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "cosine", stepSize: 2 } } },
      "hooks.learningRateScheduleConfig.stepSize",
      'Only kind "step" or "exponential" uses it, and kind is "cosine"',
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { totalSteps: 10 } } },
      "hooks.learningRateScheduleConfig.totalSteps",
      'Only kind "exponential", "linear", "polynomial", "cosine", "cosineRestarts", "oneCycle" or "function" uses it, and kind is "constant"',
    ],
    [
      { maxEpochs: 1, hooks: { learningRateScheduleConfig: { kind: "step", stepSize: 2, minLr: 0.1 } } },
      "hooks.learningRateScheduleConfig.minLr",
      "or leave minLr out.",
    ],
    [
      { maxEpochs: 3, hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { startFromEpoch: 3 } } },
      "hooks.earlyStoppingConfig.startFromEpoch",
      "the last of maxEpochs (3) is epoch 2",
    ],
    [
      { maxEpochs: 1, trainLoaderConfig: { dataloaderWeights: [0.7, 0.3] } },
      "trainLoaderConfig.dataloaderWeights",
      'samplingStrategy is "sequential". Set samplingStrategy: "weighted", or leave dataloaderWeights out.',
    ],
    [
      { maxEpochs: 1, trainLoaderConfig: { samplingStrategy: "weighted", blockSize: 2 } },
      "trainLoaderConfig.blockSize",
      'Only "alternating" uses it',
    ],
    [
      { maxEpochs: 1, hooks: { hookClasses: [TrainerHooks], hookConfigs: { TrainerHook: {} } } },
      "hooks.hookConfigs.TrainerHook",
      "TrainerHooks",
    ],
    [
      { maxEpochs: 1, hooks: { hookClasses: [TrainerHooks, { hook: TrainerHooks }], hookConfigs: { TrainerHooks: {} } } },
      "hooks.hookConfigs.TrainerHooks",
      "2 hooks",
    ],
  ])("%j", (config, path, message) => {
    const error = refusal(config);
    expect(error.code).toBe("ERR_CONFIG");
    expect(error.path).toBe(path);
    expect(error.message).toContain(message);
  });

  test("what fits together is accepted", () => {
    expect(accepted({ maxSteps: 10, minSteps: 10 })).toBe(true);
    expect(accepted({ maxEpochs: 3, minEpochs: 3, maxSteps: 10 })).toBe(true);
    expect(accepted({ maxEpochs: 1, hooks: WATCHED, validation: { earlyStoppingSource: "hook" } })).toBe(true);
    expect(accepted({ maxEpochs: 1, earlyStoppingPatience: 1, validation: { earlyStoppingSource: "legacy" } })).toBe(true);
    expect(accepted({ maxEpochs: 1, hooks: { hookClasses: ["./a.js#Own"], hookConfigs: { Own: {} } } })).toBe(true);
    expect(
      accepted({
        maxEpochs: 1,
        trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: { clean: 0, shifted: 1 } },
      }),
    ).toBe(true);
    expect(accepted({ maxEpochs: 1, runName: "Größe 3 (v2)" })).toBe(true);
  });
});

describe("mode", () => {
  test.each<[name: string, config: GenericTrainerConfig, path: string]>([
    ["hook", { hooks: { ...WATCHED, earlyStoppingConfig: { monitor: "val/accuracy" } } }, "hooks.earlyStoppingConfig.mode"],
    ["legacy", { earlyStoppingPatience: 2, earlyStoppingMetric: "val_f1" }, "earlyStoppingMode"],
    [
      "reduce on plateau",
      { hooks: { enableReduceLROnPlateau: true, reduceLROnPlateauConfig: { monitor: "val/auc" } } },
      "hooks.reduceLROnPlateauConfig.mode",
    ],
    [
      "plateau warning",
      { hooks: { enablePlateauWarning: true, plateauWarningConfig: { monitor: "val/recall" } } },
      "hooks.plateauWarningConfig.mode",
    ],
    [
      "divergence warning",
      { hooks: { enableDivergenceWarning: true, divergenceWarningConfig: { monitor: "val/bleu" } } },
      "hooks.divergenceWarningConfig.mode",
    ],
    [
      "a declared direction",
      { hooks: { ...WATCHED, earlyStoppingConfig: { monitor: "val/reward" } }, metrics: { directions: { reward: "max" } } },
      "hooks.earlyStoppingConfig.mode",
    ],
  ])("is asked for: %s", (_name, config, path) => {
    const error = refusal({ maxEpochs: 1, ...config });
    expect(error.code).toBe("ERR_MODE_REQUIRED");
    expect(error.path).toBe(path);
    expect(error.message).toMatch(/: "max"/);
  });

  test.each<[name: string, config: GenericTrainerConfig]>([
    ["given", { hooks: { ...WATCHED, earlyStoppingConfig: { monitor: "val/accuracy", mode: "max" } } }],
    [
      "given against the declared direction",
      { hooks: { ...WATCHED, earlyStoppingConfig: { mode: "min" } }, metrics: { directions: { loss: "max" } } },
    ],
    [
      "declared min",
      { hooks: { ...WATCHED, earlyStoppingConfig: { monitor: "val/acc" } }, metrics: { directions: { "val/acc": "min" } } },
    ],
    ["of a hook that is off", { hooks: { earlyStoppingConfig: { monitor: "val/accuracy" } } }],
    ["of a legacy that is off", { earlyStoppingMetric: "val_accuracy" }],
    [
      "of a legacy that is not asked",
      { earlyStoppingPatience: 1, earlyStoppingMetric: "val_acc", hooks: WATCHED, validation: { earlyStoppingSource: "hook" } },
    ],
    ["of a loss", { hooks: WATCHED }],
  ])("is not asked for: %s", (_name, config) => expect(accepted({ maxEpochs: 1, ...config })).toBe(true));
});

describe("resume", () => {
  test.each(["auto", "must"] as const)("%s needs a run's name", (resume) => {
    expect(refusal({ maxEpochs: 1, resume })).toMatchObject({ code: "ERR_CONFIG", path: "runName" });
    expect(accepted({ maxEpochs: 1, resume, runName: "mine" })).toBe(true);
  });

  test("checkpoints of several ranks are refused", () => {
    const group = {
      rank: 0,
      worldSize: 2,
      allReduce: () => new Float64Array(),
      broadcast: () => new Uint8Array(),
      gather: () => [],
      barrier() {},
      close() {},
    };
    expect(refusal({ maxEpochs: 1, ranks: { group }, hooks: { enableModelCheckpointHook: true } }).path).toBe(
      "hooks.enableModelCheckpointHook",
    );
    expect(refusal({ maxEpochs: 1, ranks: { group }, resume: "auto", runName: "mine" }).path).toBe("resume");
  });
});

describe("what belongs together in a schedule", () => {
  test.each<[LearningRateScheduleConfig, keyof LearningRateScheduleConfig, string]>([
    [{ kind: "milestones" }, "milestones", "the steps of the cuts"],
    [{ kind: "milestones", milestones: [5, 5] }, "milestones", "5 comes after 5. List the steps in rising order"],
    [{ kind: "milestones", milestones: [5, 3] }, "milestones", "3 comes after 5"],
    [{ kind: "milestones", milestones: [5], warmupSteps: 5 }, "milestones", "comes before the warm-up ends (5)"],
    [{ kind: "milestones", milestones: [] }, "milestones", "Allowed: a list"],
    [{ kind: "step", stepSize: 1, milestones: [5] }, "milestones", 'Only kind "milestones" uses it'],
    [{ kind: "cosineRestarts" }, "cycles", "needs cycles, how many there are in the run, or cycleSteps"],
    [{ kind: "cosineRestarts", cycles: 2, cycleSteps: 5 }, "cycleSteps", "Leave one out"],
    [{ kind: "cosineRestarts", cycleSteps: 5, totalSteps: 9 }, "totalSteps", "It is not used beside cycleSteps"],
    [{ kind: "exponential", stepSize: 5, totalSteps: 9 }, "totalSteps", "It is not used beside stepSize"],
    [{ kind: "linear", power: 2 }, "power", 'Only kind "polynomial" uses it, and kind is "linear"'],
    [{ kind: "cosine", cycleFactor: 2 }, "cycleFactor", 'Only kind "cosineRestarts" uses it'],
    [{ kind: "function" }, "rate", "(step, totalSteps, baseRate) => learning rate; only code can give it"],
    [{ kind: "function", rate: "[function rate]" as never }, "rate", "A text cannot be one: give it in code."],
    [{ kind: "cosine", rate: () => 1 }, "rate", 'Only kind "function" uses it'],
    [{ kind: "polynomal" as never }, "kind", 'Nearest: "polynomial"'],
  ])("%j", (config, key, message) => {
    const error = refusal({ maxEpochs: 1, hooks: { learningRateScheduleConfig: config } });
    expect(error.path).toBe(`hooks.learningRateScheduleConfig.${key}`);
    expect(error.message).toContain(message);
  });
});
