import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DType, StateTree, Tensor, TypedArray } from "../../contract/index.js";
import { isTrainscopeError } from "../../support/errors.js";
import { decode, fill, layOut } from "./safetensors.js";

function written(state: StateTree, metadata?: Record<string, string>): Uint8Array {
  const layout = layOut(state, metadata);
  const bytes = new Uint8Array(layout.bytes);
  fill(layout, bytes);
  return bytes;
}

const roundTrip = (state: StateTree): StateTree => decode(written(state)).tensors;
const bytesOf = (data: TypedArray): number[] => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

const SAMPLES: Record<DType, TypedArray> = {
  F32: new Float32Array([1.5, -0, NaN, -Infinity, 1e-45, 3.4e38]),
  F64: new Float64Array([Math.PI, -0, NaN, Infinity, 5e-324, 1e308]),
  I64: new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 1n, 2n]),
  I32: new Int32Array([2 ** 31 - 1, -(2 ** 31), 0, 1, 2, 3]),
  I16: new Int16Array([32767, -32768, 0, 1, 2, 3]),
  I8: new Int8Array([127, -128, 0, 1, 2, 3]),
  U8: new Uint8Array([255, 0, 1, 2, 3, 4]),
  U16: new Uint16Array([65535, 0, 1, 2, 3, 4]),
  U32: new Uint32Array([2 ** 32 - 1, 0, 1, 2, 3, 4]),
  BOOL: new Uint8Array([1, 0, 1, 1, 0, 0]),
};
const DTYPES = Object.keys(SAMPLES) as DType[];

describe("round trips", () => {
  test.each(DTYPES)("%s, bit for bit", (dtype) => {
    const data = SAMPLES[dtype];
    const { w } = roundTrip({ w: { dtype, shape: [2, 3], data } });
    expect(w?.dtype).toBe(dtype);
    expect(w?.shape).toEqual([2, 3]);
    expect(w?.data.constructor).toBe(data.constructor);
    expect(bytesOf(w!.data)).toEqual(bytesOf(data));
  });

  test("the bits of a NaN survive", () => {
    const data = new Float32Array(new Uint32Array([0x7fc00001, 0xffc12345]).buffer);
    expect(bytesOf(roundTrip({ w: { dtype: "F32", shape: [2], data } })["w"]!.data)).toEqual(bytesOf(data));
  });

  test("no tensors, empty tensors, one number, names of every kind, in the order they were given", () => {
    const one: Tensor = { dtype: "F32", shape: [], data: new Float32Array([7]) };
    const none: Tensor = { dtype: "F64", shape: [3, 0], data: new Float64Array(0) };
    const names = ["z", "ünïcode/重み", "a b", '"quoted"\n', "🙂", "__proto__", "constructor", ""];
    const state = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? one : none]));
    expect(roundTrip({})).toEqual({});
    expect(Object.keys(roundTrip(state))).toEqual(names);
    expect(roundTrip(state)).toEqual(state);
  });

  test("a view into a larger buffer is saved as what it shows", () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect([...roundTrip({ w: { dtype: "F32", shape: [2], data } })["w"]!.data]).toEqual([1, 2]);
  });

  test("any mix of types is aligned, and is read in place", () => {
    const tensor = fc
      .constantFrom(...DTYPES)
      .chain((dtype) => fc.nat(5).map((length): Tensor => ({ dtype, shape: [length], data: SAMPLES[dtype].slice(0, length) })));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme", maxLength: 8 }), tensor, { maxKeys: 12 }), (state) => {
        const bytes = written(state);
        const read = decode(bytes).tensors;
        expect(Object.keys(read)).toEqual(Object.keys(state));
        for (const [name, { dtype, data }] of Object.entries(state)) {
          expect(read[name]?.dtype).toBe(dtype);
          expect(bytesOf(read[name]!.data)).toEqual(bytesOf(data));
          expect(data.length === 0 || read[name]!.data.buffer === bytes.buffer).toBe(true);
        }
      }),
    );
  });

  test("tensors that another program left unaligned are copied", () => {
    const header = Buffer.from(
      JSON.stringify({
        a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
        b: { dtype: "F32", shape: [1], data_offsets: [1, 5] },
      }),
    );
    const bytes = Buffer.alloc(8 + header.byteLength + 5);
    bytes.writeBigUInt64LE(BigInt(header.byteLength));
    header.copy(bytes, 8);
    bytes.writeFloatLE(1.5, 8 + header.byteLength + 1);
    expect(decode(bytes).tensors["b"]!.data).toEqual(new Float32Array([1.5]));
  });
});

