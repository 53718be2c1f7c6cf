import { describe, expect, test } from "vitest";
import { epochName } from "../support/epoch-names.js";
import { LoggingHook } from "./logging.js";
import { ThroughputHook } from "./throughput.js";
import type { TestViewOptions } from "../../../tests/support/test-view.js";
import { testInterval, testView } from "../../../tests/support/test-view.js";

test.each([
  ["train/loss", [], "epoch/train_loss"],
  ["val/loss", ["a"], "epoch/val_loss"],
  ["train/digits/loss", ["digits"], "epoch/digits/train_loss"],
  ["val/digits/acc/top1", ["digits"], "epoch/digits/val_acc/top1"],
  ["val/acc/top1", ["digits"], "epoch/val_acc/top1"],
  ["val/set/a/loss", ["set", "set/a"], "epoch/set/a/val_loss"],
  ["val/digits", ["digits"], "epoch/val_digits"],
  ["train/learning_rate", [], null],
  ["train/learning_rate/adam", [], null],
  ["train/batch_time_seconds", [], null],
  ["throughput/samples_per_second", [], null],
  ["loader_proportions/a_batches", ["a"], null],
])("%s with loaders %j is logged as %s", (name, loaders, expected) => {
  expect(epochName(name, new Set(loaders))).toBe(expected);
});

describe("LoggingHook", () => {
  const TWO: TestViewOptions = { trainLoaders: ["clean", "shifted"], validationLoaders: ["clean"] };
  const METRICS = {
    "train/loss": 1,
    "train/accuracy": 0.5,
    "train/clean/loss": 0.9,
    "train/learning_rate": 0.1,
    "val/loss": 2,
    "val/clean/loss": 2.5,
    "loader_proportions/clean_batches": 0.7,
    "loader_proportions/clean_divergence": 0.02,
    "throughput/samples_per_second": 9,
  };

  test("a log boundary is one call, with the last step's values", () => {
    const { trainer, recorded } = testView(TWO);
    const hook = new LoggingHook();
    hook.onTrainStart(trainer);
    hook.onLogInterval(
      trainer,
      testInterval(50, { loss: 0.25, accuracy: 0.5 }, { epoch: 3, loaderName: "shifted", batchSeconds: 0.01 }),
    );
    hook.onLogInterval(
      trainer,
      testInterval(100, { accuracy: 0.75, loss: 0.125 }, { epoch: 3, loaderName: "clean", batchSeconds: 0.02 }),
    );
    expect(recorded.metrics).toEqual([
      {
        values: {
          "train/loss_step": 0.25,
          "train/accuracy_step": 0.5,
          "train/shifted/loss_step": 0.25,
          "train/batch_time_seconds": 0.01,
        },
        step: 50,
        at: { epoch: 3 },
      },
      {
        values: {
          "train/loss_step": 0.125,
          "train/accuracy_step": 0.75,
          "train/clean/loss_step": 0.125,
          "train/batch_time_seconds": 0.02,
        },
        step: 100,
        at: { epoch: 3 },
      },
    ]);
  });

  test("a loader without series of its own has no per-loader loss", () => {
    const { trainer, recorded } = testView();
    const hook = new LoggingHook();
    hook.onTrainStart(trainer);
    hook.onLogInterval(trainer, testInterval(1, { loss: 1 }));
    expect(Object.keys(recorded.metrics[0]?.values ?? {})).toEqual(["train/loss_step", "train/batch_time_seconds"]);
  });

  test("a train epoch's end: fresh train values, proportions, and the seconds in train batches", () => {
    const { trainer, recorded, state } = testView(TWO);
    const hook = new LoggingHook();
    state.clock.trainSeconds = 10;
    hook.onEpochStart(trainer);
    state.clock.trainSeconds = 12.5;
    state.step = 40;
    hook.onTrainEpochEnd(trainer, 3, METRICS);
    expect(recorded.metrics).toEqual([
      {
        values: {
          "epoch/train_loss": 1,
          "epoch/train_accuracy": 0.5,
          "epoch/clean/train_loss": 0.9,
          "loader_proportions/clean_batches": 0.7,
          "loader_proportions/clean_divergence": 0.02,
          "epoch/duration_seconds": 2.5,
        },
        step: 40,
        at: { epoch: 3 },
      },
    ]);
  });

  test("a validation's end: fresh val values only", () => {
    const { trainer, recorded, state } = testView(TWO);
    state.step = 40;
    new LoggingHook().onValidationEnd(trainer, 3, METRICS);
    expect(recorded.metrics).toEqual([
      { values: { "epoch/val_loss": 2, "epoch/clean/val_loss": 2.5 }, step: 40, at: { epoch: 3 } },
    ]);
  });

  test.each([
    {
      logging: { logGlobalMetrics: false },
      step: ["train/clean/loss_step", "train/batch_time_seconds"],
      val: ["epoch/clean/val_loss"],
    },
    { logging: { logPerLoaderMetrics: false }, step: ["train/loss_step", "train/batch_time_seconds"], val: ["epoch/val_loss"] },
  ])("$logging", ({ logging, step, val }) => {
    const { trainer, recorded } = testView({ ...TWO, config: { logging } });
    const hook = new LoggingHook();
    hook.onTrainStart(trainer);
    hook.onLogInterval(trainer, testInterval(1, { loss: 1 }, { loaderName: "clean" }));
    hook.onValidationEnd(trainer, 0, METRICS);
    expect(recorded.metrics.map(({ values }) => Object.keys(values))).toEqual([step, val]);
  });

  test("a value that is not finite is passed on as it is", () => {
    const { trainer, recorded } = testView();
    new LoggingHook().onLogInterval(trainer, testInterval(1, { loss: NaN }));
    expect(recorded.metrics[0]?.values["train/loss_step"]).toBeNaN();
  });
});

describe("ThroughputHook", () => {
  test("logs what is known, over the window", () => {
    const { trainer, recorded } = testView();
    const hook = new ThroughputHook({ windowSize: 20 });
    const interval = { batches: 10, samples: 320, seconds: 2, dataWaitSeconds: 0.5 };
    hook.onLogInterval(trainer, testInterval(10, {}, interval));
    hook.onLogInterval(trainer, testInterval(20, {}, { ...interval, seconds: 3, tokens: 600, forwardSeconds: 1 }));
    expect(recorded.metrics).toEqual([
      {
        values: { "throughput/samples_per_second": 160, "throughput/batch_seconds": 0.2, "throughput/data_wait_seconds": 0.05 },
        step: 10,
        at: { epoch: 0 },
      },
      {
        values: {
          "throughput/samples_per_second": 128,
          "throughput/tokens_per_second": 200,
          "throughput/batch_seconds": 0.25,
          "throughput/data_wait_seconds": 0.05,
          "throughput/forward_seconds": 0.1,
        },
        step: 20,
        at: { epoch: 0 },
      },
    ]);
    for (const { values } of recorded.metrics) expect(hook.produces).toEqual(expect.arrayContaining(Object.keys(values)));
  });

  test("logs nothing before there is a batch", () => {
    const { trainer, recorded } = testView();
    new ThroughputHook().onLogInterval(trainer, testInterval(0, {}));
    expect(recorded.metrics).toEqual([]);
  });
});
