import { expect, test } from "vitest";
import { GenericTrainer } from "../../src/index.js";
import { AsyncLinearModel, LinearModel, linearBatches, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();

test.each([
  { kind: "linear", async: false, learningRate: 0.3 },
  { kind: "linear", async: true, learningRate: 0.3 },
  { kind: "logistic", async: false, learningRate: 2 },
  { kind: "logistic", async: true, learningRate: 2 },
] as const)("$kind regression (async: $async) finds what its data was made of", async ({ kind, async, learningRate }) => {
  const options = { width: 2, kind, learningRate };
  const model = async ? new AsyncLinearModel(options) : new LinearModel(options);
  const inner = model instanceof AsyncLinearModel ? model.inner : model;
  const trainer = new GenericTrainer<Rows>({ maxEpochs: 60, runsDir, logging: { loggerType: "none" } }, model, inner.optimizer);
  const result = await trainer.fit({
    train: linearBatches(20, 16, { kind }),
    validation: linearBatches(10, 16, { kind, seed: 5 }),
  });
  const [a = 0, b = 0, bias = 0] = inner.weights;
  if (kind === "linear") {
    // y = 2a - b + 0.5
    expect([a, b, bias].map((weight) => Number(weight.toFixed(3)))).toEqual([2, -1, 0.5]);
    expect(result.metrics["val/loss"]).toBeLessThan(1e-6);
  } else {
    // 2a - b + 0.1 > 0
    expect(result.metrics["val/accuracy"]).toBeGreaterThan(0.97);
    expect([b / a, bias / a].every((ratio, i) => Math.abs(ratio - [-0.5, 0.05][i]!) < 0.1)).toBe(true);
  }
});
