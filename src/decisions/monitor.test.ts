import { expect, test } from "vitest";
import { resolveMonitor } from "./monitor.js";

test.each([
  ["val/loss", ["train/loss", "val/loss"], "val/loss"],
  ["val_loss", ["train/loss", "val/loss"], "val/loss"],
  ["train_loss", ["train/loss", "val/loss"], "train/loss"],
  ["val_f1_macro", ["val/f1_macro"], "val/f1_macro"],
  ["val_digits/loss", ["val/digits/loss"], "val/digits/loss"],
  ["val_loss", ["val_loss", "val/loss"], "val_loss"],
  ["loss", ["train/loss"], null],
  ["val_loss", ["train/loss"], null],
  ["val_", ["val/"], null],
  ["toString", [], null],
] as const)("%s among %j is %s", (name, available, expected) => {
  expect(resolveMonitor(name, available)).toBe(expected);
  expect(resolveMonitor(name, Object.fromEntries(available.map((key) => [key, 0])))).toBe(expected);
});
