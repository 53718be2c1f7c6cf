/** Whole runs on terminals of each width, on one that does not know its width, and in a pipe: no line is wider. */
import { stripVTControlCharacters } from "node:util";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { GenericTrainer, defineHook, type GenericTrainerConfig } from "../../src/index.js";
import { ProgressBarHook } from "../../src/hooks/index.js";
import { ConsoleBackend } from "../../src/loggers/index.js";
import { textWidth } from "../../src/support/text-width.js";
import { linearBatches, LinearModel, type Rows } from "../support/linear-model.js";
import { temporaryRuns } from "../support/run.js";

const runsDir = temporaryRuns();
afterEach(() => vi.unstubAllEnvs());

/** A terminal or a pipe that keeps what was written to it, and how wide it was then. */
class FakeStream {
  readonly writes: { text: string; columns: number | undefined }[] = [];
  readonly isTTY: boolean;
  columns: number | undefined;

  constructor(isTTY: boolean, columns: number | undefined) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string, done?: () => void): boolean {
    this.writes.push({ text, columns: this.columns });
    done?.();
    return true;
  }

  get text(): string {
    return this.writes.map(({ text }) => text).join("");
  }

  /** Each line that was ever to be seen, with the width that the stream had then. */
  seen(): { line: string; columns: number | undefined }[] {
    return this.writes.flatMap(({ text, columns }) =>
      stripVTControlCharacters(text)
        .split(/[\r\n]/)
        .map((line) => ({ line, columns })),
    );
  }
}

const NAMES = Array.from({ length: 14 }, (_, i) => `a_metric_with_a_rather_long_name_${i}`);

/** Two loaders that differ, 14 metrics, warnings and texts with wide characters, a long directory, a checkpoint, lost records. */
async function train(stream: FakeStream, more: { config?: Partial<GenericTrainerConfig>; meddle?: (step: number) => void } = {}) {
  const model = new LinearModel({ width: 2 });
  const evaluate = model.evalStep.bind(model);
  const trainStep = model.trainStep.bind(model);
  const withMetrics = (result: ReturnType<typeof evaluate>) => ({
    ...result,
    metrics: Object.fromEntries(NAMES.map((name, i) => [name, (i + 1) / 3])),
  });
  Object.assign(model, {
    metricNames: NAMES,
    evalStep: (batch: Rows) => withMetrics(evaluate(batch)),
    trainStep: (batch: Rows) => withMetrics(trainStep(batch)),
  });
  const dir = join(runsDir, "a directory 学習 with/a-rather-long-name-that-fits-in-no-line-of-a-narrow-terminal");
  const lossy = {
    name: "a-backend-that-loses-everything",
    logMetrics: () => {
      throw new Error("the server at https://metrics.example.com/a/long/path/without/an/end does not answer");
    },
  };
  const trainer = new GenericTrainer<Rows>(
    {
      maxEpochs: 3,
      runsDir: dir,
      runName: `${String(stream.columns)}-${stream.isTTY}-🧪-${Math.random()}`,
      logging: { loggerType: "none", loggers: [new ConsoleBackend({ stream }), lossy], logEveryNSteps: 2 },
      hooks: { enableModelCheckpointHook: stream.columns === 60, enableLearningRateMonitor: true, enableThroughput: true },
      ...more.config,
    },
    model,
    model.optimizer,
  );
  trainer.hookManager.registerHook(new ProgressBarHook({ refreshMs: 0, plainEverySeconds: 0 }, { stream }));
  const talkative = defineHook<Rows>("talkative", {
    onTrainBatchEnd({ logger, state }) {
      more.meddle?.(state.step);
      if (state.step !== 3) return;
      logger.logEvent("warning", { message: `学習率が高すぎます 🙂 ${"a long warning ".repeat(20)}\nsecond line` }, state.step);
      logger.logText("note", `no spaces: ${"x".repeat(250)}`, state.step);
      logger.logMetrics({ "not a name!": 1 }, state.step);
    },
  });
  trainer.hookManager.registerHook(talkative);
  const data = { "a-loader-with-a-long-name": linearBatches(4, 2), other: linearBatches(3, 2) };
  return trainer.fit({ train: data, validation: data });
}

