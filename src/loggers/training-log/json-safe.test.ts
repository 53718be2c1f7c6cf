import { expect, test } from "vitest";
import { jsonSafe } from "./json-safe.js";

class Odd {
  readonly value = 1;
}

test.each([
  {
    name: "numbers that JSON lacks",
    value: [NaN, Infinity, -Infinity, 1.5, -0],
    safe: ["NaN", "Infinity", "-Infinity", 1.5, -0],
  },
  { name: "what has no value", value: { a: undefined, b: null, c: [undefined] }, safe: { b: null, c: [null] } },
  { name: "big integers and symbols", value: [12n, Symbol("x")], safe: ["12", "Symbol(x)"] },
  { name: "functions", value: { act: function act() {} }, safe: { act: "(function act)" } },
  { name: "dates", value: [new Date(0), new Date(NaN)], safe: ["1970-01-01T00:00:00.000Z", "Invalid Date"] },
  { name: "typed arrays", value: [new Float32Array([0.5, NaN]), new BigInt64Array([1n])], safe: [[0.5, "NaN"], ["1"]] },
  { name: "bytes", value: [new ArrayBuffer(3), new DataView(new ArrayBuffer(2))], safe: ["(3 bytes)", "(2 bytes)"] },
  { name: "maps and sets", value: { map: new Map([[1, "a"]]), set: new Set([2]) }, safe: { map: { 1: "a" }, set: [2] } },
  { name: "instances", value: new Odd(), safe: { value: 1 } },
  {
    name: "secrets by key",
    value: { apiKey: "abc", nested: { password: "x", tokens: 5 } },
    safe: { apiKey: "***", nested: { password: "***", tokens: 5 } },
  },
  {
    name: "secrets in URIs",
    value: ["postgres://me:pw@host/db", new URL("https://me:pw@host/")],
    safe: ["postgres://***@host/db", "https://***@host/"],
  },
])("$name", ({ value, safe }) => expect(jsonSafe(value)).toEqual(safe));

test("an error keeps its message, code, stack and causes", () => {
  const cause = Object.assign(new Error("no route to https://me:pw@host"), { code: "ENETUNREACH" });
  const safe = jsonSafe(new TypeError("outer", { cause })) as Record<string, unknown>;
  expect(safe).toMatchObject({
    name: "TypeError",
    message: "outer",
    cause: { code: "ENETUNREACH", message: "no route to https://***@host" },
  });
  expect(safe["stack"]).toContain("json-safe.test");
  expect(JSON.stringify(safe)).not.toContain(":pw@");
});

test("cycles end, a shared object does not count as one", () => {
  const shared = { a: 1 };
  const cyclic: Record<string, unknown> = { first: shared, second: shared };
  cyclic["self"] = cyclic;
  cyclic["list"] = [cyclic];
  expect(jsonSafe(cyclic)).toEqual({ first: { a: 1 }, second: { a: 1 }, self: "(circular)", list: ["(circular)"] });
});

test("deep and wide values are cut off, a graph that branches without end too", () => {
  let deep: unknown = "bottom";
  for (let i = 0; i < 50; i++) deep = { deep };
  expect(JSON.stringify(jsonSafe(deep))).toContain("(nested too deep)");
  expect((jsonSafe(new Float64Array(1e6)) as unknown[]).length).toBeLessThanOrEqual(5001);
  const nodes = Array.from({ length: 30 }, () => ({ next: [] as unknown[] }));
  for (const node of nodes) node.next = nodes;
  expect(JSON.stringify(jsonSafe(nodes)).length).toBeLessThan(500_000);
});

test("a key that is special in JavaScript is data", () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
  const safe = jsonSafe(value);
  expect(JSON.stringify(safe)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});
