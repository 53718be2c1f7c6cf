import { describe, expect, test } from "vitest";
import { GenericTrainer, type EarlyStoppingSource, type GenericTrainerConfig } from "../../src/index.js";
import { LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

interface Case {
  source?: EarlyStoppingSource;
  /** Patience of each mechanism that is configured. */
  hook?: number;
  legacy?: number;
  /** Epochs the run takes, and who stopped it. */
  epochs: number;
  by: "earlyStopping" | "legacyEarlyStopping" | null;
}

/** The loss of this model never changes, so that a patience of n stops the run after epoch n + 1. */
async function train({ source, hook, legacy }: Omit<Case, "epochs" | "by">): Promise<{ epochs: number; reason: string }> {
  const config: GenericTrainerConfig = {
    maxEpochs: 8,
    runsDir,
    logging: { loggerType: "none" },
    ...(source === undefined ? {} : { validation: { earlyStoppingSource: source } }),
    ...(hook === undefined ? {} : { hooks: { enableEarlyStoppingHook: true, earlyStoppingConfig: { patience: hook } } }),
    ...(legacy === undefined ? {} : { earlyStoppingPatience: legacy }),
  };
  const trainer = new GenericTrainer<Rows>(config, new LinearModel({ width: 2, learningRate: 0 }));
  return trainer.fit({ train: linearBatches(2, 4), validation: linearBatches(1, 4) });
}

describe("who may stop the run", () => {
  test.each<Case>([
    { epochs: 8, by: null },
    { hook: 2, epochs: 3, by: "earlyStopping" },
    { legacy: 2, epochs: 3, by: "legacyEarlyStopping" },
    { hook: 2, legacy: 4, epochs: 3, by: "earlyStopping" },
    { hook: 4, legacy: 2, epochs: 3, by: "legacyEarlyStopping" },
    { source: "both", hook: 4, legacy: 2, epochs: 3, by: "legacyEarlyStopping" },
    { source: "both", hook: 2, legacy: 2, epochs: 3, by: "earlyStopping" },
    { source: "hook", hook: 4, legacy: 2, epochs: 5, by: "earlyStopping" },
    { source: "legacy", hook: 2, legacy: 4, epochs: 5, by: "legacyEarlyStopping" },
    { source: "hook", hook: 1, epochs: 2, by: "earlyStopping" },
    { source: "legacy", legacy: 1, epochs: 2, by: "legacyEarlyStopping" },
  ])("source $source, hook $hook, legacy $legacy: $epochs epochs, by $by", async ({ epochs, by, ...mechanisms }) => {
    const result = await train(mechanisms);
    expect(result.epochs).toBe(epochs);
    if (by === null) expect(result.reason).toBe("maxEpochs 8 reached");
    else expect(result.reason.startsWith(`${by}: val`)).toBe(true);
  });

  test.each<Omit<Case, "epochs" | "by">>([
    { source: "hook" },
    { source: "hook", legacy: 2 },
    { source: "legacy" },
    { source: "legacy", hook: 2 },
  ])("source $source, hook $hook, legacy $legacy: an error, the mechanism is not configured", async (mechanisms) => {
    await expect(train(mechanisms)).rejects.toMatchObject({ code: "ERR_CONFIG", path: "validation.earlyStoppingSource" });
  });
});
