import { expect, test } from "vitest";
import { placeOf } from "./layout.js";

test.each([
  { name: "train/loss_step", splits: ["train", "loss_step"], loaders: ["train", "loss_step"] },
  { name: "train/f1_step", splits: ["train", "f1_step"], loaders: ["train", "f1_step"] },
  { name: "train/digits/loss_step", splits: ["train", "digits/loss_step"], loaders: ["train/digits", "loss_step"] },
  { name: "epoch/train_loss", splits: ["train", "epoch/loss"], loaders: ["train", "epoch/loss"] },
  { name: "epoch/val_loss", splits: ["validation", "epoch/loss"], loaders: ["validation", "epoch/loss"] },
  { name: "epoch/val_top/5", splits: ["validation", "epoch/top/5"], loaders: ["validation", "epoch/top/5"] },
  { name: "epoch/digits/val_f1", splits: ["validation", "epoch/digits/f1"], loaders: ["validation/digits", "epoch/f1"] },
  { name: "epoch/a/b/train_f1", splits: ["train", "epoch/a/b/f1"], loaders: ["train/a/b", "epoch/f1"] },
  { name: "epoch/../val_f1", splits: ["validation", "epoch/../f1"], loaders: ["validation/_", "epoch/f1"] },
  { name: "epoch/duration_seconds", splits: [null, "epoch/duration_seconds"], loaders: [null, "epoch/duration_seconds"] },
  { name: "train/learning_rate", splits: [null, "train/learning_rate"], loaders: [null, "train/learning_rate"] },
  { name: "train/batch_time_seconds", splits: [null, "train/batch_time_seconds"], loaders: [null, "train/batch_time_seconds"] },
  { name: "my/score", splits: [null, "my/score"], loaders: [null, "my/score"] },
] as const)("$name", ({ name, splits, loaders }) => {
  expect(placeOf(name, "one")).toEqual({ child: null, tag: name });
  expect(placeOf(name, "phases")).toEqual({ child: splits[0], tag: splits[1] });
  expect(placeOf(name, "loaders")).toEqual({ child: loaders[0], tag: loaders[1] });
});
