import { expect, test } from "vitest";
import { directionOf } from "./metric-direction.js";

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
