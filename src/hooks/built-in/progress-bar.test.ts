import { describe, expect, test } from "vitest";
import type { GenericTrainerConfig, ProgressBarConfig } from "../../contract/index.js";
import { ProgressBarHook } from "./progress-bar.js";
import { progressLine } from "../support/progress-line.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testInterval, testView } from "../../../tests/support/test-view.js";

const CLEAR = "\r\u001b[2K";

class FakeStream {
  readonly writes: string[] = [];
  readonly isTTY: boolean;
  columns = 120;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string | Uint8Array): boolean {
    this.writes.push(String(text));
    return true;
  }
  /** What is on a terminal's line now. */
  line(): string {
    return this.writes.join("").split(CLEAR).at(-1) ?? "";
  }
}

function start(
  isTTY: boolean,
  run: GenericTrainerConfig = {},
  config: ProgressBarConfig = {},
  rank = 0,
): { hook: ProgressBarHook; stream: FakeStream; view: TestView } {
  const stream = new FakeStream(isTTY);
  const view = testView({ config: { maxEpochs: 2, ...run }, rank });
  view.state.batchesPerEpoch = 10;
  const hook = new ProgressBarHook(config, { stream });
  hook.onTrainStart(view.trainer);
  return { hook, stream, view };
}

/** One batch of 8 samples that takes `ms`. */
function batch({ hook, view }: { hook: ProgressBarHook; view: TestView }, ms = 40): void {
  const { state } = view;
  state.step++;
  state.batch++;
  state.batchInEpoch++;
  state.samples += 8;
  state.clock.nowMs += ms;
  state.clock.trainSeconds += ms / 1000;
  hook.onTrainBatchEnd(view.trainer);
}

describe("on a terminal", () => {
  test("draws at most every refreshMs, with rate, time left and the metrics of the last boundary", () => {
    const run = start(true);
    for (let i = 0; i < 3; i++) batch(run);
    expect(run.stream.writes).toEqual([`${CLEAR}epoch 1/2 [=>                  ] 1/10 · 200 samples/s · eta 0:01`]);
    run.hook.onLogInterval(run.view.trainer, testInterval(3, { accuracy: 0.5, loss: 0.123456 }));
    expect(run.stream.writes.at(-1)).toBe(CLEAR);
    batch(run);
    expect(run.stream.writes.at(-1)).toBe(
      `${CLEAR}epoch 1/2 [=======>            ] 4/10 · 200 samples/s · eta 0:01 · loss 0.1235 · accuracy 0.5`,
    );
  });

  test("is out of the way when others print, and clears only what it drew", () => {
    const run = start(true, {}, { refreshMs: 0 });
    const { hook, view, stream } = run;
    const moments = [
      () => hook.onLogInterval(view.trainer, testInterval(1, {})),
      () => hook.onTrainEpochEnd(),
      () => hook.onCheckpoint(),
      () => hook.onEpochEnd(),
      () => hook.onException(),
      () => hook.onStop(),
      () => hook.onTrainEnd(view.trainer),
    ];
    for (const moment of moments) {
      batch(run);
      expect(stream.line()).not.toBe("");
      moment();
      expect(stream.line()).toBe("");
      const writes = stream.writes.length;
      moment();
      expect(stream.writes).toHaveLength(writes);
    }
  });

  test("shows a validation while it lasts, and its loss afterwards", () => {
    const run = start(true, {}, { refreshMs: 0 });
    run.hook.onValidationStart(run.view.trainer);
    expect(run.stream.line()).toBe("epoch 1 · validating");
    run.hook.onValidationEnd(run.view.trainer, 0, { "val/loss": 0.75 });
    expect(run.stream.line()).toBe("");
    batch(run);
    expect(run.stream.line()).toContain(" · val/loss 0.75");
  });

  test("never fills the line, so that it can be redrawn", () => {
    const run = start(true);
    run.stream.columns = 30;
    batch(run);
    expect(run.stream.line()).toBe("epoch 1/2 [=>               …");
    expect(run.stream.line().length).toBeLessThan(30);
  });

  test("reads no metric between boundaries", () => {
    const run = start(true, {}, { refreshMs: 0 });
    const metrics = {
      get loss(): number {
        throw new Error("read");
      },
    };
    run.view.state.clock.nowMs += 1000;
    const event: (...args: unknown[]) => unknown = run.hook.onTrainBatchEnd.bind(run.hook) as never;
    expect(() => event(run.view.trainer, null, 0, "default", metrics)).not.toThrow();
    expect(run.stream.writes).toHaveLength(1);
  });
});

describe("elsewhere", () => {
  test("writes a plain line every plainEverySeconds, without control characters", () => {
    const run = start(false, {}, { plainEverySeconds: 0.2 });
    for (let i = 0; i < 10; i++) batch(run, 50);
    run.hook.onLogInterval(run.view.trainer, testInterval(10, { loss: 1 }));
    run.hook.onValidationStart(run.view.trainer);
    void run.hook.onTrainEnd(run.view.trainer);
    expect(run.stream.writes).toEqual([
      "epoch 1/2 4/10 (20 %) · 160 samples/s · eta 0:01\n",
      "epoch 1/2 8/10 (40 %) · 160 samples/s · eta 0:01\n",
    ]);
  });
});

test("other ranks are silent", () => {
  for (const isTTY of [true, false]) {
    const run = start(isTTY, {}, { refreshMs: 0, plainEverySeconds: 0 }, 1);
    batch(run);
    run.hook.onValidationStart(run.view.trainer);
    void run.hook.onTrainEnd(run.view.trainer);
    expect(run.stream.writes).toEqual([]);
  }
});

test.each([
  {
    name: "maxSteps ends before maxEpochs",
    run: { maxEpochs: 2, maxSteps: 5 },
    batches: 10,
    line: "epoch 1/2 [=>                  ] 1/10 · 8 samples/s · eta 0:04",
  },
  {
    name: "maxSteps alone, length unknown",
    run: { maxEpochs: undefined, maxSteps: 61 },
    batches: null,
    line: "epoch 1 batch 1 · 8 samples/s · eta 1:00",
  },
  { name: "nothing known", run: { maxEpochs: 2 }, batches: null, line: "epoch 1/2 batch 1 · 8 samples/s" },
])("time left: $name", ({ run: config, batches, line }) => {
  const run = start(true, config, { refreshMs: 0 });
  run.view.state.batchesPerEpoch = batches;
  batch(run, 1000);
  expect(run.stream.line()).toBe(line);
});

test("periods below zero are refused", () => {
  expect(() => new ProgressBarHook({ refreshMs: -1 })).toThrow(/ERR_CONFIG at hooks\.progressBarConfig\.refreshMs/);
  expect(() => new ProgressBarHook({ plainEverySeconds: NaN })).toThrow(
    /ERR_CONFIG at hooks\.progressBarConfig\.plainEverySeconds/,
  );
});

describe("texts", () => {
  test.each([
    [0, "[                    ]"],
    [5, "[=========>          ]"],
    [10, "[====================]"],
    [12, "[====================]"],
  ])("bar at %d of 10", (done, text) => {
    const progress = {
      epoch: 0,
      epochs: null,
      batch: done,
      batches: 10,
      share: null,
      samplesPerSecond: null,
      etaSeconds: null,
      metrics: {},
    };
    expect(progressLine(progress, 80)).toBe(`epoch 1 ${text} ${done}/10`);
  });
});
