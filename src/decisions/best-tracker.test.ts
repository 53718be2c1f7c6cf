import { expect, test } from "vitest";
import { BestTracker } from "./best-tracker.js";

function fed(): BestTracker {
  const tracker = new BestTracker({ reward: "max" });
  tracker.update({ "val/loss": NaN, "val/accuracy": 0, "val/reward": -3, "train/learning_rate": 1 }, 10, 0);
  tracker.update({ "val/loss": 0.5, "val/accuracy": 0.9, "val/reward": -2 }, 20, 1);
  tracker.update({ "val/loss": 0.5, "val/accuracy": NaN, "val/reward": -5 }, 30, 2);
  tracker.update({ "val/loss": -Infinity, "val/accuracy": 0.8 }, 40, 3);
  return tracker;
}

const BEST = {
  "val/loss": { value: 0.5, step: 20, epoch: 1 },
  "val/accuracy": { value: 0.9, step: 20, epoch: 1 },
  "val/reward": { value: -2, step: 20, epoch: 1 },
};

test("keeps the first best of each metric whose direction is known", () => {
  expect(fed().best()).toEqual(BEST);
  expect(fed().get("val/loss")).toEqual(BEST["val/loss"]);
  expect(fed().get("train/learning_rate")).toBe(null);
});

test("a value of zero is a value", () => {
  const tracker = new BestTracker();
  tracker.update({ loss: 1, accuracy: -0.5 }, 1, 0);
  tracker.update({ loss: 0, accuracy: 0 }, 2, 0);
  expect(tracker.best()).toEqual({ loss: { value: 0, step: 2, epoch: 0 }, accuracy: { value: 0, step: 2, epoch: 0 } });
});

test("state goes round, and anything else is refused before it changes something", () => {
  const tracker = new BestTracker();
  tracker.loadState(structuredClone(fed().state()));
  expect(tracker.best()).toEqual(BEST);
  expect(() => tracker.loadState({ "val/loss": { value: "0.5", step: 1, epoch: 0 } })).toThrow(/ERR_STATE/);
  for (const state of [null, [], 5, "best"]) expect(() => tracker.loadState(state)).toThrow(/ERR_STATE/);
  expect(tracker.best()).toEqual(BEST);
});

test("what is handed out is a copy", () => {
  const tracker = fed();
  const best = tracker.best()["val/loss"];
  if (best !== undefined) best.value = 99;
  expect(tracker.best()).toEqual(BEST);
});
