import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFs, type EventFs } from "./event-fs.js";
import type { SummaryWriterOptions } from "../options.js";
import { SummaryWriter } from "../summary-writer.js";
import { eventFiles, readEvents, readScalars } from "../../../../tests/support/event-files.js";

let root: string;
let dir: string;
const reported: string[] = [];
const onError = (error: Error): void => void reported.push(error.message);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "trainscope-events-"));
  dir = join(root, "run");
  reported.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Faults {
  /** Bytes that still fit: a write takes what fits, the next one throws. */
  room: number;
  open: Error | null;
}

const ioError = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

function faultFs(): { fs: EventFs; faults: Faults } {
  const faults: Faults = { room: Infinity, open: null };
  const fs: EventFs = {
    ...nodeFs,
    openSync(path, flags, mode) {
      if (faults.open !== null) throw faults.open;
      return nodeFs.openSync(path, flags, mode);
    },
    writeSync(fd, buffer, offset, length) {
      if (faults.room <= 0) throw ioError("ENOSPC");
      const written = nodeFs.writeSync(fd, buffer, offset, Math.min(length, faults.room));
      faults.room -= written;
      return written;
    },
  };
  return { fs, faults };
}

const open = (options: SummaryWriterOptions = {}): SummaryWriter => new SummaryWriter(dir, { onError, ...options });

describe("an event file", () => {
  it("begins with its version and, where it is the first of its directory, a session", async () => {
    const first = open();
    first.addScalar("a", 1, 1);
    await first.close();
    const second = open();
    second.addScalar("a", 2, 2);
    await second.close();
    const kinds = readEvents(dir).map(
      ({ fileVersion, isSessionStart, values }) =>
        fileVersion ?? (isSessionStart ? "start" : values.map(({ tag }) => tag).join()),
    );
    expect(kinds).toEqual(["brain.Event:2", "start", "a", "brain.Event:2", "a"]);
  });

  it("is not created before there is a record", async () => {
    const writer = open();
    await writer.flush();
    expect(() => statSync(dir)).toThrow("ENOENT");
    await writer.close();
  });

  it("is written when the interval has passed, in a loop that never turns", async () => {
    const writer = open({ flushIntervalMs: 0 });
    writer.addScalar("a", 1, 1);
    expect(readScalars(dir)).toEqual([["a", 1, 1]]);
    await writer.close();
  });

  it("is written by a timer when nothing more comes", async () => {
    const writer = open({ flushIntervalMs: 20 });
    writer.addScalar("a", 1, 1);
    writer.addScalar("a", 2, 2);
    await expect.poll(() => readScalars(dir).length).toBe(2);
    await writer.close();
  });

  it("is written at 256 KiB", async () => {
    const writer = open({ flushIntervalMs: 1e9 });
    writer.addScalar("a", 0, 0); // the first record is written at once
    for (let step = 1; step <= 10_000; step++) writer.addScalar("a", step, step);
    expect(statSync(join(dir, eventFiles(dir)[0] as string)).size).toBeGreaterThan(256 * 1024);
    expect(writer.report().pending).toBeGreaterThan(0);
    await writer.close();
    expect(readScalars(dir)).toHaveLength(10_001);
  });

  it("accepts a record that is larger than the queue", async () => {
    const writer = open({ maxQueueBytes: 1000 });
    writer.addText("long", "x".repeat(3_000_000), 1);
    writer.addScalar("a", 1, 2);
    await writer.close();
    expect(readEvents(dir).at(-2)?.values[0]?.strings[0]).toHaveLength(3_000_000);
    expect(writer.report()).toEqual({ backend: "tensorboard", delivered: 2, pending: 0, refused: 0, dropped: 0 });
  });
});

describe("injected faults", () => {
  it("a disk that is full for a while loses nothing, also in the middle of a record", async () => {
    const { fs, faults } = faultFs();
    const writer = open({ fs });
    writer.addScalar("a", 0, 0);
    await writer.flush();
    faults.room = 100;
    for (let step = 1; step <= 50; step++) writer.addScalar("a", step, step);
    await writer.flush();
    expect(writer.report()).toMatchObject({ dropped: 0, error: expect.stringContaining("ENOSPC") as string });
    expect(writer.report().delivered + writer.report().pending).toBe(51);
    faults.room = Infinity;
    await writer.close();
    expect(readScalars(dir).map(([, step]) => step)).toEqual(Array.from({ length: 51 }, (_, step) => step));
    expect(writer.report()).toEqual({ backend: "tensorboard", delivered: 51, pending: 0, refused: 0, dropped: 0 });
    expect(reported).toHaveLength(1);
  });

  it("a disk that stays full: what the queue cannot hold, and what is pending at the close, is dropped and counted", async () => {
    const { fs, faults } = faultFs();
    const writer = open({ fs, maxQueueBytes: 300_000 });
    faults.room = 0;
    for (let step = 0; step < 20_000; step++) writer.addScalar("a", step, step);
    const { pending, dropped } = writer.report();
    expect(pending).toBeGreaterThan(1000);
    expect(dropped).toBeGreaterThan(1000);
    expect(pending + dropped).toBe(20_000);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 0, pending: 0, dropped: 20_000 });
    expect(eventFiles(dir)).toEqual([]);
    expect(reported).toHaveLength(1);
  });

  it("a directory that cannot be written is retried", async () => {
    const { fs, faults } = faultFs();
    faults.open = ioError("EACCES");
    const writer = open({ fs });
    writer.addScalar("a", 1, 1);
    await writer.flush();
    expect(writer.report()).toMatchObject({ delivered: 0, pending: 1, error: expect.stringContaining("EACCES") as string });
    faults.open = null;
    await writer.close();
    expect(readScalars(dir)).toEqual([["a", 1, 1]]);
  });

  it.skipIf(process.platform === "win32")(
    "a deleted directory is created again, and the records lost with it are counted",
    async () => {
      const writer = open();
      for (let step = 1; step <= 3; step++) writer.addScalar("a", step, step);
      await writer.flush();
      rmSync(dir, { recursive: true });
      writer.addScalar("a", 4, 4);
      await writer.close();
      expect(readScalars(dir)).toEqual([["a", 4, 4]]);
      expect(writer.report()).toMatchObject({
        delivered: 1,
        dropped: 3,
        error: expect.stringContaining("was deleted") as string,
      });
      expect(readEvents(dir)[0]?.fileVersion).toBe("brain.Event:2");
    },
  );

  it("a listener that throws does not reach the caller", async () => {
    const thrower = (): never => {
      throw new Error("mine");
    };
    const writer = open({ onError: thrower });
    expect(() => writer.addScalar("a", 1, -1)).not.toThrow();
    await writer.close();
    expect(writer.report().refused).toBe(1);
  });

  it("leaves no temporary files", async () => {
    const writer = open();
    writer.addScalar("a", 1, 1);
    await writer.close();
    const again = open({ resumeStep: 1 });
    again.addScalar("a", 2, 1);
    await again.close();
    expect(nodeFs.readdirSync(dir).sort()).toEqual(eventFiles(dir));
    expect(readFileSync(join(dir, eventFiles(dir)[0] as string)).length).toBeGreaterThan(0);
  });
});
