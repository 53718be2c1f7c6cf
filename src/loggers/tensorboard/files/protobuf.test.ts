import { describe, expect, it } from "vitest";
import { ProtoWriter } from "./protobuf.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("ProtoWriter", () => {
  it.each([
    ["a small integer", (w: ProtoWriter) => w.varint(1, 150), "089601"],
    ["zero", (w: ProtoWriter) => w.varint(2, 0), "1000"],
    ["true", (w: ProtoWriter) => w.varint(2, true), "1001"],
    ["2^31", (w: ProtoWriter) => w.varint(2, 2 ** 31), "108080808008"],
    ["2^40", (w: ProtoWriter) => w.varint(2, 2 ** 40), "10808080808020"],
    ["2^53 - 1", (w: ProtoWriter) => w.varint(2, 2 ** 53 - 1), "10ffffffffffffff0f"],
    ["-1", (w: ProtoWriter) => w.varint(2, -1), "10ffffffffffffffffff01"],
    ["a field above 15", (w: ProtoWriter) => w.varint(16, 1), "800101"],
    ["a double", (w: ProtoWriter) => w.double(1, 1.5), "09000000000000f83f"],
    ["a float", (w: ProtoWriter) => w.float(2, 1.5), "150000c03f"],
    ["a string", (w: ProtoWriter) => w.string(2, "é"), "1202c3a9"],
    ["packed floats", (w: ProtoWriter) => w.packedFloats(5, [1.5, -2]), "2a080000c03f000000c0"],
    ["packed doubles", (w: ProtoWriter) => w.packedDoubles(6, [1.5]), "3208000000000000f83f"],
    ["packed integers", (w: ProtoWriter) => w.packedVarints(7, [1, 300]), "3a0301ac02"],
    [
      "a message",
      (w: ProtoWriter) => w.message(1, (inner) => inner.string(1, "a").message(2, new Uint8Array([8, 1]))),
      "0a070a016112020801",
    ],
  ])("writes %s", (_, write, expected) => {
    expect(hex(write(new ProtoWriter(1)).finish())).toBe(expected);
  });

  it("grows over a long payload", () => {
    const data = new Uint8Array(100_000).fill(7);
    const written = new ProtoWriter().bytes(1, data).varint(2, 5).finish();
    expect(written.length).toBe(1 + 3 + 100_000 + 2);
    expect(hex(written.subarray(-3))).toBe("071005");
  });
});