test("the file begins as the format says: length, JSON padded with spaces to 8 bytes, the tensors", () => {
  const bytes = written({ w: { dtype: "F32", shape: [1], data: new Float32Array([1]) } }, { optimizers: "[]" });
  const view = Buffer.from(bytes);
  const length = Number(view.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(JSON.parse(view.toString("utf8", 8, 8 + length))).toEqual({
    __metadata__: { optimizers: "[]" },
    w: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
  });
  expect(view.byteLength).toBe(8 + length + 4);
  expect(decode(bytes).metadata).toEqual({ optimizers: "[]" });
});

test.each([
  {
    what: "a wrong array",
    tensor: { dtype: "F32", shape: [1], data: new Float64Array(1) },
    says: /F32 and its data is Float64Array/,
  },
  { what: "no array", tensor: { dtype: "F32", shape: [1], data: [1] }, says: /its data is object/ },
  {
    what: "a wrong count",
    tensor: { dtype: "F32", shape: [2, 2], data: new Float32Array(3) },
    says: /4 elements and its data has 3/,
  },
  { what: "an unknown type", tensor: { dtype: "f32", shape: [1], data: new Float32Array(1) }, says: /Nearest: "F32"/ },
  { what: "a shape that is none", tensor: { dtype: "F32", shape: [-1], data: new Float32Array(1) }, says: /shape is \[-1\]/ },
  { what: "nothing", tensor: undefined, says: /not \{ shape, dtype, data \}/ },
])("$what is refused by name", ({ tensor, says }) => {
  const state = { "layer/kernel": tensor } as unknown as StateTree;
  expect(() => layOut(state)).toThrow(expect.objectContaining({ code: "ERR_STATE", message: expect.stringMatching(says) }));
  expect(() => layOut(state)).toThrow(/layer\/kernel/);
});

test("a tensor cannot take the name of the metadata", () => {
  expect(() => layOut({ __metadata__: { dtype: "F32", shape: [1], data: new Float32Array(1) } })).toThrow(
    /the format reserves this name/,
  );
});

describe("what is damaged is named", () => {
  const good = written({ w: { dtype: "F32", shape: [2], data: new Float32Array([1, 2]) } });

  test("cut off anywhere, it is refused", () => {
    for (let length = 0; length < good.byteLength; length++) {
      expect(() => decode(good.slice(0, length))).toThrow(expect.objectContaining({ code: "ERR_CHECKPOINT_DAMAGED" }));
    }
  });

  test.each([
    {
      what: "a header longer than the file",
      change: (bytes: Buffer) => bytes.writeBigUInt64LE(2n ** 60n),
      says: /header would have/,
    },
    { what: "a header that is not JSON", change: (bytes: Buffer) => bytes.write("x", 8), says: /not JSON/ },
    { what: "an unknown type", change: (bytes: Buffer) => bytes.write("F99", bytes.indexOf("F32")), says: /F99/ },
  ])("$what", ({ change, says }) => {
    const bytes = Buffer.from(good);
    change(bytes);
    expect(() => decode(bytes)).toThrow(says);
  });

  test("offsets that do not fit the shape", () => {
    const bytes = Buffer.from(good);
    bytes.write("[9]", bytes.indexOf("[2]"));
    expect(() => decode(bytes)).toThrow(/"w" \(F32 \[9\]\) does not match its offsets/);
  });

  test("bytes that no tensor owns", () => {
    expect(() => decode(Buffer.concat([good, Buffer.alloc(3)]))).toThrow(/describes 8 bytes of tensors, the file has 11/);
  });
});

describe("any bytes", () => {
  const good = written({
    w: { dtype: "F32", shape: [2], data: new Float32Array([1, 2]) },
    b: { dtype: "I8", shape: [1], data: new Int8Array(1) },
  });
  const isOurs = (error: unknown): boolean => isTrainscopeError(error) && error.code === "ERR_CHECKPOINT_DAMAGED";
  /** Decoded to tensors inside of the bytes, or refused in our words. */
  function expectDecodedOrRefused(bytes: Uint8Array): void {
    try {
      const { tensors } = decode(bytes);
      const total = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
      expect(total).toBeLessThanOrEqual(bytes.byteLength - 8);
    } catch (error) {
      if (!isOurs(error)) throw error;
    }
  }

  test("at random", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), expectDecodedOrRefused));
  });

  test("a good file with some of its bytes changed", () => {
    const change = fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (edits) => {
        const bytes = good.slice();
        for (const [at, value] of edits) bytes[at] = value;
        expectDecodedOrRefused(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("any JSON as the header", () => {
    const offsets = fc.oneof(fc.array(fc.oneof(fc.integer({ min: -1, max: 20 }), fc.double()), { maxLength: 3 }), fc.jsonValue());
    const shape = fc.oneof(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }), fc.jsonValue());
    const entry = fc.oneof(
      fc.record(
        { dtype: fc.constantFrom("F32", "I8", "F64", "X", "toString"), shape, data_offsets: offsets },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    );
    const header = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__metadata__", "__proto__", "data_offsets")), entry);
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 24 }), (entries, data) => {
        const text = Buffer.from(JSON.stringify(entries));
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(text.byteLength));
        expectDecodedOrRefused(Buffer.concat([length, text, data]));
      }),
      { numRuns: 500 },
    );
  });
});
