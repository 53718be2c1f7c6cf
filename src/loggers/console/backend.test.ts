import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testLogger, testRun, type Recorded } from "../../../tests/contract/logger.js";
import type { RunInfo } from "../../contract/index.js";
import { ConsoleBackend } from "./backend.js";
import type { ConsoleBackendOptions } from "./options.js";

/** A stream that keeps its text. */
class TextStream {
  text = "";
  readonly isTTY: boolean;
  columns: number | undefined;

  constructor(isTTY = false, columns: number | undefined = 200) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string, done?: () => void): boolean {
    this.text += text;
    done?.();
    return true;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** What follows the block at the start, which ends with an empty line. */
  get body(): string[] {
    return this.lines.slice(this.lines.indexOf("") + 1);
  }
}

const ESCAPE = "\u001b";
const SPECIAL: Record<string, number> = { NaN, inf: Infinity, "-inf": -Infinity };

/** Reads `step 3  m/a 0.5  m/b -3` and `step 3  note: text` back. */
function readBack(lines: readonly string[]): Recorded[] {
  const records: Recorded[] = [];
  for (const line of lines) {
    const [, step, rest = ""] = /(?:^|\s)step (\d+)\s+(.*)$/.exec(line) ?? [];
    const text = /^(\w+): (.*)$/.exec(rest);
    if (step === undefined || line.startsWith("warning")) continue;
    if (text !== null) records.push({ kind: "text", name: text[1] ?? "", text: text[2] ?? "", step: Number(step) });
    else {
      for (const [, name = "", value = ""] of rest.matchAll(/(\S+) +(\S+)/g)) {
        records.push({ kind: "metric", name, value: SPECIAL[value] ?? Number(value), step: Number(step) });
      }
    }
  }
  return records;
}

let contractStream = new TextStream();
testLogger({
  name: "console",
  open: () => new ConsoleBackend({ stream: (contractStream = new TextStream(false, 1000)) }),
  read: () => readBack(contractStream.lines),
  digits: 4,
  textLength: 299,
});

function opened(options: ConsoleBackendOptions = {}, run: Partial<RunInfo> = {}): { logger: ConsoleBackend; stream: TextStream } {
  const stream = (options.stream as TextStream | undefined) ?? new TextStream();
  const logger = new ConsoleBackend({ ...options, stream });
  logger.start(testRun("/runs/digits", { runName: "digits", ...run }));
  return { logger, stream };
}

/** Lines of the block at the start of such a run. */
const HEAD = 4;

/** One step as the built-in hooks log it, each in its own call. */
function logStep(logger: ConsoleBackend, step: number): void {
  logger.logMetrics({ "train/loss_step": 20 / step, "train/accuracy_step": 0.5, "train/clean/loss_step": 0.25 }, step, {
    epoch: 0,
  });
  logger.logMetrics({ "throughput/samples_per_second": 5231, "system/cpu_percent": 42.4, "system/memory_used_gb": 3 }, step, {
    epoch: 0,
  });
  logger.logMetrics({ "train/learning_rate": 0.001, "train/batch_time_seconds": 0.0123 }, step, { epoch: 0 });
}

