import { describe, expect, test } from "vitest";
import type { ImageData, NamedTensor, StepOutputs, Tensor, TrainerView } from "../../contract/index.js";
import { DueSteps } from "../support/due-steps.js";
import { ModelGraphHook } from "./model-graph.js";
import { PredictionScatterHook } from "./prediction-scatter.js";
import { SampleImagesHook } from "./sample-images.js";
import { testView, type TestView } from "../../../tests/support/test-view.js";
import { WeightHistogramsHook } from "./weight-histograms.js";

interface BatchHook {
  onTrainBatchStart(trainer: TrainerView): unknown;
  onTrainBatchEnd(trainer: TrainerView, batch: unknown, loaderIdx: number, loaderName: string): unknown;
}

/** One train batch, whose outputs the trainer shows where the hook asked for them. */
async function step(hook: BatchHook, view: TestView, outputs: StepOutputs = {}, loader = "default"): Promise<void> {
  const before = view.recorded.outputsWanted;
  hook.onTrainBatchStart(view.trainer);
  view.state.step++;
  view.outputs.current = view.recorded.outputsWanted > before ? outputs : null;
  await hook.onTrainBatchEnd(view.trainer, null, 0, loader);
}

test("of micro-batches the one that updates is due, once", () => {
  const due = new DueSteps(2);
  const taken: [number, boolean][] = [];
  let steps = 0;
  for (const updates of [false, true, false, true, false, false, true]) {
    due.isComing(steps);
    if (updates) steps++;
    taken.push([steps, due.consume(steps)]);
  }
  expect(taken.filter(([, was]) => was)).toEqual([[2, true]]);
});

describe.each([false, true])("WeightHistogramsHook, async reads: %s", (async) => {
  const data = new Float32Array([1, 2, 3]);
  const weights = ["encoder/w", "head//b"].map((name): NamedTensor => ({
    name,
    shape: [3],
    dtype: "F32",
    read: () => (async ? Promise.resolve(data) : data),
  }));
  const view = (): TestView => testView({ model: { parameters: () => weights } });

  test("logs every parameter at the due steps only", async () => {
    const run = view();
    const hook = new WeightHistogramsHook({ histogramFreq: 3 });
    for (let i = 0; i < 7; i++) await step(hook, run);
    expect(run.recorded.histograms.map((histogram) => [histogram.name, histogram.step])).toEqual([
      ["weights/encoder/w", 3],
      ["weights/head/b", 3],
      ["weights/encoder/w", 6],
      ["weights/head/b", 6],
    ]);
    expect(run.recorded.histograms[0]?.values).toEqual(data);
  });

  test("paramFilter chooses; one that matches nothing warns once and names what there is", async () => {
    const run = view();
    await step(new WeightHistogramsHook({ histogramFreq: 1, paramFilter: ["head"] }), run);
    expect(run.recorded.histograms.map(({ name }) => name)).toEqual(["weights/head/b"]);
    const none = new WeightHistogramsHook({ histogramFreq: 1, paramFilter: ["decoder"] });
    for (let i = 0; i < 2; i++) await step(none, run);
    expect(run.warnings()).toEqual([
      "weightHistograms: no weights to log: paramFilter [decoder] matches none of encoder/w, head//b",
    ]);
  });
});

test("a hook whose method the model lacks fails at the start and says what to implement", () => {
  expect(() => new WeightHistogramsHook().onTrainStart(testView().trainer)).toThrow(
    /ERR_MODEL at hooks\.enableWeightHistograms[^]*parameters\(\): Iterable<NamedTensor>/,
  );
  expect(() => new ModelGraphHook().onTrainStart(testView().trainer)).toThrow(
    /ERR_MODEL at hooks\.enableModelGraph[^]*describe\(\): ModelDescription/,
  );
});

test.each([false, true])("the graph is what describe() says, as a promise: %s", async (async) => {
  const description = { name: "net", layers: [{ name: "dense", op: "Dense", inputs: [] }] };
  const run = testView({ model: { describe: () => (async ? Promise.resolve(description) : description) } });
  await new ModelGraphHook().onTrainStart(run.trainer);
  expect(run.recorded.graphs).toEqual([description]);
});

describe("SampleImagesHook", () => {
  const image = (value: number): ImageData => ({ width: 2, height: 1, channels: 1, data: new Uint8Array([value, value]) });

  test("logs the first images of the due steps, by loader where loaders have names", async () => {
    const run = testView({ trainLoaders: ["a", "b"] });
    const hook = new SampleImagesHook({ imageFreq: 2, maxImages: 2 });
    const images = [1, 2, 3].map(image);
    for (const loader of ["a", "b", "a", "other"]) await step(hook, run, { images }, loader);
    expect(run.recorded.outputsWanted).toBe(2);
    expect(run.recorded.images.map(({ name, step: at }) => [name, at])).toEqual([
      ["samples/train/b", 2],
      ["samples/train", 4],
    ]);
    expect(run.recorded.images[0]?.image).toMatchObject({ width: 10, height: 5, channels: 1 }); // two images, gaps of two pixels
  });

  test("says once what to do for a model that gives none", async () => {
    const run = testView();
    const hook = new SampleImagesHook({ imageFreq: 1 });
    for (let i = 0; i < 3; i++) await step(hook, run);
    expect(run.warnings()).toEqual([expect.stringContaining("Fill StepResult.outputs.images when context.wantsOutputs")]);
    expect(run.recorded.images).toEqual([]);
  });
});

