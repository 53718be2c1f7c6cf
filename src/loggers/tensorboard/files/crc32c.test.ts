import { describe, expect, it } from "vitest";
import { advance, advanceWord, advanceZeros, crc32c, masked, maskedCrc32c, REGISTER, zeroBytes } from "./crc32c.js";

describe("crc32c", () => {
  // RFC 3720, B.4, and the check value of the polynomial.
  it.each([
    ["nothing", new Uint8Array(0), 0],
    ["the digits", new TextEncoder().encode("123456789"), 0xe3069283],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["ascending", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ["descending", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])("of %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it("of a part is that of the part alone", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) & 255);
    for (let start = 0; start < 20; start++) expect(crc32c(bytes, start, 80)).toBe(crc32c(bytes.slice(start, 80)));
  });

  it("is masked as TensorFlow does", () => {
    expect(maskedCrc32c(new Uint8Array(0), 0, 0)).toBe(0xa282ead8);
    expect(maskedCrc32c(new TextEncoder().encode("123456789"), 0, 9)).toBe(0xc78ab0e5);
  });

  it("passes known bytes by what zeros do, and a word at once", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 151 + 7) & 255);
    const view = new DataView(bytes.buffer);
    for (const length of [0, 1, 7, 40, 255, 296]) {
      for (const start of [0, 1, 3]) {
        const before = advance(REGISTER, bytes, 0, start);
        const known = advance(0, bytes, start, length);
        const passed = start > length ? before : advanceZeros(before, zeroBytes(length - start)) ^ known;
        const end = Math.max(start, length);
        expect(masked(passed)).toBe(maskedCrc32c(bytes, 0, end));
        if (end + 4 <= 300) expect(masked(advanceWord(passed, view.getInt32(end, true)))).toBe(maskedCrc32c(bytes, 0, end + 4));
      }
    }
  });
});
