import { expect, test } from "vitest";
import { better, directionOf, missingMode } from "./direction.js";

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

test("a mode is missing only where the name or a declaration says max", () => {
  expect(missingMode("val/loss")).toBeNull();
  expect(missingMode("val/reward")).toBeNull();
  expect(missingMode("val/reward", { reward: "max" })).toMatch(/"val\/reward".*mode: "max"/s);
  expect(missingMode("val/accuracy", { accuracy: "min" })).toBeNull();
});

test.each([
  "accuracy",
  "val/accuracy",
  "val_accuracy",
  "val/digits/acc",
  "f1_macro",
  "val/f1",
  "F1Score",
  "top5_accuracy",
  "top1Acc",
  "valAuc",
  "AUC",
  "auroc",
  "precision@5",
  "recall.weighted",
  "bleu4",
  "sparse_categorical_accuracy",
  "binaryAccuracy",
])("%s looks as if higher were better", (monitor) => expect(directionOf(monitor)).toBe("max"));

test.each([
  "val/loss",
  "val_loss",
  "accuracy/loss",
  "accuracy_loss",
  "f1Error",
  "val/acceleration",
  "accumulated",
  "faucet",
  "f10",
  "perplexity",
  "recalled",
  "latency",
])("%s does not", (monitor) => expect(directionOf(monitor)).not.toBe("max"));

test.each([
  ["val/digits/reward", { reward: "max" }, "max"],
  ["val/reward", { reward: "max", "val/reward": "min" }, "min"],
  ["val_reward", { reward: "max" }, "max"],
  ["val_reward", { "val/reward": "min" }, "min"],
  ["val/digits/reward", { "digits/reward": "min", reward: "max" }, "min"],
  ["val/loss", { reward: "max" }, "min"],
  ["constructor", {}, null],
] as const)("%s in %j is %s", (monitor, directions, mode) => {
  expect(directionOf(monitor, directions)).toBe(mode);
});
