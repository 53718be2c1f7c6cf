import { describe, expect, test } from "vitest";
import type { EarlyStoppingConfig, StateTree } from "../../contract/index.js";
import { EarlyStoppingHook } from "./early-stopping.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testView } from "../../../tests/support/test-view.js";

/** One epoch with one validation, as the loop does it. */
async function validate(view: TestView, hook: EarlyStoppingHook, epoch: number, loss: number): Promise<void> {
  view.state.epoch = epoch;
  view.state.step = (epoch + 1) * 10;
  await hook.onTrainEpochEnd(view.trainer, epoch, { "train/loss": 9, ...(epoch > 0 ? { "val/loss": -1 } : {}) });
  await hook.onValidationEnd(view.trainer, epoch, { "train/loss": 9, "val/loss": loss });
}

async function run(config: EarlyStoppingConfig, losses: readonly number[], options = {}): Promise<TestView> {
  const view = testView();
  const hook = new EarlyStoppingHook(config, options);
  for (const [epoch, loss] of losses.entries()) await validate(view, hook, epoch, loss);
  return view;
}

describe("EarlyStoppingHook", () => {
  test("asks with its key, the metric, the checks and the best", async () => {
    const { recorded } = await run({ patience: 2 }, [0.5, 0.123, 0.2, 0.3]);
    expect(recorded.stops).toEqual([
      { reason: "earlyStopping: val/loss has not improved by more than 0 for 2 checks; best 0.123 in epoch 2", force: false },
    ]);
  });

  test("a run that ended before the first check is a warning, except one that was resumed", async () => {
    const ended = async (change: (view: TestView) => void, status: "completed" | "stopped" = "completed"): Promise<string[]> => {
      const view = testView();
      view.state.step = 20;
      change(view);
      await new EarlyStoppingHook().onTrainEnd(view.trainer, status);
      return view.warnings();
    };
    expect(await ended(() => {})).toEqual([
      "earlyStopping: val/loss was never checked: the run ended after 20 steps, before a value was due",
    ]);
    expect(await ended(() => {}, "stopped")).toEqual([]);
    expect(await ended(({ trainer }) => (trainer.run.resumedFromStep = 10))).toEqual([]);
    expect((await run({}, [1])).warnings()).toEqual([]);
  });

  test("the legacy form says so and takes val_loss", async () => {
    const { recorded } = await run({ patience: 1, monitor: "val_loss" }, [1, 2], { key: "legacyEarlyStopping" });
    expect(recorded.stops[0]?.reason).toBe(
      "legacyEarlyStopping: val_loss has not improved by more than 0 for 1 check; best 1 in epoch 1",
    );
  });

  test("asks again while the stop stands, and no more once the metric improved", async () => {
    const { recorded } = await run({ patience: 2 }, [1, 2, 2, 2, 0.5, 2]);
    expect(recorded.stops.map(({ reason }) => /for (\d)/.exec(reason)?.[1])).toEqual(["2", "3"]);
  });

  test("a stale value of val/loss at the end of a train epoch is not a check", async () => {
    const { recorded } = await run({ patience: 3 }, [1, 2, 3]);
    expect(recorded.stops).toEqual([]);
  });

  test("a train metric is checked when a train epoch ends", () => {
    const { trainer, recorded } = testView();
    const hook = new EarlyStoppingHook({ monitor: "train/loss", patience: 1 });
    void hook.onTrainEpochEnd(trainer, 0, { "train/loss": 1 });
    void hook.onValidationEnd(trainer, 0, { "train/loss": 1, "val/loss": 1 });
    expect(recorded.stops).toEqual([]);
    void hook.onTrainEpochEnd(trainer, 1, { "train/loss": 1 });
    expect(recorded.stops).toHaveLength(1);
  });

  test("a metric that nothing produces is an error at the first check, with the nearest name", () => {
    const { trainer } = testView();
    const hook = new EarlyStoppingHook({ monitor: "val/los" });
    expect(() => hook.onTrainEpochEnd(trainer, 0, { "train/loss": 1 })).not.toThrow();
    expect(() => hook.onValidationEnd(trainer, 0, { "train/loss": 1, "val/loss": 1 })).toThrow(
      /ERR_UNKNOWN_MONITOR at hooks\.earlyStoppingConfig\.monitor\s+"val\/los" is not produced by this run\. Nearest: "val\/loss"\.\s+Available: train\/loss, val\/loss/,
    );
  });

  test("a metric that was there before and is missing now is skipped, with one warning until it is back", () => {
    const { trainer, warnings, recorded } = testView();
    const hook = new EarlyStoppingHook({ patience: 1 });
    for (const metrics of [{ "val/loss": 1 }, {}, {}, { "val/loss": 0.5 }, {}]) void hook.onValidationEnd(trainer, 0, metrics);
    expect(warnings()).toEqual(Array(2).fill("earlyStopping: val/loss is missing: this check is skipped"));
    expect(recorded.stops).toEqual([]);
  });

  test("a saved state carries the progress, not the rule", async () => {
    const view = testView();
    const first = new EarlyStoppingHook({ patience: 10 });
    for (const [epoch, loss] of [1, 2, 2].entries()) await validate(view, first, epoch, loss);
    const second = new EarlyStoppingHook({ patience: 3 });
    second.loadState(structuredClone(first.state()));
    await validate(view, second, 3, 2);
    expect(view.recorded.stops).toHaveLength(1);
    expect(() => second.loadState({ patience: 3 })).toThrow(/ERR_STATE/);
  });

  test("a mode that config left out is asked for where metrics.directions says max", () => {
    const { trainer } = testView({ config: { metrics: { directions: { reward: "max" } } } });
    expect(() => new EarlyStoppingHook({ monitor: "val/reward" }).onTrainStart(trainer)).toThrow(
      /ERR_MODE_REQUIRED at hooks\.earlyStoppingConfig\.mode/,
    );
    expect(() => new EarlyStoppingHook({ monitor: "val/reward", mode: "min" }).onTrainStart(trainer)).not.toThrow();
    expect(() => new EarlyStoppingHook({ monitor: "val/accuracy" })).toThrow(/ERR_MODE_REQUIRED/);
  });
});