describe("a step's line", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("has what all hooks logged at that step, in one order", async () => {
    const { logger, stream } = opened();
    logStep(logger, 50);
    logStep(logger, 100);
    await logger.flush();
    expect(stream.body).toEqual([
      "epoch 1/3  step 50     loss 0.4  accuracy 0.5  clean/loss 0.25  lr 0.001  5.2k samples/s  batch 12.3 ms  cpu 42%",
      '  More is logged than shown here: logLevel: "debug" shows all of it.',
      "epoch 1/3  step 100    loss 0.2  accuracy 0.5  clean/loss 0.25  lr 0.001  5.2k samples/s  batch 12.3 ms  cpu 42%",
    ]);
  });

  test("is written when the step changes, when the loop is idle, at flush and at close", async () => {
    const { logger, stream } = opened();
    const count = (): number => stream.lines.length - HEAD;
    logger.logMetrics({ a: 1 }, 1);
    expect(count()).toBe(0);
    logger.logMetrics({ a: 1 }, 2);
    expect(count()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(count()).toBe(2);
    vi.advanceTimersByTime(1000);
    expect(count()).toBe(2);
    logger.logMetrics({ a: 1 }, 3);
    await logger.flush();
    expect(count()).toBe(3);
    logger.logMetrics({ a: 1 }, 4);
    vi.useRealTimers();
    await logger.close("completed");
    expect(stream.body.slice(4)).toEqual(["", expect.stringMatching(/^completed digits after /), "  directory   /runs/digits"]);
  });

  test("has aligned columns, and names only what was logged at that step", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ loss: 0.123456, b: 1 }, 1);
    logger.logMetrics({ loss: 0.1 }, 2);
    logger.logMetrics({ b: 7, loss: 0.1, c: 1e-7 }, 3);
    await logger.flush();
    expect(stream.body).toEqual(["step 1      loss 0.1235  b 1", "step 2      loss 0.1", "step 3      loss 0.1     b 7  c 1e-7"]);
  });

  test("stays readable with a hundred metrics; level debug shows them all", async () => {
    const metrics = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, i]));
    const info = opened();
    info.logger.logMetrics(metrics, 1);
    await info.logger.flush();
    expect(info.stream.body[0]).toMatch(/m0 0 .* m9 9$/);
    const debug = opened({ level: "debug" });
    debug.logger.logMetrics(metrics, 1);
    await debug.logger.flush();
    expect(debug.stream.body.join(" ")).toMatch(/m0 0 .* m99 99$/);
    expect(debug.stream.text).not.toContain("More is logged");
  });

  test("is not written for system values alone: they join the next one", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ "system/memory_percent": 3 }, 1);
    await logger.flush();
    expect(stream.body).toEqual([]);
    logger.logMetrics({ a: 1 }, 7);
    await logger.flush();
    expect(stream.body).toEqual(["step 7      mem 3%  a 1"]);
  });

  test("names the loader of the step, and its loss where that is another", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ "train/loss_step": 0.5, "train/clean/loss_step": 0.5 }, 1);
    logger.logMetrics({ "train/loss_step": NaN, "train/shifted/loss_step": NaN, b: 1 }, 2);
    logger.logMetrics({ "train/clean/loss_step": 0.5 }, 3);
    await logger.flush();
    expect(stream.body).toEqual([
      "step 1      loss 0.5  on clean",
      "step 2      loss NaN  on shifted  b 1",
      "step 3      clean/loss 0.5",
    ]);
  });

  test("final values are shown at the end, and need no line of their own", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ "train/loss_step": 1 }, 10, { epoch: 2 });
    logger.logMetrics({ "final/total_steps": 10, "final/test_accuracy": 0.987654, extra: 1 }, 10, { epoch: 2 });
    vi.useRealTimers();
    await logger.close("completed");
    expect(stream.body.slice(3, 5)).toEqual(["  final       total steps 10", "              test accuracy 0.9877"]);
    expect(stream.body[0]).toBe("epoch 3/3  step 10     loss 1  extra 1");
  });
});

