import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { inMemoryGroups } from "../../tests/support/in-memory-group.js";
import { TrainerHooks } from "../hooks/trainer-hooks.js";
import { configYaml, flattenParams, redactConfig, resolveConfig } from "./index.js";
import { redactRecord, withoutSecrets } from "./redact.js";

test("secrets and instances are not written down", () => {
  class LossAlarm extends TrainerHooks {}
  const config = resolveConfig(
    {
      maxEpochs: 1,
      runName: "a",
      logging: { loggers: ["memory", "https://me:hunter2@host"].map((name) => ({ name, logMetrics: () => undefined })) },
      hooks: {
        hookClasses: [
          LossAlarm,
          { hook: "./a.js#Own", config: { apiKey: "hunter2", url: "https://me:hunter2@host", showToken: true } },
        ],
        hookConfigs: {
          LossAlarm: { password: 12345, nested: [{ secret: { deep: "hunter2" } }], at: new LossAlarm(), limit: Infinity },
        },
      },
    },
    { env: {} },
  );
  const tree = redactConfig(config);
  expect(tree).toMatchObject({
    logging: { loggers: ["[LoggerBackend memory]", "[LoggerBackend https://***@host]"] },
    hooks: {
      hookClasses: [
        "[class LossAlarm]",
        { hook: "./a.js#Own", config: { apiKey: "***", url: "https://***@host", showToken: true } },
      ],
      hookConfigs: { LossAlarm: { password: "***", nested: [{ secret: "***" }], at: "[LossAlarm]", limit: "Infinity" } },
    },
  });
  expect(JSON.stringify(tree)).not.toMatch(/hunter2|12345/);
  expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
});

test("anything else in a config becomes something JSON can hold", () => {
  const loop: Record<string, unknown> = {
    big: 1n,
    map: new Map([["token", "hunter2"]]),
    list: [undefined, () => undefined, function act() {}],
    none: undefined,
    group: inMemoryGroups(2)[1],
  };
  loop["self"] = loop;
  loop["url"] = new URL("https://me:pw@host/");
  expect(redactConfig(loop)).toEqual({
    big: "1",
    map: "[Map]",
    list: [null, "[function]", "[function act]"],
    group: "[ProcessGroup rank 1 of 2]",
    self: "[circular]",
    url: "https://***@host/",
  });
  expect(redactConfig(undefined)).toBeNull();
});