describe.each(["sync", "async"] as const)("restoreBest, %s model", (kind) => {
  function liveModel(): {
    weights: Float32Array;
    model: { state(): StateTree | Promise<StateTree>; loadState(state: StateTree): void | Promise<void> };
  } {
    const weights = new Float32Array([0]);
    const tree = (): StateTree => ({ w: { shape: [1], dtype: "F32", data: weights } });
    const load = (state: StateTree): void => weights.set(state["w"]?.data as Float32Array);
    return {
      weights,
      model:
        kind === "sync"
          ? { state: tree, loadState: load }
          : { state: () => Promise.resolve(tree()), loadState: (state) => Promise.resolve(load(state)) },
    };
  }

  test("puts the weights of the true best back, also those within minDelta, however the run ends", async () => {
    const { weights, model } = liveModel();
    const view = testView({ model });
    const hook = new EarlyStoppingHook({ restoreBest: true, minDelta: 0.5, patience: 10 });
    for (const [epoch, loss] of [1, 0.9, 3, NaN].entries()) {
      weights[0] = epoch + 1;
      await validate(view, hook, epoch, loss);
    }
    await hook.onTrainEnd(view.trainer, "failed");
    expect(weights[0]).toBe(2);
    expect(view.recorded.events.map(({ name, data }) => [name, data["epoch"]])).toEqual([["restoredBest", 1]]);
  });

  test("nothing is loaded before there is a best, or when it was not asked for", async () => {
    const { weights, model } = liveModel();
    const view = testView({ model });
    weights[0] = 7;
    await new EarlyStoppingHook({ restoreBest: true }).onTrainEnd(view.trainer, "completed");
    const hook = new EarlyStoppingHook();
    await validate(view, hook, 0, 1);
    weights[0] = 8;
    await hook.onTrainEnd(view.trainer, "completed");
    expect(weights[0]).toBe(8);
    expect(view.recorded.events).toEqual([]);
  });
});
