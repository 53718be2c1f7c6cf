import { describe, expect, test } from "vitest";
import { testLogger } from "../../../tests/contract/logger.js";
import { MemoryBackend } from "../../../tests/support/memory-backend.js";
import type { LoggerBackend } from "../../contract/index.js";
import { CompositeLogger } from "./composite-logger.js";
import type { RefusedPoint } from "./points.js";

let latest = new MemoryBackend();
testLogger({ name: "in memory", open: () => (latest = new MemoryBackend()), read: () => latest.records });
testLogger({
  name: "a composite in a composite",
  open: () => new CompositeLogger([(latest = new MemoryBackend())]),
  read: () => latest.records,
});

function logged(write: (logger: CompositeLogger) => void): {
  memory: MemoryBackend;
  refused: RefusedPoint[];
  logger: CompositeLogger;
} {
  const memory = new MemoryBackend();
  const refused: RefusedPoint[] = [];
  const logger = new CompositeLogger([memory], { onPointRefused: (point) => refused.push(point) });
  write(logger);
  return { memory, refused, logger };
}

describe("points", () => {
  test.each([
    { what: "an empty name", name: "" },
    { what: "a character that is not allowed", name: "loss!" },
    { what: "a letter beyond ASCII", name: "größe" },
    { what: "an empty segment", name: "a//b" },
    { what: "a slash at the end", name: "a/" },
    { what: "a slash at the start", name: "/a" },
    { what: "251 characters", name: "x".repeat(251) },
    { what: "a segment that climbs", name: "a/../b" },
  ])("$what is refused, the rest of the call is logged", async ({ name }) => {
    const { memory, refused, logger } = logged((log) => log.logMetrics({ first: 1, [name]: 2, last: 3 }, 1));
    expect(memory.records.map((record) => record.name)).toEqual(["first", "last"]);
    expect(refused).toEqual([{ name: name.slice(0, 250), step: 1, reason: expect.any(String) as string }]);
    expect(await logger.close("completed")).toMatchObject([{ backend: "memory", delivered: 2, refused: 1, dropped: 0 }]);
  });

  test.each(["a", "train/loss_step", "system/gpu.1/utilization", "A-b_c.d e:f/9", "x".repeat(250)])("%s is a name", (name) => {
    const { memory, refused } = logged((log) => log.logMetrics({ [name]: 1 }, 0));
    expect(memory.records).toEqual([{ kind: "metric", name, value: 1, step: 0 }]);
    expect(refused).toEqual([]);
  });

  test.each([
    { what: "a string", value: "0.5" },
    { what: "undefined", value: undefined },
    { what: "null", value: null },
    { what: "a big integer", value: 1n },
    { what: "a deferred scalar", value: { read: () => 1, dispose: () => {} } },
  ])("a value that is $what is refused", ({ value }) => {
    const { memory, refused } = logged((log) => log.logMetrics({ bad: value as unknown as number, good: 1 }, 1));
    expect(memory.records.map((record) => record.name)).toEqual(["good"]);
    expect(refused).toHaveLength(1);
  });

  test.each([-1, 1.5, NaN, Infinity, 2 ** 53, "3" as unknown as number])(
    "step %s is refused for every point of the call",
    async (step) => {
      const { memory, refused, logger } = logged((log) => log.logMetrics({ a: 1, b: 2 }, step));
      expect(memory.records).toEqual([]);
      expect(refused.map((point) => point.name)).toEqual(["a", "b"]);
      expect(await logger.flush()).toMatchObject([{ refused: 2 }]);
    },
  );

  test.each([NaN, Infinity, -1, -0, Date.now(), null, "1.7e9", new Date()])("a wall time of %s is refused", async (given) => {
    const at = { wallTime: given as number };
    const { memory, refused, logger } = logged((log) => {
      log.logMetrics({ a: 1, b: 2 }, 1, at);
      log.logHistogram("h", new Float32Array(1), 1, at);
      log.logText("t", "text", 1, at);
      log.logScatter("s", new Float32Array(1), new Float32Array(1), 1, at);
    });
    expect(memory.records).toEqual([]);
    expect(refused.map(({ name }) => name)).toEqual(["a", "b", "h", "t", "s"]);
    for (const { reason } of refused) expect(reason).toContain("The wall time is ");
    expect(await logger.flush()).toMatchObject([{ delivered: 0, refused: 5 }]);
  });

  test.each([[[1, 2]], [new Float32Array(2)], [new Map([["a", 1]])], ["ab"], [5], [null], [Promise.resolve({})], [new Date()]])(
    "%o are no metrics",
    async (given) => {
      const { memory, refused, logger } = logged((log) => {
        log.logMetrics(given as never, 1);
        log.logMetrics(given as never, 1, { wallTime: NaN });
        log.logParams(given as never);
        log.setTags(given as never);
        log.logEvent("event", given as never);
      });
      expect([memory.records, memory.params, memory.tags, memory.events]).toEqual([[], {}, {}, []]);
      expect(refused.map(({ name }) => name)).toEqual(["metrics", "params", "tags", "event"]);
      expect(await logger.flush()).toMatchObject([{ refused: 5, dropped: 0 }]);
    },
  );

  test("a problem is reported once for each name and reason, and counted each time", async () => {
    const { refused, logger } = logged((log) => {
      for (let step = 1; step <= 100; step++) log.logMetrics({ "bad!": step, odd: "x" as unknown as number }, step);
    });
    expect(refused).toHaveLength(2);
    expect(await logger.flush()).toMatchObject([{ refused: 200 }]);
  });

  test("a reason that differs in its numbers only is the same reason", () => {
    const { refused } = logged((log) => {
      for (let i = 0; i < 10; i++) log.logMetrics({ a: 1 }, 1, { wallTime: Date.now() + i });
      for (let i = 0; i < 10; i++) log.logMetrics({ a: 1 }, -i - 1);
    });
    expect(refused).toHaveLength(2);
  });

  test("secrets in a name or a reason are not reported, and a name is cut", () => {
    const { refused } = logged((log) => {
      log.logMetrics({ "https://me:hunter2@host": 1, ["x".repeat(100_000)]: 2 }, 1);
      log.logParams({ a: { [`password=${"hunter2"}`]: new Date(0) } });
    });
    expect(refused).toHaveLength(3);
    expect(JSON.stringify(refused)).not.toContain("hunter2");
    expect(refused[1]?.name).toHaveLength(250);
  });

  test("media with contents that do not fit are refused", async () => {
    const { refused, logger } = logged((log) => {
      log.logHistogram("h", [1, 2] as never, 1);
      log.logScatter("s", new Float32Array(2), new Float32Array(3), 1);
      log.logImage("i", { width: 2, height: 2, channels: 3, data: new Uint8Array(11) }, 1);
      log.logImage("i", { width: 2, height: 2, channels: 2 as 1, data: new Uint8Array(8) }, 1);
      log.logImage("i", null as never, 1);
      log.logText("t", 12 as never, 1);
      log.logText("t!", "text", 1);
      log.logArtifact({ name: "", path: "x" });
      log.logMetrics(null as never, 1);
    });
    expect(refused.map((point) => point.name)).toEqual(["h", "s", "i", "i", "i", "t", "t!", "artifact", "metrics"]);
    expect(await logger.flush()).toMatchObject([{ delivered: 0, refused: 9 }]);
  });

  test("what cannot be read does not throw into the caller", () => {
    const broken = new Proxy({}, { get: () => expect.fail("no"), has: () => expect.fail("no") }) as never;
    const { refused } = logged((log) => {
      log.logMetrics({ a: broken }, 1);
      log.logMetrics({ b: 1 }, 1, broken);
      log.logImage("i", broken, 1);
      log.logText("t", "text", 1, broken);
      log.logGraph(broken);
      log.logArtifact(broken);
      log.logEvent("e", broken);
      log.logParams(broken);
      log.setTags(broken);
    });
    const names = ["a", "b", "i", "t", "graph", "artifact", "e", "params", "tags"];
    expect(refused.map(({ name }) => name)).toEqual(names);
  });

  test("nor does what can be read only in part", () => {
    const unreadable = { get: () => expect.fail("no"), enumerable: true };
    const { refused } = logged((log) => {
      log.logGraph(Object.defineProperty({ layers: [] }, "name", unreadable));
      log.logArtifact(Object.defineProperty({ name: "a", path: "b" }, "type", unreadable));
    });
    expect(refused.map(({ name }) => name)).toEqual(["graph", "artifact"]);
  });

  test("metrics whose getter throws do not throw into the caller", () => {
    const { refused } = logged((log) => {
      log.logMetrics(
        {
          get a(): number {
            throw new Error("no");
          },
        },
        1,
      );
    });
    expect(refused).toHaveLength(1);
  });

  test("onMetrics sees the valid points, and what it throws is ignored", () => {
    const seen: string[] = [];
    const memory = new MemoryBackend();
    const logger = new CompositeLogger([memory], {
      onMetrics: (metrics) => {
        seen.push(...Object.keys(metrics));
        throw new Error("listener");
      },
      onPointRefused: () => {
        throw new Error("listener");
      },
    });
    logger.logMetrics({ a: 1, "b!": 2 }, 1);
    expect(seen).toEqual(["a"]);
    expect(memory.records).toHaveLength(1);
  });

  test("a listener that rejects is no unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const rejects = (() => Promise.reject(new Error("listener"))) as never;
    const failing: LoggerBackend = {
      name: "failing",
      logMetrics: () => {
        throw new Error("backend");
      },
    };
    const listeners = { onMetrics: rejects, onPointRefused: rejects, onBackendFailed: rejects };
    new CompositeLogger([failing], listeners).logMetrics({ a: 1, "b!": 2 }, 1);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("valid points reach a backend as the caller's own object", () => {
    const seen: unknown[] = [];
    const metrics = { a: 1 };
    new CompositeLogger([{ name: "x", logMetrics: (given) => seen.push(given) as never }]).logMetrics(metrics, 1);
    expect(seen[0]).toBe(metrics);
  });
});

describe("time", () => {
  test("wall time is read once a call, in seconds, and the caller's own wins", () => {
    let now = 1_000_000;
    const first = new MemoryBackend("first");
    const second = new MemoryBackend("second");
    const logger = new CompositeLogger([first, second], { now: () => now++ });
    logger.logMetrics({ a: 1 }, 1, { epoch: 2 });
    logger.logMetrics({ a: 1 }, 2, { epoch: 2, wallTime: 7.5 });
    logger.logMetrics({ a: 1 }, 3);
    expect(first.times).toEqual([{ epoch: 2, wallTime: 1000 }, { epoch: 2, wallTime: 7.5 }, { wallTime: 1000.001 }]);
    expect(second.times).toEqual(first.times);
  });
});

describe("a time that is none", () => {
  const throws = {
    get epoch(): number {
      throw new Error("no epoch");
    },
  };
  test.each<{ at: unknown; reason: string }>([
    { at: { walltime: 1 }, reason: 'no key "walltime".\nNearest: "wallTime"' },
    { at: { wall_time: 1, epoch: 0 }, reason: 'Nearest: "wallTime"' },
    { at: { epochs: 1 }, reason: 'Nearest: "epoch"' },
    { at: { epoch: -1 }, reason: "The epoch is -1; it must be an integer from 0" },
    { at: { epoch: 0.5 }, reason: "The epoch is 0.5" },
    { at: { epoch: NaN }, reason: "The epoch is NaN" },
    { at: { epoch: "3" }, reason: 'The epoch is "3"' },
    { at: { epoch: null }, reason: "The epoch is null" },
    { at: 3, reason: "The time is 3, not an object such as { epoch: 0 }" },
    { at: [1], reason: "The time has no key" },
    { at: throws, reason: "no epoch" },
    { at: { ...{}, get wallTime() { throw new Error("no time"); } }, reason: "no time" }, // prettier-ignore
    { at: new Proxy({}, { ownKeys: () => { throw new Error("no keys"); } }), reason: "no keys" }, // prettier-ignore
  ])("$reason", async ({ at, reason }) => {
    const { memory, refused, logger } = logged((log) => {
      log.logMetrics({ a: 1, b: 2 }, 1, at as never);
      log.logHistogram("h", new Float32Array(1), 1, at as never);
      log.logText("t", "text", 1, at as never);
    });
    expect(memory.records).toEqual([]);
    expect(refused.map(({ name }) => name)).toEqual(["a", "b", "h", "t"]);
    for (const point of refused) expect(point.reason).toContain(reason);
    expect(await logger.flush()).toMatchObject([{ delivered: 0, refused: 4, dropped: 0 }]);
  });

  test("a time that changes while it is used is read once", () => {
    let reads = 0;
    const at = {
      get epoch(): number {
        if (++reads > 1) throw new Error("read twice");
        return 4;
      },
      wallTime: 7,
    };
    const { memory, refused } = logged((log) => log.logMetrics({ a: 1 }, 1, at));
    expect([memory.times, refused]).toEqual([[{ epoch: 4, wallTime: 7 }], []]);
  });
});

describe("kinds that a backend lacks", () => {
  test("a histogram becomes summary scalars where there is no logHistogram", async () => {
    const media = new MemoryBackend("media");
    const plain = new MemoryBackend("plain", { lacks: ["logHistogram"] });
    const logger = new CompositeLogger([media, plain]);
    logger.logHistogram("w", new Float32Array([1, 2, 3]), 4);
    expect(media.histograms).toEqual([{ name: "w", values: [1, 2, 3], step: 4 }]);
    expect(plain.records.map((record) => record.name)).toEqual(["w/min", "w/max", "w/mean", "w/std"]);
    expect(media.records).toEqual([]);
    expect(await logger.flush()).toMatchObject([
      { delivered: 1, dropped: 0 },
      { delivered: 1, dropped: 0 },
    ]);
  });

  test("text and what becomes text are events where there is no logText", () => {
    const events: [string, unknown, number | undefined][] = [];
    const backend: LoggerBackend = {
      name: "events",
      logMetrics() {},
      logEvent: (name, data, step) => void events.push([name, data, step]),
    };
    const logger = new CompositeLogger([backend]);
    logger.logText("note", "hello", 2);
    logger.setTags({ a: "b" });
    logger.logParams({ rate: 0.1 });
    logger.logArtifact({ name: "config", path: "/x" }, 3);
    logger.logScatter("s", new Float32Array([0, 1]), new Float32Array([0, 2]), 4);
    expect(events).toEqual([
      ["text", { name: "note", text: "hello" }, 2],
      ["tags", { a: "b" }, undefined],
      ["params", { rate: 0.1 }, undefined],
      ["artifact", { name: "config", path: "/x", type: null, keep: "snapshot" }, 3],
      ["text", { name: "s", text: "2 points, x 0 to 1 (mean 0.5), y 0 to 2 (mean 1), correlation 1" }, 4],
    ]);
  });

  test("an event is text where there is no logEvent, and the graph too", () => {
    const memory = new MemoryBackend("memory", { lacks: ["logEvent"] });
    const logger = new CompositeLogger([memory]);
    logger.logEvent("warning", { message: "slow", step: 1 }, 9);
    logger.logEvent("saved", { path: "x" });
    logger.logGraph({
      layers: [{ name: "d", op: "Dense", inputs: [], outputShape: [null, 3], parameters: 12 }],
      parameterCount: 12,
    });
    expect(memory.records).toEqual([
      { kind: "text", name: "warning", text: "slow", step: 9 },
      { kind: "text", name: "saved", text: '{"path":"x"}', step: 0 },
      { kind: "text", name: "graph", text: "model\nd: Dense [?, 3], 12 parameters\n12 parameters in all", step: 0 },
    ]);
  });

  test("what has no substitute is counted as dropped", async () => {
    const logger = new CompositeLogger([{ name: "least", logMetrics() {} }]);
    logger.logText("t", "x", 1);
    logger.logEvent("e", {}, 1);
    logger.logParams({ a: 1 });
    logger.setTags({ a: "b" });
    logger.logImage("i", { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }, 1);
    logger.logHistogram("empty", new Float32Array(), 1);
    expect(await logger.close("completed")).toEqual([
      { backend: "least", delivered: 0, pending: 0, refused: 0, dropped: 6, unsupported: 5 },
    ]);
  });
});

test("refusals without end are counted, and the last report says that it is the last", async () => {
  const refused: RefusedPoint[] = [];
  const logger = new CompositeLogger([new MemoryBackend()], { onPointRefused: (point) => refused.push(point) });
  for (let i = 0; i < 1500; i++) logger.logMetrics({ [`bad ${i}!`]: 1 }, 1);
  expect(refused).toHaveLength(1001);
  expect(refused.at(-1)?.reason).toContain("further ones are only counted");
  expect(await logger.close("completed")).toMatchObject([{ refused: 1500 }]);
});

test("backends of one name have different names in the reports", async () => {
  const logger = new CompositeLogger([new MemoryBackend("m"), new MemoryBackend("m"), new MemoryBackend("m#2")]);
  const names = ["m", "m#2", "m#2#2"];
  expect(logger.backends).toEqual(names);
  expect((await logger.close("completed")).map((report) => report.backend)).toEqual(names);
});

test("wrong options are refused", () => {
  const open = (): unknown => new CompositeLogger([], { onPointRefusd: () => {}, startTimeoutMs: 0 } as never);
  expect(open).toThrow(expect.objectContaining({ code: "ERR_CONFIG" }));
  expect(open).toThrow(/CompositeLogger\.onPointRefusd[^]*Nearest: "onPointRefused"[^]*CompositeLogger\.startTimeoutMs/);
});

test.each([
  { what: "one backend", backends: new MemoryBackend(), path: "CompositeLogger.backends", found: "a MemoryBackend" },
  { what: "a class", backends: [MemoryBackend], path: "CompositeLogger.backends[0]", found: "the class MemoryBackend" },
  { what: "a list", backends: [new MemoryBackend(), []], path: "CompositeLogger.backends[1]", found: "a list of 0" },
  {
    what: "one without a name",
    backends: [{ logMetrics() {} }],
    path: "CompositeLogger.backends[0]",
    found: "the key logMetrics",
  },
  { what: "nothing", backends: undefined, path: "CompositeLogger.backends", found: "undefined" },
])("$what is no list of backends", ({ backends, path, found }) => {
  const refused = expect.objectContaining({ code: "ERR_CONFIG", path, detail: expect.stringContaining(found) });
  expect(() => new CompositeLogger(backends as never)).toThrow(refused);
});

describe("calls that are wrong", () => {
  const unreadable = {
    get a(): string {
      throw new Error("no access");
    },
  };
  test.each<{ what: string; call: (logger: CompositeLogger) => void; name: string; reason: string }>([
    { what: "params that are none", call: (log) => log.logParams(5 as never), name: "params", reason: "The params are 5" },
    { what: "params of a list", call: (log) => log.logParams([1] as never), name: "params", reason: "a list of 1" },
    { what: "a param of a date", call: (log) => log.logParams({ a: { b: new Date(0) } }), name: "a.b", reason: "toISOString" },
    { what: "notes that are no text", call: (log) => log.setNotes(5 as never), name: "notes", reason: "The text is a number" },
    { what: "a param of undefined", call: (log) => log.logParams({ a: undefined } as never), name: "a", reason: "is undefined" },
    { what: "params that throw", call: (log) => log.logParams(unreadable), name: "params", reason: "no access" },
    { what: "tags that are none", call: (log) => log.setTags(null as never), name: "tags", reason: "The tags are null" },
    { what: "a tag of a number", call: (log) => log.setTags({ seed: 7 } as never), name: "seed", reason: "String(value)" },
    {
      what: "an event without data",
      call: (log) => log.logEvent("saved", undefined as never),
      name: "saved",
      reason: "undefined",
    },
    { what: "an event without a name", call: (log) => log.logEvent("", {}), name: "", reason: "not empty" },
    {
      what: "an event with a symbol as name",
      call: (log) => log.logEvent(Symbol("a") as never, {}),
      name: "Symbol(a)",
      reason: "Symbol(a)",
    },
    { what: "an event at no step", call: (log) => log.logEvent("saved", {}, 1.5), name: "saved", reason: "The step is 1.5" },
    { what: "an artifact at no step", call: (log) => log.logArtifact({ name: "a", path: "/a" }, NaN), name: "artifact", reason: "The step is NaN" }, // prettier-ignore
    { what: "an artifact that is kept otherwise", call: (log) => log.logArtifact({ name: "a", path: "/a", keep: "copy" } as never), name: "artifact", reason: 'Allowed: "snapshot", "reference"' }, // prettier-ignore
    { what: "an artifact of no type", call: (log) => log.logArtifact({ name: "a", path: "/a", type: 5 } as never), name: "artifact", reason: "type of the artifact is 5" }, // prettier-ignore
    { what: "a misspelt artifact", call: (log) => log.logArtifact({ name: "a", path: "/a", kind: "model" } as never), name: "artifact", reason: 'no key "kind"' }, // prettier-ignore
    { what: "a graph without layers", call: (log) => log.logGraph({ name: "m" } as never), name: "graph", reason: "layers" },
    {
      what: "misspelt axes",
      call: (log) => log.logScatter("s", new Float32Array(1), new Float32Array(1), 1, undefined, { xlabel: "x" } as never),
      name: "s",
      reason: 'Nearest: "xLabel"',
    },
  ])("$what: refused and reported, and no backend fails", async ({ call, name, reason }) => {
    const memory = new MemoryBackend();
    const refused: RefusedPoint[] = [];
    const failures: unknown[] = [];
    const logger = new CompositeLogger([memory], {
      onPointRefused: (point) => refused.push(point),
      onBackendFailed: (failure) => failures.push(failure),
    });
    call(logger);
    expect(refused).toMatchObject([{ name, reason: expect.stringContaining(reason) }]);
    expect([failures, memory.records, memory.events, memory.params, memory.tags]).toEqual([[], [], [], {}, {}]);
    expect(await logger.close("completed")).toMatchObject([{ refused: 1, dropped: 0 }]);
  });

  test("an event whose data has toJSON arrives as what that gives", () => {
    const memory = new MemoryBackend();
    const logger = new CompositeLogger([memory]);
    logger.logEvent("a", { toJSON: () => ({ b: 1 }) });
    logger.logEvent("c", { toJSON: () => "text" });
    expect(memory.events.map(({ data }) => data)).toEqual([{ b: 1 }, { value: "text" }]);
  });

  test("what is right beside it is logged", () => {
    const memory = new MemoryBackend();
    const logger = new CompositeLogger([memory]);
    logger.logParams({ rate: 0.1, layers: new Float32Array(2), name: "a", none: null, nan: NaN, own: { deep: [1, { b: 2 }] } });
    logger.setTags({ team: "a", seed: 7 } as never);
    expect(memory.params).toEqual({ rate: 0.1, name: "a", none: null, nan: NaN, "own.deep": '[1,{"b":2}]' });
    expect(memory.tags).toEqual({ team: "a" });
  });
});

describe("secrets", () => {
  test("are hidden before any backend sees the record; other values stay", () => {
    const memory = new MemoryBackend();
    const artifacts: unknown[] = [];
    const keeps: LoggerBackend = { name: "keeps", logMetrics() {}, logArtifact: (artifact) => void artifacts.push(artifact) };
    const logger = new CompositeLogger([memory, keeps]);
    logger.logEvent("see https://me:pw@host", { password: 1234, list: [{ token: ["abc"] }], nan: NaN, message: "?token=abc" }, 3);
    logger.logText("note", "Authorization: Bearer abcdefgh", 3);
    logger.logParams({ db: { url: "postgres://me:pw@db/x" }, "hooks.Own.apiKey": "abc", rate: 0.1, tokens: 5 });
    logger.setNotes("see https://me:pw@host");
    expect(memory.notes).toEqual(["see https://***@host"]);
    logger.setTags({ token: "abc", team: "vision" });
    logger.logArtifact({ name: "from https://me:pw@host", path: "/runs/a://me:pw@host" });
    expect(memory.events).toEqual([
      {
        name: "see https://***@host",
        data: { password: "***", list: [{ token: "***" }], nan: "NaN", message: "?token=***" },
        step: 3,
      },
      {
        name: "artifact",
        data: { name: "from https://***@host", path: "/runs/a://***@host", type: null, keep: "snapshot" },
        step: undefined,
      },
    ]);
    expect(memory.records).toEqual([{ kind: "text", name: "note", text: "Authorization: Bearer ***", step: 3 }]);
    expect(memory.params).toEqual({ "db.url": "postgres://***@db/x", "hooks.Own.apiKey": "***", rate: 0.1, tokens: 5 });
    expect(memory.tags).toEqual({ token: "***", team: "vision" });
    expect(artifacts).toEqual([{ name: "from https://***@host", path: "/runs/a://me:pw@host" }]); // the file must be found
  });

  test("where there are none a backend gets the caller's own objects", () => {
    const seen: unknown[] = [];
    const keep = (given: unknown): void => void seen.push(given);
    const backend: LoggerBackend = {
      name: "keeps",
      logMetrics: keep,
      logParams: keep,
      setTags: keep,
      logArtifact: keep,
      logEvent: (_name, data) => keep(data),
    };
    const logger = new CompositeLogger([backend]);
    const given = [
      { "loss/token": 1 },
      { rate: NaN },
      { team: "a" },
      { name: "a", path: "/a" },
      { at: new Date(0), error: new Error("x") },
    ] as const;
    logger.logMetrics(given[0], 1);
    logger.logParams(given[1]);
    logger.setTags(given[2]);
    logger.logArtifact(given[3]);
    logger.logEvent("e", given[4]);
    expect(seen).toHaveLength(given.length);
    expect(seen).toEqual(given);
    for (const i of [0, 2, 3, 4]) expect(seen[i]).toBe(given[i]); // params are made flat
  });

  test("are hidden in graphs, axes and addresses of artifacts too, and a name that holds one is refused", () => {
    const seen: unknown[] = [];
    const keep = (...given: unknown[]): void => void seen.push(...given);
    const refused: RefusedPoint[] = [];
    const backend: LoggerBackend = {
      name: "keeps",
      logMetrics: keep,
      logGraph: keep,
      logArtifact: keep,
      logScatter: keep,
      logText: keep,
    };
    const logger = new CompositeLogger([backend], { onPointRefused: (point) => refused.push(point) });
    const uri = "https://me:hunter2@host";
    logger.logGraph({ name: uri, layers: [{ name: "a", op: "?token=hunter2", inputs: [uri] }] });
    logger.logScatter("s", new Float32Array(1), new Float32Array(1), 1, { wallTime: 1 }, { xLabel: uri });
    logger.logArtifact({ name: "a", path: `${uri}/a?X-Amz-Signature=hunter2`, type: "token=hunter2" });
    expect(JSON.stringify(seen)).not.toContain("hunter2");
    const secret = ["ghp", "a1".repeat(18)].join("_");
    logger.logMetrics({ [secret]: 1, loss: 2 }, 1);
    logger.logText(secret, "x", 1);
    expect(seen).toContainEqual({ loss: 2 });
    expect(refused[0]?.reason).toBe('The metric name "***" holds what looks like a secret. Name it without that.');
    expect(JSON.stringify(seen)).not.toContain(secret);
  });

  test("data that is no object is refused and counted: no backend sees it", async () => {
    const memory = new MemoryBackend();
    const logger = new CompositeLogger([memory]);
    for (const data of ["token=abc", undefined]) logger.logEvent("e", data as never, 1);
    expect(memory.events).toEqual([]);
    expect(await logger.close("completed")).toMatchObject([{ refused: 2 }]);
  });

  test("data that cannot be read is no error", async () => {
    const memory = new MemoryBackend();
    const logger = new CompositeLogger([memory]);
    const broken = { get bad(): number { throw new Error("no"); }, good: 1 }; // prettier-ignore
    logger.logEvent("e", broken, 1);
    expect(memory.events).toEqual([{ name: "e", data: { bad: "[could not be read: no]", good: 1 }, step: 1 }]);
    expect(await logger.close("completed")).toMatchObject([{ delivered: 1, dropped: 0 }]);
  });
});
