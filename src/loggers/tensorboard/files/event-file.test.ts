import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nodeFs, type EventFs } from "./event-fs.js";
import { printableLines } from "../../../support/printable.js";
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

const file = (): string => join(dir, eventFiles(dir)[0] as string);

function replace(path: string): void {
  const bytes = readFileSync(path);
  rmSync(path);
  writeFileSync(path, bytes);
}

/** The scalars of the newest file alone: an older one may be damaged. */
function scalarsOfLast(): [string, number, number][] {
  for (const name of eventFiles(dir).slice(0, -1)) rmSync(join(dir, name));
  return readScalars(dir);
}

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

  it("scalars of one event count one each, also where the disk takes a part of them", async () => {
    const { fs, faults } = faultFs();
    const writer = open({ fs });
    faults.room = 0;
    writer.addScalars({ a: 1, b: 2, c: 3 }, 1);
    writer.addScalar("a", 2, 2);
    writer.addScalars({ a: 3, b: 4 }, 3);
    expect(writer.report()).toMatchObject({ delivered: 0, pending: 6 });
    faults.room = 150; // the head of the file, the first event and a part of the second
    await writer.flush();
    expect(writer.report()).toMatchObject({ delivered: 3, pending: 3 });
    faults.room = 0;
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 3, pending: 0, dropped: 3 });
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

  it.skipIf(process.platform === "win32").each<[string, () => void, string]>([
    ["the directory was deleted", () => rmSync(dir, { recursive: true }), "was deleted"],
    ["the file was deleted", () => rmSync(file()), "was deleted"],
    ["the file was replaced by another", () => replace(file()), "was deleted"],
    ["the directory was moved", () => renameSync(dir, `${dir}-moved`), "was moved or deleted"],
    ["the file was emptied", () => truncateSync(file()), "was cut to 0 bytes"],
    ["the file was cut in a record", () => truncateSync(file(), 200), "was cut to 200 bytes"],
  ])("%s: its records are counted, and the next ones are in a new file", async (_, damage, says) => {
    const writer = open();
    for (let step = 1; step <= 5; step++) writer.addScalar("a", step, step);
    await writer.flush();
    damage();
    await writer.flush(); // nothing is pending
    expect(writer.report()).toMatchObject({ delivered: 0, dropped: 5, error: expect.stringContaining(says) as string });
    writer.addScalar("a", 6, 6);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 1, pending: 0, dropped: 5 });
    expect(reported).toEqual([expect.stringContaining(`${says}, and 5 records with it`)]);
    expect(scalarsOfLast()).toEqual([["a", 6, 6]]);
  });

  it.skipIf(process.platform === "win32")(
    "a file that is deleted twice, and before a close without records, is noticed",
    async () => {
      const writer = open();
      for (let round = 1; round <= 2; round++) {
        writer.addScalar("a", round, round);
        await writer.flush();
        rmSync(dir, { recursive: true });
      }
      await writer.close();
      expect(writer.report()).toMatchObject({ delivered: 0, pending: 0, dropped: 2 });
      expect(reported).toHaveLength(2);
    },
  );

  it("a file that a file server no longer knows is one that was deleted", async () => {
    let isStale = false;
    const fstatSync = (fd: number): { nlink: number; size: number } => {
      if (isStale) throw ioError("ESTALE");
      return nodeFs.fstatSync(fd);
    };
    const writer = open({ fs: { ...nodeFs, fstatSync } });
    writer.addScalar("a", 1, 1);
    await writer.flush();
    isStale = true;
    await writer.flush();
    isStale = false;
    writer.addScalar("a", 2, 2);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 1, dropped: 1 });
  });

  it("a clock that is set back or forward changes no interval", async () => {
    vi.useFakeTimers();
    try {
      const { fs, faults } = faultFs();
      const writer = open({ fs, flushIntervalMs: 5000 });
      writer.addScalar("a", 1, 1); // the first record is written at once
      vi.setSystemTime(Date.now() + 3_600_000);
      writer.addScalar("a", 2, 2);
      expect(readScalars(dir)).toHaveLength(1);
      vi.setSystemTime(Date.now() - 7_200_000);
      writer.addScalar("a", 3, 3);
      expect(readScalars(dir)).toHaveLength(1);
      faults.room = 0;
      vi.advanceTimersByTime(5000);
      expect(writer.report().pending).toBe(2);
      vi.setSystemTime(Date.now() - 3_600_000);
      faults.room = Infinity;
      vi.advanceTimersByTime(1000);
      expect(readScalars(dir)).toHaveLength(3);
      await writer.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it("names of tags and directories cannot control a terminal that shows a message", async () => {
    const { fs, faults } = faultFs();
    dir = join(root, "run\u001b[31m\u009b2J");
    faults.open = ioError("EACCES");
    const writer = open({ fs });
    expect(() => open()).toThrow(/run\\x1b\[31m\\x9b2J is open in another/);
    writer.addScalar("tag\u001b]0;title\u0007\u202e", 1, 1);
    writer.addScalar("good", 1, 1);
    await writer.close();
    expect(reported).toHaveLength(2);
    for (const message of reported) expect(printableLines(message)).toBe(message);
  });

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
