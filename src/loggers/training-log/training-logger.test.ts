import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultFs, ioError } from "../../../tests/loggers/fault-fs.js";
import { testLogger, testRun, type Recorded } from "../../../tests/contract/logger.js";
import { CompositeLogger } from "../composite/composite-logger.js";
import { PrimaryOnlyBackend } from "../composite/primary-only.js";
import { TrainingLogBackend } from "./backend.js";
import type { TrainingLoggerOptions } from "./options.js";
import { TrainingLogger } from "./training-logger.js";

let dir = "";
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "trainscope-log-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

type Line = Record<string, unknown>;

function readLines(from: string): Line[] {
  const text = readdirSync(from)
    .sort()
    .map((name) => readFileSync(join(from, name), "utf8"))
    .join("");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

describe("alone", () => {
  const opened = (options: Partial<TrainingLoggerOptions> = {}): TrainingLogger =>
    new TrainingLogger({ dir, experiment: "digits", now: () => Date.UTC(2026, 0, 2), ...options });

  test("the first seed's program, line by line", async () => {
    {
      await using logger = opened({ run: "run-1", rank: 0, fields: { hpu_id: 3 } });
      logger.logTrainingStart({ learningRate: 0.001, apiKey: "abc" });
      logger.logTrainingMetrics({
        epoch: 0,
        batch: 2,
        step: 3,
        trainLoss: 0.5,
        valLoss: NaN,
        learningRate: 0.001,
        accuracy: 0.9,
      });
      logger.logEpochSummary(0, 0.5, 0.6, { accuracy: 0.9 });
      logger.logEpochSummary(1, 0.4);
      logger.logTrainingComplete(2, 3600, { val_loss: 0.5 });
    }
    const base = {
      level: "info",
      timestamp: "2026-01-02T00:00:00.000Z",
      logger: "trainscope",
      component: "training",
      module: "training-log",
      run: "run-1",
      experiment_id: "digits",
      rank: 0,
      hpu_id: 3,
    };
    const losses = { train_loss: 0.5, val_loss: "NaN" };
    expect(readLines(dir)).toEqual([
      { ...base, event: "training_start", params: { learningRate: 0.001, apiKey: "***" }, message: "training started" },
      {
        ...base,
        event: "training_metrics",
        epoch: 0,
        batch_idx: 2,
        step: 3,
        ...losses,
        learning_rate: 0.001,
        accuracy: 0.9,
        message: "training metrics",
      },
      {
        ...base,
        event: "epoch_summary",
        epoch: 0,
        train_loss: 0.5,
        val_loss: 0.6,
        accuracy: 0.9,
        message: "epoch 1: train loss 0.5, val loss 0.6",
      },
      { ...base, event: "epoch_summary", epoch: 1, train_loss: 0.4, message: "epoch 2: train loss 0.4" },
      {
        ...base,
        event: "training_complete",
        total_epochs: 2,
        duration_seconds: 3600,
        best: { val_loss: 0.5 },
        message: "training complete: 2 epochs in 1h 0m",
      },
    ]);
  });

  test("extras keep to themselves: keys that a line has already get a _ behind them", async () => {
    const logger = opened({ component: "reader", module: "data", fields: { host: "a", level: "x" } });
    logger.info("hello", { level: 1, message: "other", timestamp: 0, host: "b", host_: "c", batch_idx: 4 });
    await logger.close();
    const [text = ""] = readFileSync(logger.path, "utf8").split("\n");
    expect(JSON.parse(text)).toMatchObject({
      level: "info",
      message: "hello",
      component: "reader",
      module: "data",
      host: "a",
      host_: "c",
      host__: "b",
      level_: "x",
      level__: 1,
      batch_idx: 4,
    });
    const keys = [...text.matchAll(/"(\w+)":/g)].map((match) => match[1]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([
    { level: "debug", kept: ["debug", "info", "warn", "error"] },
    { level: "info", kept: ["info", "warn", "error"] },
    { level: "warn", kept: ["warn", "error"] },
    { level: "error", kept: ["error"] },
    { level: "silent", kept: [] },
  ] as const)("level $level keeps $kept", async ({ level, kept }) => {
    const logger = opened({ level });
    for (const each of ["debug", "info", "warn", "error"] as const) logger[each](each);
    await logger.close();
    expect(readLines(dir).map((line) => line["level"])).toEqual(kept);
  });

  test.each(["%s %d %j %%", 'a "b"\n\\', "\u2028 größe \u0000 \ud800", "{}"])(
    "the message %j is kept as it is",
    async (message) => {
      const logger = opened();
      logger.info(message, { a: message });
      await logger.close();
      const [line] = readLines(dir);
      expect(line?.["message"]).toBe(message);
      expect(line?.["a"]).toBe(message);
    },
  );

  test("extras that cannot be read, or look like a request or an error, do not harm the line", async () => {
    const logger = opened();
    logger.info("getter", {
      get bad(): number {
        throw new Error("no");
      },
    });
    logger.error("failed", { err: new Error("inner"), method: "GET", headers: {}, socket: {} });
    logger.info(12 as unknown as string, null as never);
    await logger.close();
    expect(readLines(dir)).toMatchObject([
      { message: "getter", bad: "[could not be read: no]" },
      { message: "failed", err: { name: "Error", message: "inner" }, method: "GET", headers: {}, socket_: {} },
      { message: "12" },
    ]);
  });

  test("secrets are hidden, whatever their type; a measured number is none, whatever its name", async () => {
    const logger = opened({ fields: { host: "https://me:hunter2@host", apiKey: 4711 } });
    logger.info("see https://me:hunter2@host", { password: 4711, token: ["hunter2"] });
    logger.logTrainingMetrics({ epoch: 0, batch: 1, loss_token: 0.5, token: "hunter2" });
    logger.logEpochSummary(0, 1, null, { f1_token: NaN, password: "hunter2" });
    logger.logTrainingComplete(1, 2, { f1_token: 0.9, secret: ["hunter2"] });
    await logger.close();
    const text = readFileSync(logger.path, "utf8");
    expect(text).not.toMatch(/hunter2|4711/);
    expect(readLines(dir)).toMatchObject([
      { message: "see https://***@host", host: "https://***@host", apiKey: "***", password: "***", token: "***" },
      { loss_token: 0.5, token: "***" },
      { f1_token: "NaN", password: "***" },
      { best: { f1_token: 0.9, secret: "***" } },
    ]);
  });

  test("keys that mean something in JavaScript, or to pino, are data", async () => {
    const keys = ["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "__proto__", "err", "then"];
    const values = JSON.parse(`{${keys.map((key, i) => `"${key}":${i + 0.5}`).join()}}`) as Record<string, number>;
    const logger = opened({
      fields: JSON.parse('{"__proto__":1,"constructor":2,"toString":3,"formatters":4,"hasOwnProperty":5}'),
    });
    logger.info("x", values);
    logger.info("x", { nested: values });
    logger.logTrainingMetrics({ epoch: 0, batch: 0, ...values });
    logger.logEpochSummary(0, 1, null, values);
    logger.logTrainingComplete(1, 2, values);
    logger.logPoints(values, 1, undefined, undefined);
    await logger.close();
    const lines = readFileSync(logger.path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      for (const [i, key] of keys.entries()) expect(line).toMatch(new RegExp(`"${key}_?":${i + 0.5}[,}]`));
      for (const key of ["__proto__", "constructor", "toString", "formatters_", "hasOwnProperty_"])
        expect(line).toContain(`"${key}":`);
    }
  });

  test("a record is whole, however many values it has", async () => {
    const many = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`metric ${i}`, i / 8]));
    const logger = opened();
    logger.logTrainingMetrics({ epoch: 0, batch: 0, ...many });
    logger.logEpochSummary(0, 1, null, many);
    logger.logTrainingComplete(1, 2, many);
    logger.info("x", { many, list: Object.values(many) });
    logger.logPoints(many, 1, undefined, undefined);
    expect(await logger.close()).toMatchObject({ delivered: 6004, dropped: 0 });
    const [metrics, summary, complete, info, points] = readLines(dir);
    for (const values of [metrics, summary, complete?.["best"], info?.["many"], points?.["metrics"]])
      expect(values).toMatchObject(many);
    expect(info?.["list"]).toEqual(Object.values(many));
  });

  test.each(["warning", "fatal", "toString", "silent", 30, undefined])("a line of the level %s is not lost", async (level) => {
    const logger = opened();
    logger.write(level as never, "said", { a: 1 });
    await logger.close();
    expect(readLines(dir)).toMatchObject([{ level: "warn", message: "said", a: 1, unknown_level: String(level) }]);
  });

  test("a line of an unknown level with extras that cannot be read is not lost", async () => {
    const logger = opened();
    const extras = Object.defineProperty({ a: 1 }, "b", { get: () => expect.fail("no access"), enumerable: true });
    logger.write(Object.create(null) as never, "said", extras);
    await logger.close();
    expect(readLines(dir)).toMatchObject([
      { a: 1, b: expect.stringContaining("no access"), unknown_level: "an object without keys" },
    ]);
  });

  test("what an error knows is in its line", async () => {
    const logger = opened();
    const parts = [Object.assign(new Error("refused"), { code: "ECONNREFUSED", errno: -111, port: 80 }), new TypeError("other")];
    logger.error("failed", { error: new AggregateError(parts, "all failed", { cause: new Error("inner") }) });
    await logger.close();
    expect(readLines(dir)).toMatchObject([
      {
        error: {
          name: "AggregateError",
          message: "all failed",
          cause: { message: "inner" },
          errors: [
            { message: "refused", code: "ECONNREFUSED", errno: -111, port: 80 },
            { name: "TypeError", message: "other" },
          ],
        },
      },
    ]);
  });

  test("wrong options are refused with everything that is wrong", () => {
    const wrong = { dir, maxByte: 1, rank: -1, onError: "no", fields: 3 } as never;
    const error = thrownBy(() => new TrainingLogger(wrong));
    expect(error).toMatchObject({ code: "ERR_CONFIG" });
    const { message } = error as Error;
    expect(message).toContain('Nearest: "maxBytes"');
    for (const place of ["TrainingLogger.maxByte", "TrainingLogger.rank", "TrainingLogger.onError", "TrainingLogger.fields"])
      expect(message).toContain(place);
    expect(message).toContain("Allowed: a function.");
    expect(thrownBy(() => new TrainingLogBackend({ metric: false } as never))).toMatchObject({
      path: "TrainingLogBackend.metric",
    });
  });

  test("warnings are on disk at once, also in a burst, and what waited before them", async () => {
    const logger = opened();
    for (let i = 0; i < 300; i++) logger.info(`line ${i}`);
    logger.warn("look");
    const lines = readLines(dir);
    expect(lines).toHaveLength(301);
    expect(lines.at(-1)).toMatchObject({ level: "warn", message: "look" });
    await logger.close();
  });

  test("a failing disk never throws; it is reported once, and in the reports", async () => {
    const { fs, faults } = faultFs();
    const errors: unknown[] = [];
    const logger = opened({ fs, onError: (error) => errors.push(error) });
    logger.info("a");
    faults.write = ioError("ENOSPC");
    logger.error("b");
    logger.error("c");
    expect(await logger.flush()).toEqual({
      backend: "training-log",
      delivered: 1,
      pending: 2,
      refused: 0,
      dropped: 0,
      error: "ENOSPC: injected",
    });
    expect(errors).toMatchObject([{ code: "ERR_LOG" }]);
    faults.write = null;
    expect(await logger.close()).toMatchObject({ delivered: 3, pending: 0, dropped: 0 });
    logger.info("late");
    expect(await logger.close()).toMatchObject({ delivered: 3, dropped: 1 });
    expect(readLines(dir).map((line) => line["message"])).toEqual(["a", "b", "c"]);
  });

  test("other ranks have their own file", async () => {
    await opened({ rank: 0 }).close();
    await opened({ rank: 3 }).close();
    expect(readdirSync(dir).sort()).toEqual(["training-000001.jsonl", "training-rank3-000001.jsonl"]);
  });
});

describe("behind the trainer", () => {
  const control = { requestStop(): void {} };
  let contractDir = "";

  function readBack(): Recorded[] {
    const records: Recorded[] = [];
    for (const line of readLines(contractDir)) {
      const step = line["step"] as number;
      for (const [name, value] of Object.entries((line["metrics"] ?? {}) as Record<string, number | string>)) {
        records.push({ kind: "metric", name, value: Number(value), step });
      }
      if (line["event"] === "text" && line["name"] === "note")
        records.push({ kind: "text", name: "note", text: line["message"] as string, step });
    }
    return records;
  }

  testLogger({
    name: "training log",
    open: () => new TrainingLogBackend({ dir: (contractDir = mkdtempSync(join(dir, "contract-"))) }),
    read: readBack,
  });

  test("points count one each, other calls one, and its own lines not at all", async () => {
    const logger = new CompositeLogger([new TrainingLogBackend()]);
    await logger.start(testRun(dir), control);
    logger.logMetrics({ a: 1, b: 2, c: 3 }, 1);
    logger.setTags({ team: "a", fold: "1" });
    expect(await logger.flush()).toMatchObject([{ delivered: 4 }]);
    logger.logEvent("runEnd", { status: "completed" }, 1);
    expect(await logger.close("completed")).toMatchObject([{ delivered: 5, pending: 0, dropped: 0 }]);
    expect(readLines(join(dir, "log"))).toHaveLength(4);
  });

  test("a run, line by line", async () => {
    const logger = new CompositeLogger([new TrainingLogBackend()], { now: () => 5000 });
    await logger.start(testRun(dir, { attempt: 2, resumedFromStep: 7 }), control);
    logger.logParams({ "optimizer.name": "adam" });
    logger.logMetrics({ "train/loss_step": NaN }, 8, { epoch: 1 });
    logger.logMetrics({ "train/loss_step": 0.5 }, 9, { epoch: 1, wallTime: 2 });
    logger.logEvent("warning", { message: "look", loader: "clean" }, 9);
    logger.logEvent("error", { message: "broke", code: "ERR_STEP" });
    logger.logEvent("saved", { path: "x" }, 9);
    logger.logText("note", "hello", 9);
    const [report] = await logger.close("failed");
    const lines = readLines(join(dir, "log"));
    expect(lines.every((line) => line["run"] === "contract" && line["experiment_id"] === "run-1" && line["rank"] === 0)).toBe(
      true,
    );
    expect(lines).toMatchObject([
      { level: "info", event: "run_start", message: "run resumed", attempt: 2, resumed_from_step: 7 },
      { message: "params", params: { "optimizer.name": "adam" } },
      { message: "metrics", step: 8, epoch: 1, metrics: { "train/loss_step": "NaN" }, timestamp: "1970-01-01T00:00:05.000Z" },
      { message: "metrics", step: 9, timestamp: "1970-01-01T00:00:02.000Z" },
      { level: "warn", event: "warning", message: "look", loader: "clean", step: 9 },
      { level: "error", event: "error", message: "broke", code: "ERR_STEP" },
      { level: "info", event: "saved", message: "saved", path: "x", step: 9 },
      { level: "info", event: "text", message: "hello", name: "note", step: 9 },
      { level: "info", event: "run_end", message: "run failed", status: "failed" },
    ]);
    expect(report).toEqual({ backend: "training-log", delivered: 7, pending: 0, refused: 0, dropped: 0 });
  });

  test("without metrics there is no file before the first event", async () => {
    const quiet = new CompositeLogger([new TrainingLogBackend({ metrics: false })]);
    await quiet.start(testRun(dir), control);
    quiet.logParams({ a: 1 });
    quiet.logMetrics({ a: 1 }, 1);
    quiet.logArtifact({ name: "a", path: "/a" });
    expect(await quiet.close("completed")).toMatchObject([{ dropped: 0 }]);
    expect(readdirSync(dir)).toEqual([]);

    const writes = new CompositeLogger([new TrainingLogBackend({ metrics: false })]);
    await writes.start(testRun(dir), control);
    writes.logMetrics({ a: 1 }, 1);
    writes.logEvent("warning", { message: "look" }, 1);
    await writes.close("completed");
    expect(readLines(join(dir, "log")).map((line) => line["message"])).toEqual(["look", "run completed"]);
  });

  test("on another rank: its own file, text and events only", async () => {
    const logger = new CompositeLogger([new PrimaryOnlyBackend(new TrainingLogBackend())]);
    await logger.start(testRun(dir, { rank: 1, worldSize: 2 }), control);
    logger.logMetrics({ a: 1 }, 1);
    logger.logEvent("error", { message: "rank 1 broke" }, 1);
    expect(await logger.close("failed")).toMatchObject([{ backend: "training-log", delivered: 1, dropped: 1 }]);
    expect(readdirSync(join(dir, "log"))).toEqual(["training-rank1-000001.jsonl"]);
    expect(readLines(join(dir, "log")).map((line) => [line["rank"], line["message"]])).toEqual([
      [1, "run started"],
      [1, "rank 1 broke"],
      [1, "run failed"],
    ]);
  });

  test("a directory that cannot be written is this backend's failure, not the run's", async () => {
    const failures: unknown[] = [];
    const logger = new CompositeLogger([new TrainingLogBackend({ dir: "/dev/null/log" })], {
      onBackendFailed: (failure) => failures.push(failure),
    });
    await logger.start(testRun(dir), control);
    logger.logEvent("error", { message: "x" });
    const [report] = await logger.close("completed");
    expect(failures).toMatchObject([{ operation: "start", error: { code: "ERR_LOG" } }]);
    expect(report).toMatchObject({ dropped: 1, error: expect.stringContaining("ENOTDIR") as string });
  });

  test("without a directory and without a run it says what to give", () => {
    expect(() => new TrainingLogBackend().logMetrics({ a: 1 }, 1)).toThrow(/Give it a `dir`/);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