describe("an epoch's table", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const train = {
    "epoch/train_loss": 0.41,
    "epoch/train_accuracy": 0.9,
    "epoch/clean/train_loss": 0.3,
    "epoch/duration_seconds": 3.21,
  };
  const validation = {
    "epoch/val_loss": 0.44,
    "epoch/val_accuracy": 0.876543,
    "epoch/clean/val_loss": 0.35,
    "epoch/shifted/val_loss": NaN,
  };

  test("has a row for all and for each loader", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ "train/loss_step": 1 }, 9, { epoch: 1 });
    logger.logMetrics(train, 10, { epoch: 1 });
    logger.logMetrics(validation, 10, { epoch: 1 });
    await logger.flush();
    expect(stream.body).toEqual([
      "epoch 2/3  step 9      loss 1",
      "epoch 2/3 (3.21 s)  train loss  val loss  train accuracy  val accuracy",
      "all                       0.41      0.44             0.9        0.8765",
      "clean                     0.3       0.35               –             –",
      "shifted                      –       NaN               –             –",
    ]);
  });

  test("stands above what is said after it", async () => {
    const { logger, stream } = opened();
    logger.logMetrics({ "epoch/train_loss": 1 }, 10, { epoch: 0 });
    logger.logText("note", "in between", 10);
    logger.logMetrics({ "epoch/val_loss": 2 }, 10, { epoch: 0 });
    logger.logEvent("restoredBest", { message: "weights" }, 10);
    await logger.flush();
    expect(stream.body).toEqual([
      "step 10  note: in between",
      "epoch 1/3  step 10  loss 1 (val 2)",
      "step 10  restoredBest: weights",
    ]);
  });

  test("waits for the validation, also the first time, and does not wait where there is none", () => {
    const { logger, stream } = opened();
    const count = (): number => stream.lines.length - HEAD;
    logger.logMetrics(train, 10, { epoch: 0 });
    vi.advanceTimersByTime(5000);
    expect(count()).toBe(0);
    logger.logMetrics(validation, 10, { epoch: 0 });
    vi.advanceTimersByTime(100);
    expect(count()).toBe(4);
    logger.logMetrics(train, 20, { epoch: 1 });
    logger.logMetrics({ "train/loss_step": 1 }, 21, { epoch: 2 });
    logger.logMetrics({ "train/loss_step": 1 }, 22, { epoch: 2 });
    expect(stream.body.slice(4).map((line) => line.slice(0, 9))).toEqual(["epoch 2/3", "all      ", "clean    ", "epoch 3/3"]);

    const without = opened();
    without.logger.logMetrics(train, 10, { epoch: 0 });
    without.logger.logMetrics(train, 20, { epoch: 1 });
    vi.advanceTimersByTime(100);
    expect(without.stream.body).toHaveLength(3 + 3);
  });
});

describe("warnings, errors, text, events", () => {
  test.each([
    { level: "debug", shown: ["run", "epoch", "warning", "error", "text", "event", "params"] },
    { level: "info", shown: ["run", "epoch", "warning", "error", "text"] },
    { level: "warn", shown: ["warning", "error"] },
    { level: "error", shown: ["error"] },
    { level: "silent", shown: [] },
  ] as const)("at level $level: $shown", async ({ level, shown }) => {
    const { logger, stream } = opened({ level });
    logger.logEvent("warning", { message: "WARNING" }, 3);
    logger.logEvent("error", { message: "ERROR" });
    logger.logText("note", "TEXT", 1);
    logger.logEvent("saved", { path: "EVENT" });
    logger.logParams({ rate: "PARAMS" });
    logger.logMetrics({ a: 1 }, 1, { epoch: 0 });
    await logger.flush();
    const all = {
      run: "run digits",
      epoch: "epoch 1/3",
      warning: "WARNING",
      error: "ERROR",
      text: "TEXT",
      event: "EVENT",
      params: "PARAMS",
    };
    expect(
      Object.entries(all)
        .filter(([, text]) => stream.text.includes(text))
        .map(([name]) => name)
        .sort(),
    ).toEqual([...shown].sort());
  });

  test("hide secrets, and keep terminal codes of others out", async () => {
    const { logger, stream } = opened();
    logger.logEvent("warning", { message: "no answer from https://user:hunter2@host/x?token=abc" }, 3);
    logger.logEvent("learningRateReduced", { message: "from 0.1 to 0.01" }, 4);
    logger.logText("note", "first\nsecond\u001b[2Jthird", 5);
    await logger.flush();
    for (const hidden of ["hunter2", "abc", ESCAPE]) expect(stream.text).not.toContain(hidden);
    expect(stream.body.slice(1)).toEqual([
      "step 4  learningRateReduced: from 0.1 to 0.01",
      "step 5  note: first ⏎ second\\x1b[2Jthird",
    ]);
  });

  test("hide secrets by key too", async () => {
    const { logger, stream } = opened({ level: "debug" });
    logger.logEvent("saved", { password: 4711, at: "https://me:hunter2@host" }, 1);
    logger.logParams({ apiKey: "hunter2" });
    logger.setTags({ token: "hunter2" });
    logger.logArtifact({ name: "a", path: "s3://me:hunter2@host/a" });
    await logger.flush();
    expect(stream.text).not.toMatch(/hunter2|4711/);
    expect(stream.body).toEqual([
      'step 1  saved {"password":"***","at":"https://***@host"}',
      'params {"apiKey":"***"}',
      'tags {"token":"***"}',
      "artifact a s3://***@host/a",
    ]);
  });

  test("the start says when a run resumes, once", async () => {
    const { logger, stream } = opened({}, { attempt: 2, resumedFromStep: 400 });
    logger.logEvent("rewind", { message: "resumed from step 400", toStep: 400 }, 400);
    await logger.flush();
    expect(stream.lines[0]).toBe("run digits (attempt 2, from step 400)");
    expect(stream.body).toEqual([]);
  });
});

