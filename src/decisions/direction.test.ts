import { expect, test } from "vitest";
import { better, directionOf, modeFor } from "./direction.js";

test.each([
  ["min", 1, 2, true],
  ["min", 2, 1, false],
  ["min", 1, 1, false],
  ["max", -1, -2, true],
  ["max", -2, -1, false],
  ["min", NaN, 1, false],
  ["min", 1, NaN, false],
  ["min", -Infinity, 1, false],
  ["max", Infinity, 1, false],
  ["max", 0, -1, true],
] as const)("better(%s, %d, %d) is %s", (mode, a, b, expected) => {
  expect(better(mode, a, b)).toBe(expected);
});

test.each([
  ["loss", "min"],
  ["val/loss", "min"],
  ["val/digits/loss", "min"],
  ["val_loss", "min"],
  ["train/reconstruction_loss", "min"],
  ["meanSquaredError", "min"],
  ["val/mae", "min"],
  ["val/rmse", "min"],
  ["perplexity", "min"],
  ["val/auc_error", "min"],
  ["accuracy", "max"],
  ["val/acc", "max"],
  ["categoricalAccuracy", "max"],
  ["top5_accuracy", "max"],
  ["val/f1", "max"],
  ["f1_macro", "max"],
  ["F1Score", "max"],
  ["roc_auc", "max"],
  ["auc@0.5", "max"],
  ["bleu4", "max"],
  ["val/precision", "max"],
  ["recall_at_10", "max"],
  ["train/learning_rate", null],
  ["throughput/samples_per_second", null],
  ["system/cpu_percent", null],
  ["reward", null],
  ["accelerator", null],
  ["glossy", null],
  ["accuracy_loss_ratio", null],
  ["", null],
] as const)("directionOf(%j) is %s", (name, expected) => {
  expect(directionOf(name)).toBe(expected);
});

test("declared directions come first, by the whole name or a part after a slash", () => {
  const directions = { reward: "max", "val/loss": "max", "acc/top1": "min" } as const;
  expect(directionOf("val/a/reward", directions)).toBe("max");
  expect(directionOf("val/loss", directions)).toBe("max");
  expect(directionOf("train/loss", directions)).toBe("min");
  expect(directionOf("val/digits/acc/top1", directions)).toBe("min");
  expect(directionOf("constructor", directions)).toBe(null);
});

test("modeFor asks only when the name or a declaration says max", () => {
  expect(modeFor("val/loss", undefined, "p")).toBe("min");
  expect(modeFor("val/reward", undefined, "p")).toBe("min");
  expect(modeFor("val/accuracy", "min", "p")).toBe("min");
  expect(() => modeFor("val/reward", undefined, "p", { reward: "max" })).toThrow(
    /ERR_MODE_REQUIRED at p\s+"val\/reward".*mode: "max"/s,
  );
  expect(modeFor("val/accuracy", undefined, "p", { accuracy: "min" })).toBe("min");
});
