import { describe, expect, test } from "vitest";
import type { ModelDescription, StepOutputs, Tensor } from "../../contract/index.js";
import { testView, type TestView } from "../../../tests/support/test-view.js";
import { directionOf } from "../../decisions/direction.js";
import { ConfusionMatrixHook } from "./confusion-matrix.js";

/** Predictions of three classes, and their targets as numbers. */
function batch(targets: readonly number[], predicted: readonly number[], classes = 3): StepOutputs {
  const data = new Float32Array(predicted.length * classes);
  predicted.forEach((index, sample) => (data[sample * classes + index] = 1));
  const predictions: Tensor = { shape: [predicted.length, classes], dtype: "F32", data };
  return { predictions, targets: { shape: [targets.length], dtype: "I32", data: Int32Array.from(targets) } };
}

function validate(hook: ConfusionMatrixHook, run: TestView, batches: readonly [loader: string, StepOutputs][]): void {
  hook.onValidationStart(run.trainer);
  for (const [loader, outputs] of batches) {
    run.outputs.current = outputs;
    hook.onValidationBatchEnd(run.trainer, null, 0, loader);
  }
  hook.onValidationEnd(run.trainer, 0, {});
}

const ONE = batch([0, 1, 2], [0, 1, 1]);

describe("ConfusionMatrixHook", () => {
  test("one picture a loader of all its batches, and the scores of each loader and of all", () => {
    const run = testView({ validationLoaders: ["a", "b"] });
    run.state.step = 7;
    validate(new ConfusionMatrixHook(), run, [
      ["a", ONE],
      ["b", batch([2], [2])],
      ["a", batch([2], [2])],
    ]);
    expect(run.recorded.outputsWanted).toBe(4);
    expect(run.recorded.images.map(({ name, step }) => [name, step])).toEqual([
      ["confusion/val/a", 7],
      ["confusion/val/b", 7],
    ]);
    const [added] = run.recorded.added;
    expect(Object.keys(added ?? {})).toEqual(
      ["val/a", "val/b", "val"].flatMap((prefix) => ["precision", "recall", "f1"].map((score) => `${prefix}/${score}`)),
    );
    expect(added?.["val/b/f1"]).toBe(1);
    expect(added?.["val/a/recall"]).toBeCloseTo((1 + 1 + 1 / 2) / 3);
    expect(added?.["val/recall"]).toBeCloseTo((1 + 1 + 2 / 3) / 3);
    expect(run.warnings()).toEqual([]);
  });

  test("without names of loaders there is one picture and one set of scores", () => {
    const run = testView();
    validate(new ConfusionMatrixHook(), run, [["default", ONE]]);
    expect(run.recorded.images.map(({ name }) => name)).toEqual(["confusion/val"]);
    expect(Object.keys(run.recorded.added[0] ?? {})).toEqual(["val/precision", "val/recall", "val/f1"]);
  });

  test("pictures of every n-th validation, scores of each; the count survives a resume", () => {
    const run = testView();
    const first = new ConfusionMatrixHook({ everyNValidations: 3 });
    for (let i = 0; i < 2; i++) validate(first, run, [["default", ONE]]);
    const second = new ConfusionMatrixHook({ everyNValidations: 3 });
    second.loadState(first.state());
    expect(run.recorded.images).toHaveLength(0);
    for (let i = 0; i < 2; i++) validate(second, run, [["default", ONE]]);
    expect(run.recorded.images).toHaveLength(1);
    expect(run.recorded.added).toHaveLength(4);
    expect(() => second.loadState(null)).toThrow(/ERR_STATE[^]*confusionMatrix/);
  });

  test("without scores the outputs are requested only where a picture is due", () => {
    const run = testView();
    const hook = new ConfusionMatrixHook({ everyNValidations: 2, scores: "none" });
    validate(hook, run, [["default", ONE]]);
    expect([run.recorded.outputsWanted, hook.produces]).toEqual([0, []]);
    validate(hook, run, [["default", ONE]]);
    expect([run.recorded.outputsWanted, run.recorded.images.length, run.recorded.added.length]).toEqual([2, 1, 0]);
  });

  test("scores of each class by its label, as far as a metric name can hold it", () => {
    const run = testView();
    const hook = new ConfusionMatrixHook({ scores: "perClass", labels: ["T-shirt/top", "été", "a loss ".repeat(40)] });
    validate(hook, run, [["default", ONE]]);
    const names = Object.keys(run.recorded.added[0] ?? {});
    expect(names.filter((name) => name.endsWith("f1"))).toEqual([
      "val/f1",
      "val/T-shirt_top_f1",
      "val/ete_f1",
      `val/${"a loss ".repeat(15).slice(0, 100)}_f1`,
    ]);
    for (const name of names) expect(directionOf(name)).toBe("max");
    for (const name of names) expect(hook.produces).toContain(name);
  });

  test("labels of other scripts have the numbers of their classes in pictures and names", () => {
    const drawn = (labels: readonly string[]): unknown => {
      const run = testView();
      validate(new ConfusionMatrixHook({ scores: "perClass", labels }), run, [["default", ONE]]);
      const names = Object.keys(run.recorded.added[0] ?? {}).filter((name) => name.endsWith("_f1"));
      return [run.recorded.images[0], names];
    };
    expect(drawn(["猫", "собака", "🐦"])).toEqual(drawn(["0", "1", "2"]));
    expect(drawn(["猫", "собака", "🐦"])).toMatchObject([{}, ["val/0_f1", "val/1_f1", "val/2_f1"]]);
  });

  test("what the model itself reports keeps its value", () => {
    const run = testView();
    const hook = new ConfusionMatrixHook();
    hook.onValidationStart(run.trainer);
    run.outputs.current = ONE;
    hook.onValidationBatchEnd(run.trainer, null, 0, "default");
    hook.onValidationEnd(run.trainer, 0, { "val/f1": 0.1 });
    expect(Object.keys(run.recorded.added[0] ?? {})).toEqual(["val/precision", "val/recall"]);
  });

  test("a validation that was cut short leaves nothing behind", () => {
    const run = testView();
    const hook = new ConfusionMatrixHook();
    hook.onValidationStart(run.trainer);
    run.outputs.current = batch([0], [1]);
    hook.onValidationBatchEnd(run.trainer, null, 0, "default");
    validate(hook, run, [["default", batch([0], [0])]]);
    expect(run.recorded.added).toEqual([{ "val/precision": 1, "val/recall": 1, "val/f1": 1 }]);
  });

  test.each([
    { name: "no outputs", outputs: {}, says: "Fill StepResult.outputs" },
    {
      name: "too many classes",
      outputs: batch([0], [0], 101),
      says: "101 classes, and maxClasses is 100: there are no matrix and no scores. Raise",
    },
    {
      name: "targets that are no class",
      outputs: batch([0, 9], [0, 0]),
      says: "1 of 2 targets of a batch name no class of 0 to 2",
    },
  ])("$name: one warning", ({ outputs, says }) => {
    const run = testView();
    validate(new ConfusionMatrixHook(), run, [
      ["default", outputs],
      ["default", outputs],
    ]);
    expect(run.warnings()).toEqual([expect.stringContaining(says)]);
  });

  test("a batch of other classes is left out, with a warning", () => {
    const run = testView();
    validate(new ConfusionMatrixHook(), run, [
      ["default", batch([0], [0])],
      ["default", batch([0], [1], 4)],
    ]);
    expect(run.warnings()).toEqual([expect.stringContaining("a batch of 4 classes does not fit those of 3")]);
    expect(run.recorded.added[0]?.["val/f1"]).toBe(1);
  });

  test.each([
    { classes: 3, width: 3, says: /ERR_CONFIG at hooks\.confusionMatrixConfig\.labels[^]*2 labels \(no, yes\)[^]*3 classes/ },
    { classes: 2, width: 1, says: null },
    { classes: 2, width: 2, says: null },
  ])("labels for an output of width $width", async ({ classes, width, says }) => {
    const outputs = [{ dtype: "float32", shape: [null, width] }];
    const description: ModelDescription = { layers: [], signature: { inputs: [], outputs } };
    const start = async (describe?: () => ModelDescription | Promise<ModelDescription>): Promise<void> => {
      const run = testView({ model: describe === undefined ? {} : { describe } });
      const hook = new ConfusionMatrixHook({ labels: ["no", "yes"] });
      await hook.checkRun(run.trainer);
      if (describe === undefined && width > 1) validate(hook, run, [["default", batch([0], [0], classes)]]);
    };
    const failing = (): never => {
      throw new Error("no description");
    };
    await expect(start(failing)).resolves.toBeUndefined();
    for (const describe of [() => description, () => Promise.resolve(description), undefined]) {
      if (says === null) await expect(start(describe)).resolves.toBeUndefined();
      else await expect(start(describe)).rejects.toThrow(says);
    }
  });

  test.each([
    [{ labels: ["a", "a"] }, /Each class needs a label of its own/],
    [{ labels: ["a"] }, /hooks\.confusionMatrixConfig\.labels/],
    [{ maxClasses: 1001 }, /maxClasses/],
    [{ normalise: "true" }, /Nearest: "normalize"/],
    [{ threshold: NaN }, /threshold/],
  ])("%j is refused", (config, says) => {
    expect(() => new ConfusionMatrixHook(config as object)).toThrow(says);
  });

  test("a run without validation is told so at its end, unless it failed", () => {
    const run = testView();
    new ConfusionMatrixHook().onTrainEnd(run.trainer, "failed");
    expect(run.warnings()).toEqual([]);
    new ConfusionMatrixHook().onTrainEnd(run.trainer, "completed");
    expect(run.warnings()).toEqual([expect.stringContaining("there was no validation to show")]);
  });
});
