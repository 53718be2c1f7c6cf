import { describe, expect, test } from "vitest";
import { MemoryBackend } from "../../../tests/support/memory-backend.js";
import { testRun } from "../../../tests/contract/logger.js";
import type { LoggerBackend } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { CompositeLogger } from "./composite-logger.js";
import type { BackendFailure } from "./guarded-backend.js";

const run = testRun("/tmp/trainscope-quarantine");
const control = { requestStop(): void {} };
const image = { width: 1, height: 1, channels: 1 as const, data: new Uint8Array(1) };

/** Every method with a call that reaches it. */
const CALLS: Record<string, (logger: CompositeLogger) => unknown> = {
  start: (logger) => logger.start(run, control),
  logParams: (logger) => logger.logParams({ a: 1 }),
  logMetrics: (logger) => logger.logMetrics({ a: 1 }, 1),
  logHistogram: (logger) => logger.logHistogram("h", new Float32Array(2), 1),
  logImage: (logger) => logger.logImage("i", image, 1),
  logText: (logger) => logger.logText("t", "x", 1),
  logScatter: (logger) => logger.logScatter("s", new Float32Array(2), new Float32Array(2), 1),
  logGraph: (logger) => logger.logGraph({ layers: [] }),
  logArtifact: (logger) => logger.logArtifact({ name: "a", path: "/a" }),
  logEvent: (logger) => logger.logEvent("e", {}),
  setTags: (logger) => logger.setTags({ a: "b" }),
  flush: (logger) => logger.flush(),
  close: (logger) => logger.close("completed"),
};

/** A backend with every method; `faulty` does what `act` does, the others nothing. Calls are listed. */
function faultyBackend(faulty: string, act: () => unknown): { backend: LoggerBackend; calls: string[] } {
  const calls: string[] = [];
  const backend: Record<string, unknown> = { name: "faulty" };
  for (const method of Object.keys(CALLS)) {
    backend[method] = () => {
      calls.push(method);
      return method === faulty ? act() : undefined;
    };
  }
  return { backend: backend as unknown as LoggerBackend, calls };
}

interface Rig {
  logger: CompositeLogger;
  before: MemoryBackend;
  after: MemoryBackend;
  failures: BackendFailure[];
  clock: { ms: number };
}

/** The faulty backend between two good ones. */
function rigged(backend: LoggerBackend, options: { startTimeoutMs?: number } = {}): Rig {
  const before = new MemoryBackend("before");
  const after = new MemoryBackend("after");
  const failures: BackendFailure[] = [];
  const clock = { ms: 1_000_000 };
  const logger = new CompositeLogger([before, backend, after], {
    ...options,
    elapsed: () => clock.ms,
    onBackendFailed: (failure) => failures.push(failure),
  });
  return { logger, before, after, failures, clock };
}

const broken = (): never => {
  throw new Error("broken pipe");
};

describe.each([
  { how: "throws", act: broken },
  { how: "rejects", act: (): unknown => Promise.reject(new Error("broken pipe")) },
  { how: "rejects with something that is no error", act: (): unknown => Promise.reject("broken pipe" as unknown) },
])("a backend that $how", ({ act }) => {
  test.each(Object.keys(CALLS))(
    "in %s: nothing reaches the caller, the others get everything, it is reported once",
    async (method) => {
      const { backend, calls } = faultyBackend(method, act);
      const { logger, before, after, failures } = rigged(backend);
      await logger.start(run, control);
      for (const call of Object.values(CALLS)) await call(logger);
      const reports = await logger.close("completed");
      expect(failures).toMatchObject([{ backend: "faulty", operation: method, count: 1 }]);
      expect(before.records.filter((record) => record.kind === "metric").length).toBeGreaterThan(0);
      expect(after.records).toEqual(before.records);
      expect(reports.map((report) => report.backend)).toEqual(["before", "faulty", "after"]);
      expect(reports[1]?.error).toContain(`broken pipe`);
      expect(reports[0]).not.toHaveProperty("error");
      expect(calls.filter((name) => name === "close")).toHaveLength(1);
    },
  );
});