test("wrong options are refused with everything that is wrong", () => {
  const open = (): unknown => new ConsoleBackend({ stream: {}, level: "warning", colour: true } as never);
  expect(open).toThrow(expect.objectContaining({ code: "ERR_CONFIG" }));
  expect(open).toThrow(/Nearest: "color"[^]*Nearest: "warn"[^]*Allowed: an object with a `write` method/);
});

test("a metric named like a key of JavaScript is one", async () => {
  const { logger, stream } = opened();
  logger.logMetrics({ constructor: 1, toString: 2 }, 1);
  await logger.flush();
  expect(stream.body[0]).toBe("step 1      constructor 1  toString 2");
});

describe("colors", () => {
  const before = process.env["NO_COLOR"];
  afterEach(() => {
    if (before === undefined) delete process.env["NO_COLOR"];
    else process.env["NO_COLOR"] = before;
  });

  test.each([
    { isTTY: true, noColor: undefined, color: undefined, painted: true },
    { isTTY: true, noColor: "", color: undefined, painted: true },
    { isTTY: true, noColor: "1", color: undefined, painted: false },
    { isTTY: false, noColor: undefined, color: undefined, painted: false },
    { isTTY: false, noColor: "1", color: true, painted: true },
    { isTTY: true, noColor: undefined, color: false, painted: false },
  ])("terminal $isTTY, NO_COLOR $noColor, color $color: $painted", ({ isTTY, noColor, color, painted }) => {
    if (noColor === undefined) delete process.env["NO_COLOR"];
    else process.env["NO_COLOR"] = noColor;
    const { logger, stream } = opened({ stream: new TextStream(isTTY), color });
    logger.logEvent("warning", { message: "look" });
    expect(stream.text.includes(`${ESCAPE}[33m`)).toBe(painted);
  });

  test("on a terminal each line clears a progress bar", () => {
    const { stream } = opened({ stream: new TextStream(true), color: false });
    expect(stream.text).toBe("\r\u001b[Krun digits\n  length      3 epochs\n  directory   /runs/digits\n");
  });
});

describe("a stream that goes away", () => {
  class BrokenStream extends Writable {
    override _write(_chunk: unknown, _encoding: unknown, done: (error: Error) => void): void {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    }
  }

  test("never throws, never leaves an error event, and is reported by close", async () => {
    const stream = new BrokenStream();
    const logger = new ConsoleBackend({ stream });
    logger.start(testRun("/runs/x"));
    await new Promise((resolve) => setImmediate(resolve));
    logger.logEvent("warning", { message: "not logged" });
    logger.logMetrics({ a: 1 }, 1);
    const reports = await logger.close("completed");
    expect(reports).toMatchObject([{ backend: "console", error: "write EPIPE", dropped: 4 }]);
    expect(stream.listenerCount("error")).toBe(0);
  });

  test("one that breaks with the last write does not outlive close as an uncaught error", async () => {
    const stream = new BrokenStream({ autoDestroy: false });
    const logger = new ConsoleBackend({ stream });
    logger.logEvent("error", { message: "not logged" });
    expect(await logger.close("failed")).toMatchObject([{ error: "write EPIPE" }]);
    expect(stream.listenerCount("error")).toBe(0);
  });

  test("one whose write throws", async () => {
    const logger = new ConsoleBackend({
      stream: {
        write: () => {
          throw new Error("gone");
        },
      },
    });
    logger.logText("note", "x", 1);
    expect(await logger.flush()).toMatchObject([{ error: "gone", dropped: 1 }]);
  });

  test("a healthy stream stays open and has no listener left", async () => {
    const chunks: string[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(String(chunk));
        done();
      },
    });
    const logger = new ConsoleBackend({ stream });
    logger.logText("note", "x", 1);
    expect(stream.listenerCount("error")).toBe(1);
    await logger.close("completed");
    expect(stream.listenerCount("error")).toBe(0);
    expect(stream.writable).toBe(true);
    expect(chunks.join("")).toBe("step 1  note: x\n");
  });
});