describe.each([
  { what: "a config", redacted: redactConfig },
  { what: "a record", redacted: redactRecord },
])("$what", ({ redacted }) => {
  test.each([
    {
      name: "numbers that JSON lacks",
      value: [NaN, Infinity, -Infinity, 1.5, -0],
      tree: ["NaN", "Infinity", "-Infinity", 1.5, -0],
    },
    { name: "what has no value", value: { a: undefined, b: null, c: [undefined] }, tree: { b: null, c: [null] } },
    { name: "big integers and symbols", value: [12n, Symbol("x")], tree: ["12", "Symbol(x)"] },
    {
      name: "functions",
      value: { act: function act() {}, Made: class Made {} },
      tree: { act: "[function act]", Made: "[class Made]" },
    },
    { name: "dates", value: [new Date(0), new Date(NaN)], tree: ["1970-01-01T00:00:00.000Z", "Invalid Date"] },
    {
      name: "secrets by key, whatever their type",
      value: { apiKey: "abc", password: 1234, token: ["abc"], nested: { secret: { deep: 1 }, pwd: 12n, tokens: 5 } },
      tree: { apiKey: "***", password: "***", token: "***", nested: { secret: "***", pwd: "***", tokens: 5 } },
    },
    {
      name: "booleans and empty values",
      value: { password: true, showToken: true, apiKey: null, tokens: "", pass: false },
      tree: { password: "***", showToken: true, apiKey: null, tokens: "", pass: false },
    },
    {
      name: "texts under a key that may name a count",
      value: { tokens: ["abc", { now: "def", used: 5, at: new Date(0) }], pass: "x", auth: { user: "me" }, showToken: "y" },
      tree: {
        tokens: ["***", { now: "***", used: 5, at: "1970-01-01T00:00:00.000Z" }],
        pass: "***",
        auth: { user: "***" },
        showToken: "***",
      },
    },
    {
      name: "numbers under a key that may name a count",
      value: {
        tokens: 4096,
        tokens_per_second: 1.5,
        maxTokens: [1, 2],
        pass: 3,
        pass_rate: 0.5,
        "train/pass": "first",
        eos_token: "</s>",
      },
      tree: {
        tokens: 4096,
        tokens_per_second: 1.5,
        maxTokens: [1, 2],
        pass: 3,
        pass_rate: 0.5,
        "train/pass": "first",
        eos_token: "</s>",
      },
    },
    {
      name: "arguments, headers and pairs by the name before them",
      value: {
        argv: ["--token", "x", "--lr", "3", "--api-key=x", "--password", "--quiet", "-u", "me:x", "-u", "me"],
        rawHeaders: ["Host", "a", "Authorization", "x", "cookie", "y"],
        pairs: [["password", "x"], ["user", "me"]], // prettier-ignore
        columns: ["token", "label"],
        env: [{ name: "API_TOKEN", value: "x" }, { key: "HOME", value: "/me" }, { name: "loss_token", value: 0.5 }], // prettier-ignore
      },
      tree: {
        argv: ["--token", "***", "--lr", "3", "--api-key=***", "--password", "--quiet", "-u", "***", "-u", "me"],
        rawHeaders: ["Host", "a", "Authorization", "***", "cookie", "***"],
        pairs: [["password", "***"], ["user", "me"]], // prettier-ignore
        columns: ["token", "label"],
        env: [{ name: "API_TOKEN", value: "***" }, { key: "HOME", value: "/me" }, { name: "loss_token", value: 0.5 }], // prettier-ignore
      },
    },
    {
      name: "secrets in texts, addresses and keys",
      value: ["postgres://me:pw@host/db", new URL("https://me:pw@host/"), { "https://me:pw@host": 1 }],
      tree: ["postgres://***@host/db", "https://***@host/", { "https://***@host": 1 }],
    },
  ])("$name", ({ value, tree }) => expect(redacted(value)).toEqual(tree));

  test("an error keeps its message, code, stack, causes and fields, and no secret", () => {
    const cause = Object.assign(new Error("no route to https://me:pw@host"), {
      code: "ENETUNREACH",
      request: { auth: "hunter2" },
    });
    const tree = redacted(new AggregateError([new Error("first")], "outer", { cause })) as Record<string, unknown>;
    expect(tree).toMatchObject({
      name: "AggregateError",
      message: "outer",
      cause: { code: "ENETUNREACH", message: "no route to https://***@host", request: { auth: "***" } },
      errors: [{ message: "first" }],
    });
    expect(tree["stack"]).toContain("redact.test");
    expect(JSON.stringify(tree)).not.toMatch(/:pw@|hunter2/);
  });

  test("cycles end, a shared object does not count as one", () => {
    const shared = { a: 1 };
    const cyclic: Record<string, unknown> = { first: shared, second: shared };
    cyclic["self"] = cyclic;
    cyclic["list"] = [cyclic];
    expect(redacted(cyclic)).toEqual({ first: { a: 1 }, second: { a: 1 }, self: "[circular]", list: ["[circular]"] });
  });

  test("deep values are cut off, a graph that branches without end too", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 50; i++) deep = { deep };
    expect(JSON.stringify(redacted(deep))).toContain('"[nested deeper than 20 levels]"');
    const nodes = Array.from({ length: 30 }, () => ({ next: [] as unknown[] }));
    for (const node of nodes) node.next = nodes;
    expect(JSON.stringify(redacted(nodes)).length).toBeLessThan(5_000_000);
  });

  test("what cannot be read costs itself only", () => {
    const value = {
      before: 1,
      get bad(): number {
        throw new Error("see https://me:pw@host");
      },
      worse: new Proxy({}, { ownKeys: () => fail() }),
      revoked: revoked(),
    };
    expect(redacted(value)).toEqual({
      before: 1,
      bad: "[could not be read: see https://***@host]",
      worse: "[could not be read: no keys]",
      revoked: expect.stringContaining("[could not be read: ") as string,
    });
  });

  test("a key that is special in JavaScript is data", () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
    expect(JSON.stringify(redacted(value))).toBe('{"__proto__":{"polluted":true},"constructor":1}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

function fail(): never {
  throw new Error("no keys");
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

class Odd {
  readonly value = 1;
}

test.each([
  { name: "typed arrays", value: [new Float32Array([0.5, NaN]), new BigInt64Array([1n])], tree: [[0.5, "NaN"], ["1"]] },
  { name: "bytes", value: [new ArrayBuffer(3), new DataView(new ArrayBuffer(2))], tree: ["[3 bytes]", "[2 bytes]"] },
  {
    name: "maps and sets",
    value: {
      map: new Map<unknown, unknown>([
        [1, "a"],
        ["token", 7],
      ]),
      set: new Set([2]),
    },
    tree: { map: { 1: "a", token: "***" }, set: [2] },
  },
  { name: "instances", value: new Odd(), tree: { value: 1 } },
])("a record opens $name", ({ value, tree }) => expect(redactRecord(value)).toEqual(tree));

/** The tree of `value` in the record `{ value, after: true }`: nothing that is hard to write costs what comes after it. */
function written(value: unknown): unknown {
  const { after, value: tree } = redactRecord({ value, after: true }) as { value: unknown; after: unknown };
  expect(after).toBe(true);
  expect(JSON.parse(JSON.stringify(tree ?? null))).toEqual(tree ?? null);
  return tree;
}

function errorWith(fields: object): Error {
  return Object.assign(new Error("failed"), fields);
}

function withThrowing(target: object, key: string): object {
  return Object.defineProperty(target, key, { get: fail, enumerable: true });
}

class Socket {
  readonly buffer = [1, 2, 3];
}
class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  toJSON(): object {
    return { euros: this.cents / 100, at: new Date(0) };
  }
}
class Itself {
  readonly a = 1;
  toJSON(): this {
    return this;
  }
}
class Endless {
  toJSON(): Endless {
    return new Endless();
  }
}

describe("what is hard to write is readable, or marked", () => {
  const looped: Error & { errors?: unknown } = new Error("outer");
  looped.cause = new Error("inner", { cause: looped });
  const aggregate = new AggregateError([new Error("a", { cause: "b" }), "c"], "all failed");
  const system = errorWith({ code: "ENOENT", errno: -2, syscall: "open", path: "/x", dest: undefined });

  test.each<{ name: string; value: unknown; tree: unknown }>([
    {
      name: "the fields of a system error",
      value: system,
      tree: { message: "failed", code: "ENOENT", errno: -2, syscall: "open", path: "/x" },
    },
    {
      name: "the parts of an AggregateError",
      value: aggregate,
      tree: { name: "AggregateError", message: "all failed", errors: [{ message: "a", cause: "b" }, "c"] },
    },
    { name: "a cause that leads back", value: looped, tree: { cause: { message: "inner", cause: "[circular]" } } },
    {
      name: "an error that is its own part",
      value: Object.assign(looped, { errors: [looped] }),
      tree: { errors: ["[circular]"] },
    },
    {
      name: "the request of an error, by its class",
      value: errorWith({
        request: new Socket(),
        config: { url: "https://me:pw@host", agent: new Socket(), token: "x" },
        body: Buffer.alloc(9),
      }),
      tree: { request: "[Socket]", config: { url: "https://***@host", agent: "[Socket]", token: "***" }, body: "[9 bytes]" },
    },
    {
      name: "an error whose message throws",
      value: withThrowing(new Error("x"), "message"),
      tree: { name: "Error", message: "[could not be read: no keys]" },
    },
    {
      name: "an error whose stack throws",
      value: withThrowing(new Error("x"), "stack"),
      tree: { message: "x", stack: "[could not be read: no keys]" },
    },
    {
      name: "a field of an error that throws",
      value: withThrowing(errorWith({ code: 1 }), "path"),
      tree: { code: 1, path: "[could not be read: no keys]" },
    },
    { name: "an error without a prototype", value: Object.setPrototypeOf({ message: "x" }, null), tree: { message: "x" } },
  ])("errors: $name", ({ value, tree }) => expect(written(value)).toMatchObject(tree as object));

  test.each<{ name: string; value: unknown; tree: unknown }>([
    { name: "toJSON", value: new Money(150), tree: { euros: 1.5, at: "1970-01-01T00:00:00.000Z" } },
    { name: "a toJSON that gives the object", value: new Itself(), tree: { a: 1 } },
    { name: "a toJSON of the object's own", value: { secret: 1, toJSON: () => "text" }, tree: "text" },
    { name: "a toJSON that throws", value: { toJSON: fail }, tree: "[could not be read: no keys]" },
    { name: "a toJSON without end", value: new Endless(), tree: "[nested deeper than 20 levels]" },
    { name: "a metric called toJSON", value: { toJSON: 0.5 }, tree: { toJSON: 0.5 } },
    { name: "a map by text and number", value: new Map<unknown, unknown>([["a", 1], [2, "b"]]), tree: { a: 1, 2: "b" } }, // prettier-ignore
    { name: "a map whose keys are the same text", value: new Map<unknown, unknown>([["1", "a"], [1, "b"]]), tree: expect.objectContaining({ 1: "a" }) }, // prettier-ignore
    { name: "a map by object", value: new Map<unknown, unknown>([[{ a: 1 }, "x"], [{ a: 2 }, "y"]]), tree: [[{ a: 1 }, "x"], [{ a: 2 }, "y"]] }, // prettier-ignore
    {
      name: "secrets in a map by object",
      value: new Map<unknown, unknown>([[{}, "a"], ["password", 4711], ["token", ["x"]]]), // prettier-ignore
      tree: [[{}, "a"], ["password", "***"], ["token", "***"]], // prettier-ignore
    },
    {
      name: "a map in a map, a set in a set",
      value: new Map([["m", new Map([["s", new Set([new Set([1])])]])]]),
      tree: { m: { s: [[1]] } },
    },
    { name: "dates", value: [new Date(0), new Date(NaN)], tree: ["1970-01-01T00:00:00.000Z", "Invalid Date"] },
    {
      name: "bigints and symbols",
      value: [10n ** 30n, Symbol("s"), Symbol.iterator],
      tree: [`1${"0".repeat(30)}`, "Symbol(s)", "Symbol(Symbol.iterator)"],
    },
    { name: "functions", value: [fail, () => 1, Odd], tree: ["[function fail]", "[function]", "[class Odd]"] },
    { name: "a function whose name throws", value: withThrowing(() => 1, "name"), tree: "[function]" },
    { name: "numbers that are measured", value: { loss_token: 0.5, api_key: [0.5], pin_token: 7 }, tree: { loss_token: 0.5, api_key: "***", pin_token: "***" } }, // prettier-ignore
    { name: "boxed values", value: [Object("a"), Object(0.5), Object(true)], tree: ["a", 0.5, true] }, // prettier-ignore
    { name: "a regular expression", value: /a+/g, tree: "/a+/g" },
    {
      name: "instances that show nothing",
      value: [new Headers({ a: "b" }), Promise.resolve(), new WeakMap()],
      tree: ["[Headers]", "[Promise]", "[WeakMap]"],
    },
    { name: "holes of a list", value: [1, , 3], tree: [1, null, 3] }, // oxlint-disable-line no-sparse-arrays
    {
      name: "a list of which one value throws",
      value: withThrowing([1, 2, 3], "1"),
      tree: [1, "[could not be read: no keys]", 3],
    },
    { name: "undefined", value: [undefined, { a: undefined, b: 1 }], tree: [null, { b: 1 }] },
    {
      name: "keys that differ in a secret only",
      value: { "https://a:b@host": 1, "https://c:d@host": 2 },
      tree: expect.objectContaining({ "https://***@host": 1 }),
    },
  ])("values: $name", ({ value, tree }) => expect(written(value)).toEqual(tree));

  test("two keys that become the same text are two", () => {
    for (const value of [
      new Map<unknown, unknown>([
        ["1", "a"],
        [1, "b"],
      ]),
      { "https://a:b@host": 1, "https://c:d@host": 2 },
    ])
      // prettier-ignore
      expect(Object.keys(written(value) as object)).toHaveLength(2);
  });

  test("a list that is nearly all holes ends, and says how long it is", () => {
    const tree = redactRecord(Object.assign([], { length: 1e9 })) as unknown[];
    expect(tree.at(-1)).toMatch(/^\[9999\d{5} more\]$/);
  });
});

test("a record holds 100,000 values, and says how many more there were", () => {
  const list = redactRecord(new Float64Array(1e6)) as unknown[];
  expect(list).toHaveLength(100_000);
  expect(list.at(-1)).toBe("[900001 more]");
  const wide = Object.fromEntries(Array.from({ length: 101_000 }, (_, i) => [`key${i}`, i]));
  const tree = redactRecord({ wide, after: 1 }) as { wide: Record<string, unknown> };
  expect(tree.wide["[more]"]).toBe(1002);
  expect(tree).toMatchObject({ "[more]": 1 });
  expect(redactRecord(new Map(Object.entries(wide)))).toMatchObject({ "[more]": 1001 });
  expect((redactRecord(new Set(Object.keys(wide))) as unknown[]).at(-1)).toBe("[1001 more]");
  const before = Array.from({ length: 99_996 }, (_, i) => i);
  expect(redactRecord({ before, last: new Error("x") })).toMatchObject({ last: { name: "Error", "[more]": 5 } });
});

describe("withoutSecrets: a record", () => {
  class Report {
    readonly loss = 0.5;
    readonly at = new Date(0);
  }
  const cyclic: Record<string, unknown> = { a: 1 };
  cyclic["self"] = cyclic;

  test.each([
    { name: "plain data", record: { message: "saved", step: 3, path: "/runs/a", list: [1, NaN, 12n] } },
    { name: "an instance, a map, a set", record: { report: new Report(), map: new Map([["a", 1]]), set: new Set(["b"]) } },
    { name: "an error", record: { error: Object.assign(new Error("x"), { code: "ENOENT", errno: -2, syscall: "open" }) } },
    { name: "numbers in plenty", record: { values: Array.from({ length: 20_000 }, (_, i) => i) } },
    { name: "a cycle", record: cyclic },
    { name: "what was hidden before", record: { token: "***", url: "https://***@host/?token=***" } },
    { name: "no object", record: null },
    { name: "a text", record: "epoch 3" },
  ])("is the same object where nothing is secret: $name", ({ record }) => expect(withoutSecrets(record)).toBe(record));

  test.each([
    {
      name: "a key",
      record: { deep: [{ password: 1 }], at: new Date(0) },
      copy: { deep: [{ password: "***" }], at: "1970-01-01T00:00:00.000Z" },
    },
    { name: "a text", record: { message: "see https://me:pw@host" }, copy: { message: "see https://***@host" } },
    {
      name: "a field of an instance",
      record: { client: Object.assign(new Odd(), { token: "x" }) },
      copy: { client: { value: 1, token: "***" } },
    },
    { name: "an address", record: { url: new URL("https://me:pw@host/") }, copy: { url: "https://***@host/" } },
  ])("is a copy where $name is", ({ record, copy }) => {
    const before = { ...record };
    expect(withoutSecrets(record)).toEqual(copy);
    expect(record).toEqual(before);
  });

  test("is a copy where it could not be searched: too deep, too many, unreadable, an error with a request", () => {
    let deep: object = { password: "hunter2" };
    for (let i = 0; i < 50; i++) deep = { deep };
    const many = [...Array.from({ length: 200_000 }, (_, i) => i), { password: "hunter2" }];
    const failed = Object.assign(new Error("401"), { config: { headers: { Authorization: "hunter2" } } });
    const hides = { get a(): number { throw new Error("hunter"); } }; // prettier-ignore
    for (const record of [deep, many, { failed }, hides]) {
      const passed = withoutSecrets<unknown>(record);
      expect(Object.is(passed, record)).toBe(false);
      expect(JSON.stringify(passed)).not.toContain("hunter2");
    }
  });
});

test("a prototype key in a free object stays a plain key", () => {
  const tree = redactConfig(JSON.parse('{"__proto__":{"polluted":1}}'));
  expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
  expect(flattenParams(tree)).toEqual(JSON.parse('{"__proto__.polluted":1}'));
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("params are flat", () => {
  const params = flattenParams({ a: { b: { c: 1, d: null }, e: [1, { f: "x" }] }, g: true, h: "text", i: {}, j: [] });
  expect(params).toEqual({ "a.b.c": 1, "a.b.d": null, "a.e": '[1,{"f":"x"}]', g: true, h: "text", i: "{}", j: "[]" });
});

test("config.yaml is the redacted config, and reads back as it", async () => {
  const config = resolveConfig(
    { maxEpochs: 1, hooks: { hookClasses: ["./a.js#Own"], hookConfigs: { Own: { token: "hunter2" } } } },
    { env: {} },
  );
  const text = await configYaml(config);
  expect(text).not.toContain("hunter2");
  expect(parse(text)).toEqual(redactConfig(config));
});
