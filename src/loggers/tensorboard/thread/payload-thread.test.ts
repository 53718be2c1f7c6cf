import { describe, expect, it } from "vitest";
import { encodeJob, type PayloadJob } from "./payload-jobs.js";
import { PayloadThread } from "./payload-thread.js";

const place = (step: number): { tag: string; step: number; wallTime: number } => ({ tag: "h", step, wallTime: 0 });
const job = (length: number, value = 1): PayloadJob => ({
  kind: "histogram",
  tag: "h",
  values: Float32Array.from({ length }, (_, index) => value + index),
  options: {},
});

interface Seen {
  encoded: [step: number, bytes: Buffer][];
  refused: string[];
  lost: [jobs: number, reason: string][];
}

function opened(script?: URL): { thread: PayloadThread; seen: Seen } {
  const seen: Seen = { encoded: [], refused: [], lost: [] };
  const thread = new PayloadThread(
    {
      encoded: ({ step }, value) => void seen.encoded.push([step, Buffer.from(value)]),
      refused: (_, reason) => void seen.refused.push(reason),
      lost: (jobs, reason) => void seen.lost.push([jobs, reason]),
    },
    script,
  );
  return { thread, seen };
}

describe("PayloadThread", () => {
  it("keeps the order of large and small jobs, and encodes the values at the call", async () => {
    const { thread, seen } = opened();
    const lengths = [10, 50_000, 10, 30_000, 5, 20_000];
    const expected = lengths.map((length, step) => [step, Buffer.from(encodeJob(job(length, step)))]);
    lengths.forEach((length, step) => {
      const given = job(length, step);
      thread.add(given, place(step));
      if (given.kind === "histogram") (given.values as Float32Array).fill(0);
    });
    expect(thread.pending).toBe(5); // the first was small, and no job was pending
    await thread.idle();
    expect(seen).toEqual({ encoded: expected, refused: [], lost: [] });
    thread.stop();
  });

  it("does not change a Buffer of the caller", async () => {
    const { thread, seen } = opened();
    const data = Buffer.concat([Buffer.alloc(100 * 100, 9)]);
    const image: PayloadJob = { kind: "images", tag: "i", images: [{ width: 100, height: 100, channels: 1, data }] };
    const expected = Buffer.from(encodeJob(image));
    for (let step = 0; step < 3; step++) {
      thread.add(image, place(step)); // the second and third in the buffer of the one before
      await thread.idle();
    }
    expect(data.length).toBe(100 * 100);
    expect(seen.encoded).toEqual([0, 1, 2].map((step) => [step, expected]));
    thread.stop();
  });

  it("passes its payloads to a loop that never turns", () => {
    const { thread, seen } = opened();
    thread.add(job(50_000), place(1));
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let turn = 0; turn < 2000 && thread.pending > 0; turn++) {
      Atomics.wait(pause, 0, 0, 5);
      thread.poll();
    }
    expect(seen.encoded.map(([step]) => step)).toEqual([1]);
    thread.stop();
  });

  it("waits while more than the limit is pending", () => {
    const { thread, seen } = opened();
    for (let step = 0; step < 5; step++) thread.add(job(5_000_000), place(step)); // 20 MB each
    expect(seen.encoded.length).toBeGreaterThan(0);
    thread.wait(10_000);
    expect(seen.encoded.map(([step]) => step)).toEqual([0, 1, 2, 3, 4]);
    thread.stop();
  });

  it("reports why a job was refused", async () => {
    const { thread, seen } = opened();
    const data = new Uint16Array(50_000).fill(300);
    thread.add({ kind: "images", tag: "i", images: [{ width: 500, height: 100, channels: 1, data }] }, place(1));
    await thread.idle();
    expect(seen.refused).toHaveLength(1);
    expect(seen.lost).toEqual([]);
    thread.stop();
  });

  it("counts the jobs of a thread that dies, and continues without one", async () => {
    const { thread, seen } = opened(new URL("data:text/javascript,process.exit(3)"));
    thread.add(job(50_000), place(1));
    thread.add(job(50_000), place(2));
    await thread.idle();
    expect(seen.lost).toEqual([[2, "It ended with code 3."]]);
    thread.add(job(50_000), place(3));
    expect(seen.encoded.map(([step]) => step)).toEqual([3]);
    thread.stop();
  });

  it("ends a thread that does not answer", () => {
    const { thread, seen } = opened(new URL("data:text/javascript,setInterval(() => {}, 1000)"));
    thread.add(job(50_000), place(1));
    thread.wait(50);
    expect(seen.lost).toEqual([[1, "It did not answer within 50 ms."]]);
  });

  it("counts what is pending when it is stopped", () => {
    const { thread, seen } = opened();
    thread.add(job(50_000), place(1));
    thread.stop();
    expect(seen.lost.map(([jobs]) => jobs)).toEqual([1]);
  });
});
