import { describe, expect, it } from "vitest";
import { SharedBuffers } from "./shared-buffers.js";

describe("SharedBuffers", () => {
  it.each([1, 4096, 4097, 100_000, 400_000, 1 << 20, (1 << 20) + 1])(
    "gives %i bytes, and no more than a quarter too many",
    (bytes) => {
      const { byteLength } = new SharedBuffers().take(bytes);
      expect(byteLength).toBeGreaterThanOrEqual(bytes);
      expect(byteLength).toBeLessThanOrEqual(Math.max(4096, bytes * 1.25));
    },
  );

  it("gives a buffer again, also for an array of nearly its size", () => {
    const buffers = new SharedBuffers();
    const first = buffers.take(400_000);
    buffers.giveBack(first);
    expect(buffers.take(410_000)).toBe(first);
    expect(buffers.take(400_000)).not.toBe(first);
  });

  it("keeps at most 32 MiB, and of these the sizes that were used last", () => {
    const buffers = new SharedBuffers();
    const small = Array.from({ length: 16 }, () => buffers.take(1 << 20));
    const large = Array.from({ length: 3 }, () => buffers.take(8 << 20));
    for (const buffer of [...small, ...large]) buffers.giveBack(buffer);
    const kept = (given: readonly SharedArrayBuffer[]): number =>
      given.map(({ byteLength }) => buffers.take(byteLength)).filter((buffer) => given.includes(buffer)).length;
    expect(kept(large)).toBe(3);
    expect(kept(small)).toBe(8);
  });
});
