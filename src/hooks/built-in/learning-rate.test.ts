import { describe, expect, test } from "vitest";
import type { LearningRateScheduleConfig } from "../../contract/index.js";
import { LearningRateMonitorHook } from "./learning-rate-monitor.js";
import { LearningRateScheduleHook } from "./learning-rate-schedule.js";
import { ReduceLROnPlateauHook } from "./reduce-lr-on-plateau.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testInterval, testOptimizer, testView } from "../../../tests/support/test-view.js";

describe("LearningRateScheduleHook", () => {
  /** The first optimizer's rate during each of `steps` steps. */
  function rates(hook: LearningRateScheduleHook, view: TestView, steps: number): (number | undefined)[] {
    hook.onTrainStart(view.trainer);
    return Array.from({ length: steps }, () => {
      hook.onTrainBatchStart(view.trainer);
      view.state.step++;
      view.state.batch++;
      view.state.batchInEpoch++;
      return view.trainer.optimizers[0]?.learningRate;
    });
  }

  test.each<{
    name: string;
    config: LearningRateScheduleConfig;
    run: object;
    batchesPerEpoch: number | null;
    expected: number[];
  }>([
    {
      name: "totalSteps from the config",
      config: { totalSteps: 3 },
      run: { maxEpochs: 9, maxSteps: 9 },
      batchesPerEpoch: 4,
      expected: [1, 0.5, 0, 0],
    },
    { name: "else maxSteps", config: {}, run: { maxEpochs: 9, maxSteps: 3 }, batchesPerEpoch: 4, expected: [1, 0.5, 0, 0] },
    { name: "else maxEpochs × batches", config: {}, run: { maxEpochs: 3 }, batchesPerEpoch: 1, expected: [1, 0.5, 0, 0] },
    { name: "the shorter of both", config: {}, run: { maxEpochs: 3, maxSteps: 9 }, batchesPerEpoch: 1, expected: [1, 0.5, 0, 0] },
    { name: "warm-up", config: { warmupSteps: 1, totalSteps: 4 }, run: {}, batchesPerEpoch: null, expected: [0, 1, 0.5, 0] },
  ])("$name", ({ config, run, batchesPerEpoch, expected }) => {
    const view = testView({ config: run, optimizers: [testOptimizer(1)] });
    view.state.batchesPerEpoch = batchesPerEpoch;
    const found = rates(new LearningRateScheduleHook({ kind: "cosine", ...config }), view, 4);
    expect(found.map((rate) => Number(rate?.toFixed(12)))).toEqual(expected);
  });

  test("a run of unknown length is refused where the length matters, and only there", () => {
    const view = testView({ optimizers: [testOptimizer(1)] });
    const start = (config: LearningRateScheduleConfig) => () => new LearningRateScheduleHook(config).onTrainStart(view.trainer);
    expect(start({ kind: "cosine" })).toThrow(
      /ERR_CONFIG at hooks\.learningRateScheduleConfig\.totalSteps[^]*length is not known[^]*set totalSteps/,
    );
    view.state.batchesPerEpoch = Infinity;
    expect(start({ kind: "cosine" })).toThrow(/length is not known/);
    expect(start({ kind: "step", stepSize: 2 })).not.toThrow();
    view.state.batchesPerEpoch = 1;
    expect(start({ kind: "cosine", warmupSteps: 10 })).toThrow(/warmupSteps[^]*has 10 steps, and the warm-up alone takes 10/);
  });

  test("maxEpochs of unknown length may be the shorter limit, so maxSteps does not tell the length", () => {
    const view = testView({ config: { maxEpochs: 2, maxSteps: 1000 }, optimizers: [testOptimizer(1)] });
    expect(() => new LearningRateScheduleHook({ kind: "cosine" }).onTrainStart(view.trainer)).toThrow(
      /maxEpochs may end it before maxSteps[^]*set totalSteps/,
    );
    expect(() => new LearningRateScheduleHook({ kind: "cosine", totalSteps: 7 }).onTrainStart(view.trainer)).not.toThrow();
    expect(view.warnings()).toEqual([]);
  });

  test.each<{ config: LearningRateScheduleConfig; path: string; message: RegExp }>([
    { config: { kind: "cosine", minLr: 0.5 }, path: "minLr", message: /minLr is 0\.5, above[^]*"b" starts with \(0\.1\)/ },
    { config: { kind: "oneCycle", minLr: 0.5, maxLr: 2 }, path: "minLr", message: /Lower minLr/ },
    { config: { kind: "oneCycle", maxLr: 0.5 }, path: "maxLr", message: /maxLr is 0\.5, below[^]*"a" starts with \(1\)/ },
  ])("a schedule whose rates do not fit one of the optimizers is refused: $config", ({ config, path, message }) => {
    const view = testView({ optimizers: [testOptimizer(1, "a"), testOptimizer(0.1, "b")], config: { maxSteps: 10 } });
    view.state.batchesPerEpoch = 10;
    const start = (): void => new LearningRateScheduleHook(config).onTrainStart(view.trainer);
    expect(start).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path: `hooks.learningRateScheduleConfig.${path}` }));
    expect(start).toThrow(message);
  });

  test.each<{ config: LearningRateScheduleConfig; warnings: RegExp[] }>([
    { config: { warmupSteps: 20 }, warnings: [/has 10 steps, and the warm-up alone takes 20/] },
    { config: { kind: "step", stepSize: 10 }, warnings: [/first cut comes after 10/] },
    { config: { kind: "step", stepSize: 9 }, warnings: [] },
    { config: { warmupSteps: 9 }, warnings: [] },
  ])("what the run is too short for is a warning: $config", ({ config, warnings }) => {
    const view = testView({ optimizers: [testOptimizer(1)], config: { maxSteps: 10 } });
    view.state.batchesPerEpoch = 10;
    const hook = new LearningRateScheduleHook(config);
    hook.onTrainStart(view.trainer);
    view.state.step = 10;
    hook.onTrainEnd(view.trainer, "completed");
    expect(view.warnings()).toEqual(warnings.map((warning) => expect.stringMatching(warning) as string));
  });

  test("a warm-up that was not over when the run ended is a warning then", () => {
    const view = testView({ optimizers: [testOptimizer(1)], config: { maxEpochs: 2 } });
    const hook = new LearningRateScheduleHook({ warmupSteps: 5 });
    hook.onTrainStart(view.trainer);
    view.state.step = 4;
    hook.onTrainEnd(view.trainer, "stopped");
    hook.onTrainEnd(view.trainer, "completed");
    expect(view.warnings()).toEqual([expect.stringMatching(/ended after 4 steps, inside the warm-up of 5/)]);
  });

  test("micro-batches share the rate of their step", () => {
    const view = testView({ optimizers: [testOptimizer(1)] });
    const hook = new LearningRateScheduleHook({ kind: "step", stepSize: 1, gamma: 0.5 });
    hook.onTrainStart(view.trainer);
    const seen = [0, 0, 0, 1, 1].map((step) => {
      view.state.step = step;
      hook.onTrainBatchStart(view.trainer);
      return view.trainer.optimizers[0]?.learningRate;
    });
    expect(seen).toEqual([1, 1, 1, 0.5, 0.5]);
  });

  test("every optimizer keeps its own base rate, also when a run goes on", () => {
    const optimizers = [testOptimizer(1, "a"), testOptimizer(0.1, "b")];
    const hook = new LearningRateScheduleHook({ kind: "step", stepSize: 2, gamma: 0.5 });
    rates(hook, testView({ optimizers }), 3);
    expect(optimizers.map(({ learningRate }) => learningRate)).toEqual([0.5, 0.05]);
    const again = new LearningRateScheduleHook({ kind: "step", stepSize: 2, gamma: 0.5 });
    again.loadState(structuredClone(hook.state()));
    const view = testView({ optimizers: optimizers.toReversed() });
    view.state.step = 4;
    again.onTrainStart(view.trainer);
    again.onTrainBatchStart(view.trainer);
    expect(optimizers.map(({ learningRate }) => learningRate)).toEqual([0.25, 0.025]);
    expect(view.recorded.events).toEqual([]);
  });

  test("a rate that is set after a checkpoint was loaded becomes the base rate, and other optimizers are refused", () => {
    const optimizers = [testOptimizer(1, "a"), testOptimizer(0.1, "b")];
    const hook = new LearningRateScheduleHook({ kind: "step", stepSize: 2, gamma: 0.5 });
    rates(hook, testView({ optimizers }), 3);
    const saved = structuredClone(hook.state());
    const again = new LearningRateScheduleHook({ kind: "step", stepSize: 2, gamma: 0.5 });
    again.loadState(saved);
    const [first] = optimizers;
    if (first !== undefined) first.learningRate = 8;
    const view = testView({ optimizers });
    view.state.step = 4;
    again.onTrainStart(view.trainer);
    again.onTrainBatchStart(view.trainer);
    expect(optimizers.map(({ learningRate }) => learningRate)).toEqual([2, 0.025]);
    expect(view.recorded.events.map(({ data }) => data["message"])).toEqual([
      "learningRateSchedule: the base learning rate of a is 8 from here on; it was 1",
    ]);
    for (const others of [[testOptimizer(1, "a")], [testOptimizer(1, "a"), testOptimizer(1, "c")]]) {
      const other = new LearningRateScheduleHook();
      other.loadState(saved);
      expect(() => other.onTrainStart(testView({ optimizers: others }).trainer)).toThrow(/ERR_STATE[^]*optimizers a, b/);
    }
    expect(() => new LearningRateScheduleHook().loadState({ names: 1, base: 1, rates: 1, warmup: null })).toThrow(/ERR_STATE/);
  });

  test("a constant rate is left to whoever changes it", () => {
    const optimizer = testOptimizer(1);
    const view = testView({ optimizers: [optimizer] });
    const hook = new LearningRateScheduleHook();
    rates(hook, view, 2);
    optimizer.learningRate = 0.3;
    hook.onTrainBatchStart(view.trainer);
    expect(optimizer.learningRate).toBe(0.3);
  });

  test("needs an optimizer, and cannot go with plateau cuts", () => {
    expect(() => new LearningRateScheduleHook().onTrainStart(testView().trainer)).toThrow(
      /ERR_CONFIG at optimizers[^]*third argument/,
    );
    const both = testView({ config: { hooks: { enableReduceLROnPlateau: true } }, optimizers: [testOptimizer(1)] });
    expect(() => new LearningRateScheduleHook().onTrainStart(both.trainer)).toThrow(
      /ERR_CONFIG at hooks\.enableReduceLROnPlateau/,
    );
  });
});

