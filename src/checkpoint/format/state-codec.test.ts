import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StateValue, TypedArray } from "../../contract/index.js";
import { decodeState, encodeState } from "./state-codec.js";

const arrays: fc.Arbitrary<TypedArray>[] = [
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.int16Array(),
  fc.int32Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
];

const values = fc.letrec<{ value: StateValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_SAFE_INTEGER),
    fc.string({ unit: "binary" }),
    fc.oneof(...arrays),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$", "__proto__", "1", "value", "base64")), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

describe("round trips", () => {
  test("every value comes back exactly, through text", () => {
    fc.assert(
      fc.property(values, (value) => {
        const back = decodeState(encodeState(value));
        expect(back).toStrictEqual(value); // Object.is for numbers: -0 and NaN count
        expect(encodeState(back)).toBe(encodeState(value)); // the order of keys too
      }),
      { numRuns: 500 },
    );
  });

  test("objects that look like our own notation", () => {
    const value = { $: "number", value: "NaN", inner: { $: "Float32Array", base64: "AAAA" } };
    expect(decodeState(encodeState(value))).toStrictEqual(value);
  });

  test("a view into a larger buffer, and a Buffer", () => {
    expect(decodeState(encodeState(new Int16Array([9, 1, 2]).subarray(1)))).toStrictEqual(new Int16Array([1, 2]));
    expect(decodeState(encodeState(Buffer.from("ab")))).toStrictEqual(new Uint8Array([97, 98]));
  });

  test("the halves of a split character", () => {
    expect(decodeState(encodeState("\ud83d"))).toBe("\ud83d");
  });
});

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

test.each([
  { what: "undefined", value: { a: [1, undefined] }, at: "run.a[1]", says: "Found undefined" },
  { what: "a hole", value: { a: [1, , 2] }, at: "run.a[1]", says: "Found undefined" }, // oxlint-disable-line no-sparse-arrays
  { what: "a function", value: { f: () => 1 }, at: "run.f", says: "Found function" },
  { what: "a bigint", value: { n: 1n }, at: "run.n", says: "Found bigint" },
  { what: "a Map", value: { m: new Map() }, at: "run.m", says: "Found a Map" },
  { what: "a Date", value: { d: new Date() }, at: "run.d", says: "Found a Date" },
  { what: "a DataView", value: { v: new DataView(new ArrayBuffer(1)) }, at: "run.v", says: "Found DataView" },
  { what: "a circle", value: cyclic, at: "run.self", says: "Found a value that contains itself" },
])("$what is refused where it is", ({ value, at, says }) => {
  expect(() => encodeState(value as unknown as StateValue)).toThrow(
    expect.objectContaining({ code: "ERR_STATE", path: at, message: expect.stringContaining(says) }),
  );
});

test("the same value twice is no circle", () => {
  const shared = [1];
  expect(decodeState(encodeState([shared, shared]))).toEqual([[1], [1]]);
});

test.each(["", "{", '{"$":"Map","base64":""}', '{"$":"number"}'])("damaged text %j is refused", (text) => {
  expect(() => decodeState(text)).toThrow(expect.objectContaining({ code: "ERR_CHECKPOINT_DAMAGED" }));
});