describe("PredictionScatterHook", () => {
  const column = (...data: number[]): Tensor => ({ shape: [data.length, 1], dtype: "F32", data: new Float32Array(data) });

  function validate(hook: PredictionScatterHook, run: TestView, batches: readonly [loader: string, StepOutputs][]): void {
    hook.onValidationStart(run.trainer);
    for (const [loader, outputs] of batches) {
      run.outputs.current = outputs;
      hook.onValidationBatchEnd(run.trainer, null, 0, loader);
    }
    hook.onValidationEnd(run.trainer, 0);
  }

  test("every batch of a validation is one scatter a loader, with both axes alike", () => {
    const run = testView({ validationLoaders: ["a", "b"] });
    run.state.step = 7;
    const first = { predictions: column(1, 2), targets: column(1.5, 2.5) };
    const second = { predictions: column(3), targets: column(3.5) };
    validate(new PredictionScatterHook(), run, [
      ["a", first],
      ["b", second],
      ["a", second],
    ]);
    expect(run.recorded.outputsWanted).toBe(4);
    const axes = { xLabel: "actual", yLabel: "predicted", oneToOne: true };
    expect(run.recorded.scatters).toEqual([
      { name: "predictions/val/a", x: Float64Array.of(1.5, 2.5, 3.5), y: Float64Array.of(1, 2, 3), step: 7, axes },
      { name: "predictions/val/b", x: Float64Array.of(3.5), y: Float64Array.of(3), step: 7, axes },
    ]);
  });

  test("of many points so many are drawn, the same ones when the run is repeated, from all of the validation", () => {
    const batches = Array.from({ length: 20 }, (_, batch): [string, StepOutputs] => {
      const values = Array.from({ length: 100 }, (_value, index) => batch * 100 + index);
      return ["default", { predictions: column(...values), targets: column(...values) }];
    });
    const drawn = [0, 1].map(() => {
      const run = testView();
      validate(new PredictionScatterHook({ maxPoints: 200 }), run, batches);
      return run.recorded.scatters[0]?.x as Float64Array;
    });
    expect(drawn[0]).toEqual(drawn[1]);
    expect(drawn[0]).toHaveLength(200);
    expect(new Set(drawn[0])).toHaveProperty("size", 200);
    const mean = (drawn[0] as Float64Array).reduce((sum, value) => sum + value, 0) / 200;
    expect(mean).toBeGreaterThan(800); // 1000, with a deviation of 41
    expect(mean).toBeLessThan(1200);
  });

  test("a validation that was cut short leaves nothing behind", () => {
    const run = testView();
    const hook = new PredictionScatterHook();
    hook.onValidationStart(run.trainer);
    run.outputs.current = { predictions: column(9), targets: column(9) };
    hook.onValidationBatchEnd(run.trainer, null, 0, "default");
    validate(hook, run, [["default", { predictions: column(1), targets: column(1) }]]);
    expect(run.recorded.scatters.map(({ x }) => [...x])).toEqual([[1]]);
  });

  test("train batches, every so many steps", async () => {
    const run = testView();
    const hook = new PredictionScatterHook({ source: "train", scatterFreq: 2 });
    for (let i = 1; i <= 4; i++) await step(hook, run, { predictions: column(i), targets: column(-i) });
    validate(hook, run, [["default", { predictions: column(5), targets: column(5) }]]);
    expect(run.recorded.scatters.map(({ name, x, y, step: at }) => [name, ...x, ...y, at])).toEqual([
      ["predictions/train", -2, 2, 2],
      ["predictions/train", -4, 4, 4],
    ]);
  });

  const wide: Tensor = { shape: [2, 3], dtype: "F32", data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  test.each([
    { name: "all values", output: undefined, targets: wide, x: [1, 2, 3, 4, 5, 6], y: [1, 2, 3, 4, 5, 6] },
    { name: "one value of each", output: 2, targets: wide, x: [3, 6], y: [3, 6] },
    { name: "one value, targets of one", output: 0, targets: column(7, 8), x: [7, 8], y: [1, 4] },
  ])("$name", ({ output, targets, x, y }) => {
    const run = testView();
    validate(new PredictionScatterHook({ output }), run, [["default", { predictions: wide, targets }]]);
    expect(run.recorded.scatters.map((scatter) => [[...scatter.x], [...scatter.y]])).toEqual([[x, y]]);
  });

  test.each([
    { name: "no outputs", outputs: {}, output: undefined, says: "Fill StepResult.outputs" },
    {
      name: "shapes that differ",
      outputs: { predictions: wide, targets: column(1, 2) },
      output: undefined,
      says: "predictions of the shape [2, 3] do not fit targets of [2, 1]; set output",
    },
    { name: "an output that is not there", outputs: { predictions: wide, targets: wide }, output: 3, says: "a sample has 3" },
  ])("$name: one warning", ({ outputs, output, says }) => {
    const run = testView();
    validate(new PredictionScatterHook({ output }), run, [
      ["default", outputs],
      ["default", outputs],
    ]);
    expect(run.warnings()).toEqual([expect.stringContaining(says)]);
    expect(run.recorded.scatters).toEqual([]);
  });

  test("a run without validation is told so at its end, unless it failed", () => {
    const run = testView();
    new PredictionScatterHook().onTrainEnd(run.trainer, "failed");
    expect(run.warnings()).toEqual([]);
    new PredictionScatterHook().onTrainEnd(run.trainer, "completed");
    expect(run.warnings()).toEqual([expect.stringContaining('source: "train"')]);
  });
});