describe("ReduceLROnPlateauHook", () => {
  test("cuts every optimizer, down to minLr, and says so", () => {
    const optimizers = [testOptimizer(1, "a"), testOptimizer(0.2, "b")];
    const view = testView({ optimizers });
    const hook = new ReduceLROnPlateauHook({ patience: 1, factor: 0.5, minLr: 0.2 });
    const after = [1, 1, 1, 1, 1].map((loss) => {
      void hook.onValidationEnd(view.trainer, 0, { "val/loss": loss });
      return optimizers.map(({ learningRate }) => learningRate);
    });
    expect(after).toEqual([
      [1, 0.2],
      [0.5, 0.2],
      [0.25, 0.2],
      [0.2, 0.2],
      [0.2, 0.2],
    ]);
    expect(view.recorded.events.map(({ data }) => data["message"])).toEqual([
      "reduceLROnPlateau: val/loss has not improved for 1 check; a learning rate 1 → 0.5",
      "reduceLROnPlateau: val/loss has not improved for 1 check; a learning rate 0.5 → 0.25",
      "reduceLROnPlateau: val/loss has not improved for 1 check; a learning rate 0.25 → 0.2",
    ]);
  });

  test("goes on from a saved state", () => {
    const optimizer = testOptimizer(1);
    const view = testView({ optimizers: [optimizer] });
    const first = new ReduceLROnPlateauHook({ patience: 2 });
    for (const loss of [1, 1]) void first.onValidationEnd(view.trainer, 0, { "val/loss": loss });
    const second = new ReduceLROnPlateauHook({ patience: 2 });
    second.loadState(structuredClone(first.state()));
    void second.onValidationEnd(view.trainer, 0, { "val/loss": 1 });
    expect(optimizer.learningRate).toBeCloseTo(0.1, 12);
    expect(() => second.loadState([])).toThrow(/ERR_STATE/);
  });

  test("a minLr that leaves nothing to reduce is refused, except in a resumed run", () => {
    const view = testView({ optimizers: [testOptimizer(0.1, "a"), testOptimizer(0.01, "b")] });
    const start = (minLr: number) => () => void new ReduceLROnPlateauHook({ minLr }).onTrainStart(view.trainer);
    expect(start(0.1)).toThrow(/ERR_CONFIG at hooks\.reduceLROnPlateauConfig\.minLr[^]*"a" 0\.1, "b" 0\.01/);
    expect(start(0.05)).not.toThrow();
    view.trainer.run.resumedFromStep = 5;
    expect(start(0.1)).not.toThrow();
  });

  test("needs an optimizer", () => {
    expect(() => new ReduceLROnPlateauHook().onTrainStart(testView().trainer)).toThrow(/ERR_CONFIG at optimizers/);
  });
});

describe("LearningRateMonitorHook", () => {
  test.each([
    { names: ["sgd"], values: { "train/learning_rate": 0.5 } },
    { names: ["gen", "disc"], values: { "train/learning_rate/gen": 0.5, "train/learning_rate/disc": 0.5 } },
    { names: ["adam", "adam"], values: { "train/learning_rate/adam": 0.5, "train/learning_rate/adam_2": 0.5 } },
  ])("$names", ({ names, values }) => {
    const view = testView({ optimizers: names.map((name) => testOptimizer(0.5, name)) });
    const hook = new LearningRateMonitorHook();
    hook.onTrainStart(view.trainer);
    hook.onLogInterval(view.trainer, testInterval(7, {}, { epoch: 2 }));
    expect(view.recorded.metrics).toEqual([{ values, step: 7, at: { epoch: 2 } }]);
    expect(hook.produces).toEqual(Object.keys(values));
    expect(new LearningRateMonitorHook({ optimizerNames: names }).produces).toEqual(Object.keys(values));
  });
});