describe("quarantine", () => {
  test.each([-3_600_000, 3_600_000])("ends after a second also when the wall clock is set by %i ms", (setMs) => {
    let failing = true;
    const memory = new MemoryBackend("memory");
    const backend: LoggerBackend = {
      name: "flaky",
      logMetrics(metrics, step, at) {
        if (failing) throw new Error("disk full");
        memory.logMetrics(metrics, step, at);
      },
    };
    const clocks = { wall: 2e12, elapsed: 0 };
    const logger = new CompositeLogger([backend], { now: () => clocks.wall, elapsed: () => clocks.elapsed });
    logger.logMetrics({ a: 1 }, 1);
    failing = false;
    clocks.wall += setMs;
    clocks.elapsed += 999;
    logger.logMetrics({ a: 2 }, 2);
    clocks.elapsed += 1;
    logger.logMetrics({ a: 3 }, 3);
    expect(memory.records).toMatchObject([{ name: "a", value: 3 }]);
    expect(memory.times).toMatchObject([{ wallTime: clocks.wall / 1000 }]);
  });

  test("rests 1 s, then 2, 4, … 60 s, each time until a record tries again", () => {
    const { backend, calls } = faultyBackend("logMetrics", broken);
    const { logger, clock } = rigged(backend);
    const tries: number[] = [];
    for (let second = 0; second <= 400; second += 0.5) {
      clock.ms = 1_000_000 + second * 1000;
      const before = calls.length;
      logger.logMetrics({ a: 1 }, 1);
      if (calls.length > before) tries.push(second);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363]);
  });

  test("a success ends it; what came meanwhile is counted as dropped", async () => {
    let failing = true;
    const kept: number[] = [];
    const backend: LoggerBackend = {
      name: "flaky",
      logMetrics(metrics) {
        if (failing) throw new Error("disk full");
        kept.push(metrics["a"] as number);
      },
    };
    const { logger, clock, failures } = rigged(backend);
    logger.logMetrics({ a: 1, b: 1 }, 1);
    logger.logMetrics({ a: 2 }, 2);
    failing = false;
    logger.logMetrics({ a: 3 }, 3);
    clock.ms += 1000;
    logger.logMetrics({ a: 4 }, 4);
    logger.logMetrics({ a: 5 }, 5);
    expect(kept).toEqual([4, 5]);
    failing = true;
    logger.logMetrics({ a: 6 }, 6);
    expect(failures).toHaveLength(1);
    const reports = await logger.close("completed");
    expect(reports[1]).toEqual({
      backend: "flaky",
      delivered: 2,
      pending: 0,
      refused: 0,
      dropped: 5,
      error: "logMetrics: disk full (2 failures)",
    });
  });

  test("promises are pending until they settle, and flush waits for them", async () => {
    let settle: (() => void) | undefined;
    const backend: LoggerBackend = {
      name: "slow",
      logMetrics: () => new Promise<void>((resolve) => (settle = resolve)) as unknown as void,
    };
    const { logger } = rigged(backend);
    logger.logMetrics({ a: 1, b: 2 }, 1);
    const early = await logger.flush({ timeoutMs: 10 });
    expect(early[1]).toMatchObject({ pending: 2, delivered: 0, error: "did not settle within 5 ms" });
    const flushing = logger.close("completed");
    settle?.();
    expect((await flushing)[1]).toMatchObject({ pending: 0, delivered: 2, dropped: 0 });
  });

  test("calls that never end are bounded: the backend is not called while 10,000 wait", async () => {
    let calls = 0;
    const settle: (() => void)[] = [];
    const backend: LoggerBackend = {
      name: "stuck",
      logMetrics: () => {
        calls++;
        return new Promise<void>((resolve) => settle.push(resolve)) as unknown as void;
      },
      logText: () => expect.fail("called"),
    };
    const { logger, clock, failures } = rigged(backend);
    for (let i = 0; i < 10_500; i++) logger.logMetrics({ a: 1 }, i);
    clock.ms += 1000;
    logger.logText("t", "x", 1);
    expect(calls).toBe(10_000);
    expect(failures).toMatchObject([{ operation: "logMetrics", error: "10,000 calls have not ended" }]);
    for (const resolve of settle) resolve();
    await new Promise((resolve) => setImmediate(resolve));
    logger.logMetrics({ a: 1 }, 1);
    settle.at(-1)?.();
    expect((await logger.close("completed"))[1]).toMatchObject({ delivered: 10_001, pending: 0, dropped: 501 });
  });

  test("many rejections at once are one outage: the rest is not doubled by each", async () => {
    let calls = 0;
    const backend: LoggerBackend = {
      name: "async",
      logMetrics: () => {
        calls++;
        return Promise.reject(new Error("down")) as unknown as void;
      },
    };
    const { logger, clock, failures } = rigged(backend);
    for (let i = 0; i < 5; i++) logger.logMetrics({ a: i }, i);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(5);
    clock.ms += 1000;
    logger.logMetrics({ a: 5 }, 5);
    expect(calls).toBe(6);
    expect(failures).toHaveLength(1);
    await logger.close("completed");
  });

  test("a backend's own numbers win, ours are added", async () => {
    const backend: LoggerBackend = {
      name: "counts",
      logMetrics() {},
      close: () => [
        { backend: "counts", delivered: 40, pending: 2, refused: 1, dropped: 3 },
        { backend: "counts/inner", delivered: 1, pending: 0, refused: 0, dropped: 0 },
      ],
    };
    const { logger } = rigged(backend);
    logger.logMetrics({ a: 1, "b!": 1 }, 1);
    logger.logText("lacking", "x", 1);
    const reports = await logger.close("completed");
    expect(reports.slice(1, 3)).toEqual([
      { backend: "counts", delivered: 40, pending: 2, refused: 2, dropped: 4, unsupported: 1 },
      { backend: "counts/inner", delivered: 1, pending: 0, refused: 0, dropped: 0 },
    ]);
  });
});

