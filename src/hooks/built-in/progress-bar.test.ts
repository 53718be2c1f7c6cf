import { describe, expect, test } from "vitest";
import type { GenericTrainerConfig, ProgressBarConfig } from "../../contract/index.js";
import { ProgressBarHook } from "./progress-bar.js";
import { textWidth } from "../../support/text-width.js";
import { progressLine, type Progress } from "../support/progress-line.js";
import type { TestView } from "../../../tests/support/test-view.js";
import { testInterval, testView } from "../../../tests/support/test-view.js";

const CLEAR = "\r\u001b[2K";

class FakeStream {
  readonly writes: string[] = [];
  readonly isTTY: boolean;
  columns: number | undefined = 120;
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
    expect(run.stream.writes).toEqual([`${CLEAR}epoch 1/2 [=>                  ] 1/10 · eta 0:01 · 200 samples/s`]);
    run.hook.onLogInterval(run.view.trainer, {
      ...testInterval(3, { accuracy: 0.5, loss: 0.123456 }),
      batchSeconds: 0.04,
    });
    expect(run.stream.writes).toHaveLength(1);
    batch(run);
    expect(run.stream.writes.at(-1)).toBe(
      `${CLEAR}epoch 1/2 [=======>            ] 4/10 · eta 0:01 · 200 samples/s · loss 0.1235 · accuracy 0.5`,
    );
  });

  test("is out of the way when others print, and clears only what it drew", () => {
    const run = start(true, {}, { refreshMs: 0 });
    const { hook, view, stream } = run;
    const moments = [
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
    expect(run.stream.line()).toBe("epoch 1/2 validating batch 0");
    for (let i = 0; i < 3; i++) run.hook.onValidationBatchEnd(run.view.trainer);
    expect(run.stream.line()).toBe("epoch 1/2 validating batch 3");
    run.hook.onValidationEnd(run.view.trainer, 0, { "val/loss": 0.75 });
    expect(run.stream.line()).toBe("");
    run.view.state.clock.nowMs = performance.now();
    batch(run);
    expect(run.stream.line()).toContain(" · val/loss 0.75");
  });

  test("shows how far a validation is, where its length is known", () => {
    const run = start(true, {}, { refreshMs: 0 });
    const loader = { name: "a", batches: 4, samples: null, batchSize: null };
    const setup = { modelName: null, parameterCount: null, backend: null, optimizers: [], train: [] };
    run.view.trainer.run.setup = { ...setup, validation: [loader, { ...loader, name: "b" }] };
    run.hook.onTrainStart(run.view.trainer);
    run.hook.onValidationStart(run.view.trainer);
    for (let i = 0; i < 4; i++) run.hook.onValidationBatchEnd(run.view.trainer);
    expect(run.stream.line()).toBe("epoch 1/2 validating [=========>          ] 4/8");
  });

  test("is there before the first step, which may take long", () => {
    const run = start(true);
    run.hook.onEpochStart(run.view.trainer);
    expect(run.stream.line()).toBe("epoch 1/2 [                    ] 0/10");
  });

  test("counts in what is left what comes again: validations, checkpoints, logging; not the first batch, which may compile", () => {
    const run = start(true, {}, { refreshMs: 0 });
    batch(run, 60_000);
    expect(run.stream.line()).toContain("1/10 · eta 19:00");
    batch(run, 1000);
    run.view.state.clock.nowMs += 1000;
    batch(run, 1000);
    expect(run.stream.line()).toContain("3/10 · eta 0:26"); // 17 batches of 1 s, and half a second of validation each
  });

  test("gives way to what others write, and leaves a line that they have not finished alone", async () => {
    const run = start(true, {}, { refreshMs: 0 });
    const { stream, hook, view } = run;
    batch(run);
    stream.write("from the user\n");
    expect(stream.writes.slice(1)).toEqual([CLEAR, "from the user\n", expect.stringContaining("1/10")]);
    batch(run);
    expect(stream.line()).toContain("2/10");
    stream.write("loading");
    batch(run);
    expect(stream.line()).toBe("loading");
    stream.write(" done\n");
    expect(stream.line()).toContain("3/10");
    hook.onTrainEpochEnd();
    stream.write("between\n");
    expect(stream.line()).toBe("between\n");
    batch(run);
    await hook.onTrainEnd(view.trainer);
    expect(stream.line()).toBe("");
    expect(Object.hasOwn(stream, "write")).toBe(false);
  });

  test("shows the values of a boundary at once where batches are slow", () => {
    const run = start(true);
    batch(run, 5000);
    run.hook.onLogInterval(run.view.trainer, { ...testInterval(1, { loss: 0.5 }), batchSeconds: 5 });
    expect(run.stream.line()).toContain(" · loss 0.5");
  });

  test("is drawn as wide as the terminal is at that moment", () => {
    const run = start(true, {}, { refreshMs: 0 });
    const widths = [120, 60, 20, 0, undefined].map((columns) => {
      run.stream.columns = columns;
      batch(run, 1000);
      return run.stream.line().length;
    });
    expect(widths).toEqual([62, 50, 8, 62, 62]);
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
      "epoch 1/2 · batch 4/10 · 20 % of the run · eta 0:01 · 160 samples/s\n",
      "epoch 1/2 · batch 8/10 · 40 % of the run · eta 0:01 · 160 samples/s\n",
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
    line: "epoch 1/2 [=>                  ] 1/10 · eta 0:04 · 8 samples/s",
  },
  {
    name: "maxSteps alone, length unknown",
    run: { maxEpochs: undefined, maxSteps: 61 },
    batches: null,
    line: "epoch 1 batch 1 · eta 1:00 · 8 samples/s",
  },
  { name: "nothing known", run: { maxEpochs: 2 }, batches: null, line: "epoch 1/2 batch 1 · 8 samples/s" },
  {
    name: "maxSteps alone is far, the epoch's length is known",
    run: { maxEpochs: undefined, maxSteps: 100 },
    batches: 10,
    line: "epoch 1 [=>                  ] 1/10 · eta 1:39 · 8 samples/s",
  },
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
  const progress: Progress = {
    epoch: 1,
    epochs: 5,
    batch: 78,
    batches: 125,
    share: 0.3,
    samplesPerSecond: 12_345,
    etaSeconds: 65,
    metrics: { loss: 0.123456, accuracy: 0.5, "val/loss": 0.75 },
  };
  test.each([
    [160, "epoch 2/5 [===========>        ] 78/125 · eta 1:05 · 12.3k samples/s · loss 0.1235 · accuracy 0.5 · val/loss 0.75"],
    [100, "epoch 2/5 [===========>        ] 78/125 · eta 1:05 · 12.3k samples/s · loss 0.1235 · accuracy 0.5"],
    [80, "epoch 2/5 [====>   ] 78/125 · eta 1:05 · 12.3k samples/s · loss 0.1235"],
    [60, "epoch 2/5 [====>   ] 78/125 · eta 1:05 · 12.3k samples/s"],
    [44, "epoch 2/5 [====>   ] 78/125 · eta 1:05"],
    [36, "epoch 2/5 · batch 78/125 · eta 1:05"],
    [30, "epoch 2/5 · eta 1:05"],
    [20, "eta 1:05"],
    [5, "eta…"],
    [1, "…"],
  ])("at %d columns the time left is dropped last", (columns, text) => {
    expect(progressLine(progress, columns)).toBe(text);
    expect(textWidth(text)).toBeLessThan(Math.max(2, columns));
  });

  test("the count is that of the epoch, the share that of the run", () => {
    const text =
      "epoch 2/5 · batch 78/125 · 30 % of the run · eta 1:05 · 12.3k samples/s · loss 0.1235 · accuracy 0.5 · val/loss 0.75";
    expect(progressLine(progress, null)).toBe(text);
  });

  test("where only the epoch's end is known, the time left says so", () => {
    expect(progressLine({ ...progress, share: null, isEtaOfEpoch: true, metrics: {} }, 44)).toMatch(/ · epoch eta 1:05$/);
  });

  test.each([
    [0, "[                    ]"],
    [5, "[=========>          ]"],
    [10, "[====================]"],
    [12, "[====================]"],
  ])("bar at %d of 10", (done, text) => {
    const known = { epoch: 0, epochs: null, batch: done, batches: 10, metrics: {} };
    const progress = { ...known, share: null, samplesPerSecond: null, etaSeconds: null };
    expect(progressLine(progress, 80)).toBe(`epoch 1 ${text} ${done}/10`);
  });
});
