/**
 * The contract of a logger backend. Every backend's test calls `testLogger` with the way to read back what it wrote:
 * from memory, from a file, from a terminal, from a server's API.
 */
import { describe, expect, test } from "vitest";
import { GenericTrainerConfig, parseConfig } from "../../src/config/index.js";
import type { LoggerBackend, MaybePromise, Metrics, RunInfo } from "../../src/contract/index.js";
import { CompositeLogger } from "../../src/loggers/index.js";

/** One record as it was read back. */
export type Recorded =
  | { kind: "metric"; name: string; value: number; step: number }
  | { kind: "text"; name: string; text: string; step: number };

export interface LoggerSubject {
  name: string;
  /** A new backend with an empty store. */
  open: () => MaybePromise<LoggerBackend>;
  /** What the store of the last opened backend holds, in its order. Called after a flush or a close. */
  read: () => MaybePromise<readonly Recorded[]>;
  /** Where values are rounded for people: significant digits. Default: exact. */
  digits?: number;
  /** Where texts are cut for people: they are compared by their first characters. Default: whole. */
  textLength?: number;
}

/** A run as backends see it, for tests that need no trainer. */
export function testRun(dir: string, extra: Partial<RunInfo> = {}): RunInfo {
  const config = parseConfig(GenericTrainerConfig, { maxEpochs: 3 }, "config");
  return { runId: "run-1", runName: "contract", dir, attempt: 1, resumedFromStep: null, rank: 0, worldSize: 1, config, ...extra };
}

const control = { requestStop(): void {} };

export function testLogger(subject: LoggerSubject): void {
  const metricsIn = (records: readonly Recorded[]) => records.filter((record) => record.kind === "metric");
  const rounded = (value: number): number =>
    subject.digits === undefined || !Number.isFinite(value) ? value : Number(value.toPrecision(subject.digits));

  async function opened(dir: string = "/tmp/trainscope-contract"): Promise<CompositeLogger> {
    const logger = new CompositeLogger([await subject.open()]);
    await logger.start(testRun(dir), control);
    return logger;
  }

  describe(`logger contract: ${subject.name}`, () => {
    test("records come back in the order of the calls", async () => {
      const logger = await opened();
      const expected: Recorded[] = [];
      for (let step = 1; step <= 60; step++) {
        logger.logMetrics({ "m/a": step / 8, "m/b": -step }, step, { epoch: 0 });
        expected.push(
          { kind: "metric", name: "m/a", value: rounded(step / 8), step },
          { kind: "metric", name: "m/b", value: -step, step },
        );
      }
      await logger.flush();
      expect(metricsIn(await subject.read())).toEqual(expected);
      await logger.close("completed");
    });

    test("what the caller changes after the call does not change the record", async () => {
      const logger = await opened();
      const reused: Record<string, number> = { "m/a": 0 };
      for (let step = 1; step <= 5; step++) {
        reused["m/a"] = step;
        logger.logMetrics(reused, step);
        reused["m/a"] = -1;
      }
      await logger.flush();
      expect(metricsIn(await subject.read()).map((record) => record.value)).toEqual([1, 2, 3, 4, 5]);
      await logger.close("completed");
    });

    test("NaN and infinities survive", async () => {
      const logger = await opened();
      logger.logMetrics({ "m/nan": NaN, "m/up": Infinity, "m/down": -Infinity }, 1);
      await logger.flush();
      const values: Metrics = Object.fromEntries(metricsIn(await subject.read()).map(({ name, value }) => [name, value]));
      expect(values).toEqual({ "m/nan": NaN, "m/up": Infinity, "m/down": -Infinity });
      await logger.close("completed");
    });

    test.each([
      { what: "unicode", text: "größer, 学習, 🧪, \u{1d54f}" },
      { what: "quotes and percent signs", text: `100 % of "it's" %s %d \\ {} <b>` },
      { what: "100,000 characters", text: "0123456789".repeat(10_000) },
    ])("text with $what survives", async ({ text }) => {
      const logger = await opened();
      logger.logText("note", text, 3);
      await logger.flush();
      const texts = (await subject.read()).filter((record) => record.kind === "text");
      expect(texts.map(({ name, step }) => ({ name, step }))).toEqual([{ name: "note", step: 3 }]);
      const kept = texts[0]?.text ?? "";
      const length = subject.textLength ?? Infinity;
      expect(kept.slice(0, length)).toBe(text.slice(0, length));
      await logger.close("completed");
    });

    test("flush twice changes nothing, and makes everything readable", async () => {
      const logger = await opened();
      logger.logMetrics({ "m/a": 1 }, 1);
      const first = await logger.flush();
      const records = await subject.read();
      expect(metricsIn(records)).toHaveLength(1);
      expect(await logger.flush()).toEqual(first);
      expect(await subject.read()).toEqual(records);
      expect(first[0]).toMatchObject({ pending: 0, refused: 0, dropped: 0 });
      expect(first[0]).not.toHaveProperty("error");
      await logger.close("completed");
    });

    test("close twice is one close, and calls after it do nothing", async () => {
      const backend = await subject.open();
      const logger = new CompositeLogger([backend]);
      await logger.start(testRun("/tmp/trainscope-contract"), control);
      logger.logMetrics({ "m/a": 1 }, 1);
      const reports = await logger.close("completed");
      const records = await subject.read();
      expect(metricsIn(records)).toHaveLength(1);
      expect(await logger.close("failed")).toBe(reports);
      logger.logMetrics({ "m/a": 2 }, 2);
      backend.logMetrics({ "m/a": 3 }, 3);
      backend.logText?.("late", "text", 3);
      await backend.close?.("completed");
      expect(await logger.flush()).toBe(reports);
      expect(await subject.read()).toEqual(records);
    });

    test("every kind of record is accepted, converted or counted, without an error", async () => {
      const logger = await opened();
      const values = new Float32Array([1, 2, 3, 6]);
      logger.logParams({ optimizer: { name: "adam", betas: [0.9, 0.999] }, rate: 0.1, nesterov: true, warmup: null });
      logger.setTags({ team: "vision", draft: "" });
      logger.setNotes("# A run\n\nwith **two** lines");
      logger.logHistogram("h", values, 1);
      logger.logScatter("s", values, values, 1);
      logger.logImage("i", { width: 2, height: 1, channels: 3, data: new Uint8Array(6) }, 1);
      logger.logGraph({ name: "net", layers: [{ name: "dense", op: "Dense", inputs: [], outputShape: [null, 4] }] });
      logger.logArtifact({ name: "config.yaml", path: "/tmp/config.yaml" });
      const circular: Record<string, unknown> = { big: 12n, nothing: undefined, error: new Error("x"), at: new Date(0) };
      circular["self"] = circular;
      logger.logEvent("odd", circular, 1);
      logger.logEvent("warning", { message: "look" }, 1);
      logger.logMetrics({ "m/after": 1 }, 2);
      values.fill(0);
      const [report] = await logger.close("completed");
      expect(report).not.toHaveProperty("error");
      expect(report).toMatchObject({ pending: 0, refused: 0 });
      expect(metricsIn(await subject.read()).at(-1)).toEqual({ kind: "metric", name: "m/after", value: 1, step: 2 });
    });
  });
}