describe("start", () => {
  test("returns no promise when no backend does", () => {
    expect(rigged(faultyBackend("none", broken).backend).logger.start(run, control)).toBeUndefined();
  });

  test.each([
    {
      how: "throws",
      act: (error: Error): unknown => {
        throw error;
      },
    },
    { how: "rejects", act: (error: Error): unknown => Promise.reject(error) },
  ])("a definite refusal that $how is passed on, after the others were started, and everyone is closed", async ({ act }) => {
    const refusal = new TrainscopeError("ERR_BACKEND_REFUSED", "401: the token is not valid.");
    const { backend, calls } = faultyBackend("start", () => act(refusal));
    let started = false;
    const late: LoggerBackend = {
      name: "late",
      logMetrics() {},
      start: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        started = true;
      },
    };
    const logger = new CompositeLogger([backend, late]);
    await expect(async () => logger.start(run, control)).rejects.toBe(refusal);
    expect(started).toBe(true);
    await logger.close("failed");
    expect(calls).toEqual(["start", "close"]);
  });

  test("one that hangs is quarantined after startTimeoutMs, until its start succeeds", async () => {
    let finish: (() => void) | undefined;
    const kept: number[] = [];
    const backend: LoggerBackend = {
      name: "hanging",
      start: () => new Promise<void>((resolve) => (finish = resolve)),
      logMetrics: (_metrics, step) => void kept.push(step),
    };
    const { logger, failures, clock } = rigged(backend, { startTimeoutMs: 20 });
    await logger.start(run, control);
    expect(failures).toMatchObject([{ operation: "start", error: "did not start within 20 ms" }]);
    clock.ms += 5000;
    logger.logMetrics({ a: 1 }, 1);
    expect(kept).toEqual([]);
    finish?.();
    await new Promise((resolve) => setImmediate(resolve));
    logger.logMetrics({ a: 1 }, 2);
    expect(kept).toEqual([2]);
  });

  test("one that failed is started again before the next record it gets", () => {
    const calls: string[] = [];
    let failing = true;
    const backend: LoggerBackend = {
      name: "unready",
      start() {
        calls.push("start");
        if (failing) throw new Error("no server");
      },
      logMetrics: (_metrics, step) => void calls.push(`step ${step}`),
    };
    const { logger, clock } = rigged(backend);
    void logger.start(run, control);
    logger.logMetrics({ a: 1 }, 1);
    clock.ms += 1000;
    logger.logMetrics({ a: 1 }, 2);
    failing = false;
    clock.ms += 2000;
    logger.logMetrics({ a: 1 }, 3);
    expect(calls).toEqual(["start", "start", "start", "step 3"]);
  });

  test("a retry that is refused for good ends the tries", () => {
    let starts = 0;
    const backend: LoggerBackend = {
      name: "unready",
      logMetrics() {},
      start() {
        starts++;
        throw starts === 1 ? new Error("no server") : new TrainscopeError("ERR_BACKEND_REFUSED", "401");
      },
    };
    const { logger, clock } = rigged(backend);
    void logger.start(run, control);
    for (let i = 0; i < 100; i++) {
      clock.ms += 60_000;
      logger.logMetrics({ a: 1 }, i);
    }
    expect(starts).toBe(2);
  });
});

describe("bounds", () => {
  const hanging: LoggerBackend = {
    name: "hanging",
    logMetrics() {},
    flush: () => new Promise<void>(() => {}),
    close: () => new Promise<void>(() => {}),
  };

  test.each(["flush", "close"] as const)("a hanging %s ends at timeoutMs, and the others are reported", async (operation) => {
    const { logger } = rigged(hanging);
    logger.logMetrics({ a: 1 }, 1);
    const reports =
      operation === "flush" ? await logger.flush({ timeoutMs: 30 }) : await logger.close("completed", { timeoutMs: 30 });
    expect(reports.map((report) => report.error)).toEqual([undefined, `did not ${operation} within 30 ms`, undefined]);
    expect(reports.map((report) => report.delivered)).toEqual([1, 1, 1]);
  });

  test("an abort ends the wait", async () => {
    const { logger } = rigged(hanging);
    const stop = new AbortController();
    const closing = logger.close("interrupted", { signal: stop.signal });
    stop.abort();
    expect((await closing)[1]?.error).toBe("did not close before the wait was aborted");
    const late = rigged(hanging).logger;
    expect((await late.close("interrupted", { signal: AbortSignal.abort() }))[1]?.error).toBe(
      "did not close before the wait was aborted",
    );
  });

  test("a backend gets the limits, also the default", async () => {
    const given: unknown[] = [];
    const backend: LoggerBackend = {
      name: "x",
      logMetrics() {},
      flush: (bounds) => void given.push(bounds),
      close: (_status, bounds) => void given.push(bounds),
    };
    const { logger } = rigged(backend);
    await logger.flush();
    await logger.close("completed", { timeoutMs: 50 });
    expect(given).toMatchObject([{ timeoutMs: 10_000 }, { timeoutMs: 50 }]);
  });
});
