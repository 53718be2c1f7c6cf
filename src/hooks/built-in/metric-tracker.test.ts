import { expect, test } from "vitest";
import type { Measurement, TrainerView } from "../../contract/index.js";
import { MetricTrackerHook } from "./metric-tracker.js";
import { testView } from "../../../tests/support/test-view.js";

function tracked(config = {}): MetricTrackerHook {
  const { trainer, state } = testView({ config: { metrics: { directions: { reward: "max" } } } });
  const hook = new MetricTrackerHook(config);
  hook.onTrainStart(trainer);
  for (const [epoch, loss] of [4, 3, 9, 1].entries()) {
    state.step += 10;
    const stale = epoch > 0 ? { "val/loss": -1 } : {};
    hook.onTrainEpochEnd(trainer, epoch, { "train/loss": loss, "val/reward": 0, ...stale });
    hook.onValidationEnd(trainer, epoch, { "train/loss": -1, "val/loss": loss / 2, "val/reward": epoch === 2 ? NaN : epoch });
  }
  return hook;
}

test("history, best and robust slope, each value once", () => {
  const hook = tracked();
  expect(hook.names()).toEqual(["train/loss", "val/loss", "val/reward"]);
  expect(hook.history("val_loss").map(({ value }) => value)).toEqual([2, 1.5, 4.5, 0.5]);
  expect(hook.history("train/loss")[1]).toEqual({ value: 3, step: 20, epoch: 1 });
  expect(hook.best("train/loss")).toEqual({ value: 1, step: 40, epoch: 3 });
  expect(hook.best("val/reward")).toEqual({ value: 3, step: 40, epoch: 3 });
  expect(hook.slope("train/loss")).toBe(-1);
  expect(hook.slope("val/reward")).toBe(1);
});

test("the slope is that of the window", () => {
  expect(tracked({ window: 2 }).slope("train/loss")).toBe(-8);
});

test("a name that was never seen has nothing", () => {
  const hook = tracked();
  expect([hook.history("val/lossy"), hook.best("val/lossy"), hook.slope("val/lossy")]).toEqual([[], null, null]);
});

test("metrics chooses", () => {
  expect(tracked({ metrics: ["val_loss", "nothing"] }).names()).toEqual(["val/loss"]);
});

test("state goes round", () => {
  const hook = tracked();
  const again = new MetricTrackerHook();
  again.loadState(structuredClone(hook.state()));
  again.onTrainStart(testView().trainer);
  for (const name of hook.names()) {
    expect(again.history(name)).toEqual(hook.history(name));
    expect(again.best(name)).toEqual(hook.best(name));
  }
});

test("a value that was recorded before is not recorded again, also after a resume", () => {
  const { trainer, state } = testView({ config: { metrics: { directions: { reward: "max" } } } });
  const measured = new Map<string, Measurement>();
  const view: TrainerView = Object.assign(trainer, { measurement: (name: string) => measured.get(name) ?? null });
  let hook = new MetricTrackerHook();
  hook.onTrainStart(view);
  for (let epoch = 0; epoch < 6; epoch++) {
    state.step = 10 * (epoch + 1);
    const times = 1 + Math.floor(epoch / 3);
    // logged in the epochs 0 and 3, in the middle; and never measured, as after a resume from an earlier version
    if (epoch % 3 === 0) measured.set("own/reward", { value: 5, step: state.step - 4, times });
    hook.onTrainEpochEnd(view, epoch, { "own/reward": 5, "own/unknown": 1 });
    const resumed = new MetricTrackerHook();
    resumed.loadState(structuredClone(hook.state()));
    resumed.onTrainStart(view);
    hook = resumed;
  }
  expect(hook.names()).toEqual(["own/reward"]);
  expect(hook.history("own/reward")).toEqual([
    { value: 5, step: 6, epoch: 0 },
    { value: 5, step: 36, epoch: 3 },
  ]);
  expect(hook.best("own/reward")).toEqual({ value: 5, step: 6, epoch: 0 });
});

test("a state that an earlier version saved is loaded", () => {
  const hook = new MetricTrackerHook();
  hook.loadState({ best: {}, histories: { "val/loss": { values: [2], steps: [10], epochs: [0] } } });
  expect(hook.history("val/loss")).toEqual([{ value: 2, step: 10, epoch: 0 }]);
});

test("the history is bounded: the oldest values go, one warning says so, the best is kept", () => {
  const { trainer, state, warnings } = testView();
  const hook = new MetricTrackerHook({ maxHistory: 3, window: 2 });
  hook.onTrainStart(trainer);
  for (let epoch = 0; epoch < 10; epoch++) {
    state.step = epoch + 1;
    hook.onTrainEpochEnd(trainer, epoch, { "train/loss": epoch, "train/other": epoch });
  }
  expect(hook.history("train/loss").map(({ value }) => value)).toEqual([7, 8, 9]);
  expect(hook.best("train/loss")).toEqual({ value: 0, step: 1, epoch: 0 });
  expect(warnings()).toEqual([expect.stringMatching(/metricTracker: train\/loss has more than 3 values.*maxHistory/)]);
  const again = new MetricTrackerHook({ maxHistory: 2, window: 2 });
  again.loadState(structuredClone(hook.state()));
  expect(again.history("train/other").map(({ value }) => value)).toEqual([8, 9]);
});

test("a history shorter than the window is refused", () => {
  expect(() => new MetricTrackerHook({ window: 10, maxHistory: 9 })).toThrow(/maxHistory[^]*lower window/);
});

test("a window below two is refused", () => {
  expect(() => new MetricTrackerHook({ window: 1 })).toThrow(/ERR_CONFIG at hooks\.metricTrackerConfig\.window/);
});
