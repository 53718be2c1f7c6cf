import { describe, expect, it } from "vitest";
import { SharedBuffers } from "./shared-buffers.js";

describe("SharedBuffers", () => {
  it.each([1, 4096, 4097, 100_000, 400_000, 1 << 20, (1 << 20) + 1])(
    "gives a buffer of %i bytes, and at most a quarter more",
    (bytes) => {
      const { byteLength } = new SharedBuffers().acquire(bytes);
      expect(byteLength).toBeGreaterThanOrEqual(bytes);
      expect(byteLength).toBeLessThanOrEqual(Math.max(4096, bytes * 1.25));
    },
  );

  it("reuses a released buffer, also for an array of nearly its size", () => {
    const buffers = new SharedBuffers();
    const first = buffers.acquire(400_000);
    buffers.release(first);
    expect(buffers.acquire(410_000)).toBe(first);
    expect(buffers.acquire(400_000)).not.toBe(first);
  });

  it("keeps at most 32 MiB, of the sizes that were used last", () => {
    const buffers = new SharedBuffers();
    const small = Array.from({ length: 16 }, () => buffers.acquire(1 << 20));
    const large = Array.from({ length: 3 }, () => buffers.acquire(8 << 20));
    for (const buffer of [...small, ...large]) buffers.release(buffer);
    const kept = (given: readonly SharedArrayBuffer[]): number =>
      given.map(({ byteLength }) => buffers.acquire(byteLength)).filter((buffer) => given.includes(buffer)).length;
    expect(kept(large)).toBe(3);
    expect(kept(small)).toBe(8);
  });
});