test.each([
  { name: "160 columns", isTTY: true, columns: 160, limit: 160 },
  { name: "100 columns", isTTY: true, columns: 100, limit: 100 },
  { name: "80 columns", isTTY: true, columns: 80, limit: 80 },
  { name: "60 columns", isTTY: true, columns: 60, limit: 60 },
  { name: "20 columns", isTTY: true, columns: 20, limit: 20 },
  { name: "a terminal that says 0", isTTY: true, columns: 0, limit: 80 },
  { name: "a terminal that says nothing", isTTY: true, columns: undefined, limit: 80 },
  { name: "a pipe", isTTY: false, columns: undefined, limit: 80 },
])("no line is too wide: $name", async ({ isTTY, columns, limit }) => {
  vi.stubEnv("COLUMNS", "");
  const stream = new FakeStream(isTTY, columns);
  await train(stream);
  const tooWide = stream.seen().filter(({ line }) => textWidth(line) > limit && !line.includes(" of the run · "));
  expect(tooWide).toEqual([]);
  for (const part of ["run", "epoch", "warning", "note", "completed", "not logged", "directory"])
    expect(stream.text).toContain(part);
});

test("no line is too wide at level debug, where all values are shown", async () => {
  const stream = new FakeStream(true, 60);
  await train(stream, { config: { logLevel: "debug" } });
  expect(stream.seen().filter(({ line }) => textWidth(line) > 60)).toEqual([]);
});

test("a terminal may be resized under way", async () => {
  const stream = new FakeStream(true, 160);
  await train(stream, { meddle: (step) => (stream.columns = 160 - 5 * step) });
  expect(stream.columns).toBeLessThan(70);
  expect(stream.seen().filter(({ line, columns = 0 }) => textWidth(line) > columns)).toEqual([]);
});

describe("what a person reads", () => {
  const own = async (config: Partial<GenericTrainerConfig>, stream = new FakeStream(false, 100)): Promise<string[]> => {
    const model = new LinearModel({ width: 2 });
    const trainer = new GenericTrainer<Rows>(
      { runsDir, logging: { loggerType: "none", loggers: [new ConsoleBackend({ stream })] }, ...config },
      model,
      model.optimizer,
    );
    await trainer.fit({ train: linearBatches(4, 2), validation: linearBatches(2, 2) });
    return stripVTControlCharacters(stream.text).split("\n");
  };

  test("one line an epoch for one loader, and an end that says what to do with it", async () => {
    const lines = await own({ maxEpochs: 2, runName: "one", hooks: { enableModelCheckpointHook: true } });
    const epochs = lines.filter((line) => line.includes("(val "));
    expect(epochs).toHaveLength(2);
    expect(epochs[0]).toMatch(/^epoch 1\/2 {2}\S+ [µm]?s +loss [\d.e-]+ \(val [\d.e-]+\)$/);
    const end = lines.slice(lines.findIndex((line) => line.startsWith("completed one after ")));
    expect(end[0]).toMatch(/: maxEpochs 2 reached$/);
    expect(end[1]).toBe("  trained     2 epochs, 8 steps");
    expect(end[2]).toMatch(/^ {2}best +val\/loss [\d.e-]+ in epoch 2$/);
    expect(end.join("\n")).toMatch(/checkpoint .*of epoch 2, step 8/s);
  });

  test("reasons count epochs from 1, and round", async () => {
    const early = { enableEarlyStoppingHook: true, earlyStoppingConfig: { patience: 1, minDelta: 100 } };
    const lines = await own({ maxEpochs: 9, runName: "early", hooks: early });
    const reason = lines.slice(lines.findIndex((line) => line.startsWith("stopped early"))).join(" ");
    expect(reason).toMatch(/for 1 check; +best 0\.\d{1,5} in epoch 2 /);
  });

  test("a bar on the terminal replaces the lines of steps, which debug shows all the same", async () => {
    const steps = async (logLevel: "info" | "debug", isTTY: boolean): Promise<number> => {
      const stream = new FakeStream(isTTY, 100);
      const hooks = { enableProgressBar: true } as const;
      const write = vi.spyOn(process.stderr, "write").mockReturnValue(true); // where that bar goes
      const logging = {
        loggerType: "none" as const,
        loggers: [new ConsoleBackend({ stream, level: logLevel })],
        logEveryNSteps: 1,
      };
      const lines = await own({ maxEpochs: 1, runName: `bar-${logLevel}-${isTTY}`, hooks, logging }, stream);
      write.mockRestore();
      return lines.filter((line) => line.includes(" step ")).length;
    };
    expect(await steps("info", true)).toBe(0);
    expect(await steps("debug", true)).toBeGreaterThan(3);
    expect(await steps("info", false)).toBeGreaterThan(3);
  });
});
