import { describe, expect, test } from "vitest";
import type { NamedTensor, TypedArray } from "../../contract/index.js";
import { GradientMonitorHook } from "./gradient-monitor.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testView } from "../../../tests/support/test-view.js";

type Gradients = Record<string, number[]>;

function tensors(gradients: Gradients, async: boolean): NamedTensor[] {
  return Object.entries(gradients).map(([name, values]) => {
    const data: TypedArray = new Float32Array(values);
    return { name, shape: [values.length], dtype: "F32", read: () => (async ? Promise.resolve(data) : data) };
  });
}

function view(gradients: Gradients, async = false): TestView {
  return testView({ model: { gradients: () => tensors(gradients, async) } });
}

async function step(hook: GradientMonitorHook, { trainer, state }: TestView, updated = true): Promise<void> {
  hook.onTrainBatchStart(trainer);
  if (updated) state.step++;
  await hook.onTrainBatchEnd(trainer);
}

const TWO: Gradients = { "encoder/w": [3, -4], "head/b": [0, 12] };

describe.each([false, true])("GradientMonitorHook, async reads: %s", (async) => {
  test("norm, max, mean, std and NaN count, of all and of each", async () => {
    const run = view(TWO, async);
    await step(new GradientMonitorHook({ logFrequency: 1 }), run);
    const values = run.recorded.metrics[0]?.values ?? {};
    expect(values).toEqual({
      "gradients/encoder/w/norm": 5,
      "gradients/encoder/w/max": 4,
      "gradients/encoder/w/mean": -0.5,
      "gradients/encoder/w/std": 3.5,
      "gradients/encoder/w/nan_count": 0,
      "gradients/head/b/norm": 12,
      "gradients/head/b/max": 12,
      "gradients/head/b/mean": 6,
      "gradients/head/b/std": 6,
      "gradients/head/b/nan_count": 0,
      "gradients/global_norm": 13,
      "gradients/global_max": 12,
      "gradients/global_mean": 2.75,
      "gradients/global_std": Math.sqrt(169 / 4 - 2.75 ** 2),
      "gradients/global_nan_count": 0,
    });
    expect(run.recorded.metrics[0]).toMatchObject({ step: 1, at: { epoch: 0 } });
  });

  test("NaN and infinities are counted and left out of the rest", async () => {
    const run = view({ w: [NaN, 3, Infinity, 4, -Infinity] }, async);
    await step(new GradientMonitorHook({ logFrequency: 1, perParameter: false }), run);
    expect(run.recorded.metrics[0]?.values).toMatchObject({
      "gradients/global_norm": 5,
      "gradients/global_max": 4,
      "gradients/global_nan_count": 3,
    });
  });

  test("paramFilter chooses by substring, and reads nothing else", async () => {
    const run = view(TWO, async);
    await step(
      new GradientMonitorHook({ logFrequency: 1, paramFilter: ["head", "none"], perParameter: false, histogram: true }),
      run,
    );
    expect(run.recorded.metrics[0]?.values["gradients/global_norm"]).toBe(12);
    expect(run.recorded.histograms).toEqual([{ name: "gradients/head/b/histogram", values: new Float32Array([0, 12]), step: 1 }]);
  });
});

test("asks for gradients of the due steps only, and logs them once", async () => {
  const run = view(TWO);
  const hook = new GradientMonitorHook({ logFrequency: 3 });
  const wanted: number[] = [];
  for (let i = 1; i <= 7; i++) {
    await step(hook, run);
    wanted.push(run.recorded.gradientsWanted);
  }
  expect(wanted).toEqual([0, 0, 1, 1, 1, 2, 2]);
  expect(run.recorded.metrics.map(({ step }) => step)).toEqual([3, 6]);
});

test("of micro-batches the one that updates is logged", async () => {
  const run = view(TWO);
  const hook = new GradientMonitorHook({ logFrequency: 2 });
  for (const updated of [false, true, false, true, false]) await step(hook, run, updated);
  expect(run.recorded.metrics.map(({ step }) => step)).toEqual([2]);
  expect(run.recorded.gradientsWanted).toBe(2);
});

test("a due step that an epoch's end completes is not logged with the gradients of the next batch", async () => {
  const run = view(TWO);
  const hook = new GradientMonitorHook({ logFrequency: 2 });
  await step(hook, run);
  await step(hook, run, false);
  run.state.step++; // the model's endEpoch
  await step(hook, run, false);
  expect(run.recorded.metrics).toEqual([]);
});

test("names that backends refuse are made fit", async () => {
  const run = view({ "a//b[0]:é": [1], "": [1] });
  await step(new GradientMonitorHook({ logFrequency: 1 }), run);
  const names = Object.keys(run.recorded.metrics[0]?.values ?? {});
  expect(names).toContain("gradients/a/b_0_:_/norm");
  expect(names).toContain("gradients/_/norm");
});

test("a filter that matches nothing warns once and names what there is", async () => {
  const run = view(TWO);
  const hook = new GradientMonitorHook({ logFrequency: 1, paramFilter: ["decoder"] });
  for (let i = 0; i < 3; i++) await step(hook, run);
  expect(run.recorded.metrics).toEqual([]);
  expect(run.warnings()).toEqual([
    "gradientMonitor: no gradients to log: paramFilter [decoder] matches none of encoder/w, head/b",
  ]);
});

test("a model without gradients is refused at the start, and says what to implement", () => {
  expect(() => new GradientMonitorHook().onTrainStart(testView().trainer)).toThrow(
    /ERR_MODEL[^]*gradients\(\): Iterable<NamedTensor>/,
  );
  expect(() => new GradientMonitorHook().onTrainStart(view(TWO).trainer)).not.toThrow();
  expect(() => new GradientMonitorHook({ logFrequency: 0 })).toThrow(/ERR_CONFIG at hooks\.gradientMonitorConfig\.logFrequency/);
});
