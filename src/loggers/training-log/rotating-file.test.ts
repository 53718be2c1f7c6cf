import fc from "fast-check";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { faultFs, ioError } from "../../../tests/loggers/fault-fs.js";
import { isTrainscopeError, type TrainscopeError } from "../../support/errors.js";
import type { RotatingFileOptions } from "./options.js";
import { RotatingFile } from "./rotating-file.js";

let dir = "";
let clock = { ms: 0 };
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-log-"));
  clock = { ms: Date.now() };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** The wall clock and the monotonic one, in step. */
const clocks = { now: (): number => clock.ms, elapsed: (): number => clock.ms };

function opened(options: Partial<RotatingFileOptions> = {}): RotatingFile {
  return new RotatingFile({ dir, ...clocks, ...options });
}

const files = (): string[] => readdirSync(dir).sort();
const content = (name: string): string => readFileSync(join(dir, name), "utf8");
const everything = (): string => files().map(content).join("");
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("durability", () => {
  test("while lines are few each is on disk when append returns", () => {
    const file = opened();
    for (let i = 0; i < 100; i++) {
      file.append(`${i}\n`, false);
      expect(everything().endsWith(`\n${i}\n`) || i === 0).toBe(true);
      clock.ms += 10;
    }
    file.close();
  });

  test("a burst is gathered, and written at the next turn of the event loop", async () => {
    const file = opened();
    for (let i = 0; i < 900; i++) file.append(`${i}\n`, false);
    expect(file.pending).toBeGreaterThan(0);
    await nextTurn();
    expect(file.pending).toBe(0);
    expect(everything().split("\n")).toHaveLength(901);
    file.close();
  });

  test.each([
    { what: "5 ms have passed", options: {}, advanceMs: [5], urgent: false },
    { what: "the buffer is full", options: { maxBufferedLines: 2 }, advanceMs: [0], urgent: false },
    { what: "a line is urgent", options: {}, advanceMs: [0], urgent: true },
  ])("in a loop that never turns, lines are written when $what", ({ options, advanceMs, urgent }) => {
    const file = opened(options);
    let count = 0;
    while (file.pending === 0) file.append(`${count++}\n`, false);
    for (const ms of advanceMs) {
      expect(file.pending).toBeGreaterThan(0);
      clock.ms += ms;
      file.append(`${count++}\n`, urgent);
    }
    expect(file.pending).toBe(0);
    expect(everything().split("\n")).toHaveLength(count + 1);
    file.close();
  });

  test("flush and close write what waits; lines after close are counted", () => {
    const file = opened();
    let count = 0;
    while (file.pending === 0) file.append(`${count++}\n`, false);
    expect(file.flush()).toBe(true);
    expect(everything().split("\n")).toHaveLength(count + 1);
    file.append("x\n", false);
    file.close();
    file.close();
    file.append("late\n", true);
    expect(everything().endsWith("\nx\n")).toBe(true);
    expect({ written: file.written, dropped: file.dropped, pending: file.pending }).toEqual({
      written: count + 1,
      dropped: 1,
      pending: 0,
    });
  });
});

test("a line without a line feed gets one", () => {
  const file = opened();
  for (const line of ["a", "b\n", ""]) file.append(line, false);
  file.close();
  expect(everything()).toBe("a\nb\n\n");
  expect(file.written).toBe(3);
});

describe("rotation", () => {
  test("by size: no line is lost or split, names sort", () => {
    const file = opened({ maxBytes: 100 });
    const lines = Array.from({ length: 50 }, (_, i) => `${"x".repeat(i)}\n`);
    for (const line of lines) file.append(line, false);
    file.close();
    expect(everything()).toBe(lines.join(""));
    expect(files()[0]).toBe("training-000001.jsonl");
    for (const name of files()) {
      expect(content(name)).toMatch(/\n$/);
      expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(100);
    }
    expect(files().length).toBeGreaterThan(10);
  });

  test("a burst is spread over files by the same rule", async () => {
    const file = opened({ maxBytes: 50 });
    const lines = Array.from({ length: 1500 }, (_, i) => `line ${i}\n`);
    for (const line of lines) file.append(line, false);
    await nextTurn();
    file.close();
    expect(everything()).toBe(lines.join(""));
    for (const name of files()) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(50);
  });

  test("a line larger than a file has one of its own", () => {
    const file = opened({ maxBytes: 20 });
    for (const line of ["a\n", `${"b".repeat(100)}\n`, "c\n", "d\n"]) file.append(line, false);
    file.close();
    expect(files().map(content)).toEqual(["a\n", `${"b".repeat(100)}\n`, "c\nd\n"]);
  });

  test("by age, by the clock, also of a file that was there", () => {
    const file = opened({ maxAgeMs: 60_000 });
    file.append("a\n", false);
    clock.ms += 59_000;
    file.append("b\n", false);
    clock.ms += 1000;
    file.append("c\n", false);
    file.close();
    expect(files().map(content)).toEqual(["a\nb\n", "c\n"]);
    clock.ms += 600_000;
    const later = opened({ maxAgeMs: 60_000 });
    later.append("d\n", false);
    later.close();
    expect(files().map(content)).toEqual(["a\nb\n", "c\n", "d\n"]);
  });

  test("maxFiles deletes the oldest of ours and nothing else", () => {
    writeFileSync(join(dir, "notes.txt"), "mine");
    writeFileSync(join(dir, "training-old.jsonl"), "mine");
    writeFileSync(join(dir, "training-rank1-000001.jsonl"), "another rank's");
    const file = opened({ maxBytes: 4, maxFiles: 2 });
    for (const line of ["a\n", "b\n", "c\n", "d\n", "e\n", "f\n", "g\n"]) file.append(line, false);
    file.close();
    expect(files()).toEqual([
      "notes.txt",
      "training-000003.jsonl",
      "training-000004.jsonl",
      "training-old.jsonl",
      "training-rank1-000001.jsonl",
    ]);
    expect(content("training-000004.jsonl")).toBe("g\n");
  });

  test("maxFiles holds beside a name that cannot be deleted", () => {
    mkdirSync(join(dir, "training-000001.jsonl"));
    const file = opened({ maxBytes: 4, maxFiles: 2 });
    for (let i = 0; i < 9; i++) file.append("a\n", false);
    file.close();
    expect(files()).toEqual(["training-000001.jsonl", "training-000005.jsonl", "training-000006.jsonl"]);
  });

  test("whatever the lines, the sizes and the turns: everything is there, whole and in order", async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.string({ maxLength: 40, unit: "grapheme" }).map((text) => ({ line: JSON.stringify(text) })) },
      { weight: 1, arbitrary: fc.constantFrom("flush", "turn", "reopen", "hour" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 120 }), async (steps, maxBytes) => {
        const sub = mkdtempSync(join(dir, "case-"));
        const open = (): RotatingFile =>
          new RotatingFile({ dir: sub, maxBytes, maxAgeMs: 3_600_000, maxBufferedLines: 7, ...clocks });
        let file = open();
        const expected: string[] = [];
        for (const action of steps) {
          if (typeof action === "object") {
            expected.push(action.line);
            file.append(`${action.line}\n`, false);
          } else if (action === "flush") file.flush();
          else if (action === "turn") await nextTurn();
          else if (action === "hour") clock.ms += 3_600_000;
          else {
            file.close();
            file = open();
          }
        }
        file.close();
        const texts = readdirSync(sub)
          .sort()
          .map((name) => readFileSync(join(sub, name), "utf8"));
        expect(texts.every((text) => text === "" || text.endsWith("\n"))).toBe(true);
        expect(texts.join("").split("\n").slice(0, -1)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each([
  { what: "back", setMs: -3_600_000 },
  { what: "forward", setMs: 3_600_000 },
])("the wall clock set $what by an hour changes nothing:", ({ setMs }) => {
  let elapsed = 0;
  let wall = { ms: 0 };
  beforeEach(() => {
    elapsed = 0;
    wall = { ms: Date.now() };
  });
  const twoClocks = { now: (): number => wall.ms, elapsed: (): number => elapsed };

  test("lines of a burst are written after 5 ms", () => {
    const file = opened(twoClocks);
    while (file.pending === 0) file.append("x\n", false);
    wall.ms += setMs;
    file.append("x\n", false);
    expect(file.pending).toBeGreaterThan(0);
    elapsed += 5;
    file.append("x\n", false);
    expect(file.pending).toBe(0);
    file.close();
  });

  test("a disk that failed is tried again after a second", () => {
    const { fs, faults } = faultFs();
    const file = opened({ ...twoClocks, fs });
    faults.write = ioError("EIO");
    file.append("a\n", false);
    faults.write = null;
    wall.ms += setMs;
    file.append("b\n", false);
    expect(everything()).toBe("");
    elapsed += 1000;
    file.append("c\n", false);
    expect(everything()).toBe("a\nb\nc\n");
    file.close();
  });

  test("a file ends when it is old by its own age", () => {
    const file = opened({ ...twoClocks, maxAgeMs: 60_000 });
    file.append("a\n", false);
    wall.ms += setMs;
    elapsed += 59_999;
    file.append("b\n", false);
    elapsed += 1;
    file.append("c\n", false);
    file.close();
    expect(files().map(content)).toEqual(["a\nb\n", "c\n"]);
  });
});

describe("a log that was there", () => {
  test("continues in its newest file", () => {
    for (const line of ["a\n", "b\n"]) {
      const file = opened();
      file.append(line, false);
      file.close();
    }
    expect(files().map(content)).toEqual(["a\nb\n"]);
  });

  test("cut off at any byte of its last line, it continues on a new line", () => {
    const line = '{"message":"größe"}\n';
    const bytes = Buffer.from(line);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const sub = mkdtempSync(join(dir, "cut-"));
      writeFileSync(join(sub, "training-000001.jsonl"), Buffer.concat([Buffer.from("first\n"), bytes.subarray(0, cut)]));
      const file = new RotatingFile({ dir: sub });
      file.append("next\n", false);
      file.close();
      expect(file.written).toBe(1);
      const text = readFileSync(join(sub, "training-000001.jsonl"));
      expect(text.subarray(-6).toString()).toBe("\nnext\n");
      expect(text.includes("\n\n")).toBe(false);
    }
  });

  test("a directory that cannot be made is an error that says so", () => {
    writeFileSync(join(dir, "file"), "");
    const error = thrownBy(() => opened({ dir: join(dir, "file", "log") }));
    expect(error).toMatchObject({ code: "ERR_LOG", path: join(dir, "file", "log"), cause: { code: "ENOTDIR" } });
  });
});

describe("a disk that fails", () => {
  test.each([0, 1, 5, 9, 10, 11, 25])("full after %i bytes: nothing is thrown, nothing is lost once there is room", (room) => {
    const { fs, faults } = faultFs();
    const errors: TrainscopeError[] = [];
    const file = opened({ fs, onError: (error) => errors.push(error), maxBytes: 64 });
    faults.room = room;
    const lines = Array.from({ length: 30 }, (_, i) => `line ${String(i).padStart(4, "0")}\n`);
    for (const line of lines.slice(0, 15)) file.append(line, false);
    expect(file.flush()).toBe(false);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: "ERR_LOG", cause: { code: "ENOSPC" } });
    faults.room = Infinity;
    clock.ms += 1000;
    for (const line of lines.slice(15)) file.append(line, false);
    file.close();
    expect(everything()).toBe(lines.join(""));
    expect({ written: file.written, dropped: file.dropped, error: file.error }).toEqual({
      written: 30,
      dropped: 0,
      error: "ENOSPC: injected",
    });
  });

  test("lines count as the records in them, also where a line is written in part", () => {
    const { fs, faults } = faultFs();
    const file = opened({ fs, maxPendingBytes: 20 });
    faults.room = 8;
    file.append("three\n", true, 3);
    file.append("five\n", true, 5);
    expect({ written: file.written, pending: file.pending }).toEqual({ written: 3, pending: 0 });
    for (let i = 0; i < 10; i++) file.append("seven\n", true, 7);
    expect({ pending: file.pending, dropped: file.dropped }).toEqual({ pending: 21, dropped: 49 });
    file.close();
    expect({ written: file.written, pending: file.pending, dropped: file.dropped }).toEqual({
      written: 3,
      pending: 0,
      dropped: 75,
    });
    file.append("late\n", true, 2);
    expect(file.dropped).toBe(77);
  });

  test("every single write may fail once, at any place", () => {
    const lines = Array.from({ length: 12 }, (_, i) => `${"x".repeat(i * 3)}${i}\n`);
    for (let failAt = 0; ; failAt++) {
      const sub = mkdtempSync(join(dir, "fail-"));
      const { fs } = faultFs();
      let writes = 0;
      const flaky = {
        ...fs,
        writeSync: (fd: number, buffer: Uint8Array, offset: number, length: number): number => {
          if (writes++ === failAt) throw ioError("EIO");
          return fs.writeSync(fd, buffer, offset, Math.min(length, 5));
        },
      };
      const file = new RotatingFile({ dir: sub, fs: flaky, maxBytes: 40, ...clocks });
      for (const line of lines) {
        file.append(line, false);
        clock.ms += 1000;
      }
      file.close();
      expect(
        readdirSync(sub)
          .sort()
          .map((name) => readFileSync(join(sub, name), "utf8"))
          .join(""),
      ).toBe(lines.join(""));
      if (writes <= failAt) break;
      expect(file.error).toBe("EIO: injected");
    }
  });

  test("lines are kept up to a bound, then the oldest go and are counted", () => {
    const { fs, faults } = faultFs();
    const file = opened({ fs, maxPendingBytes: 50 });
    faults.write = ioError("EIO");
    for (let i = 10; i < 40; i++) file.append(`line ${i}\n`, false);
    expect({ pending: file.pending, dropped: file.dropped }).toEqual({ pending: 6, dropped: 24 });
    faults.write = null;
    file.close();
    expect(everything()).toBe([34, 35, 36, 37, 38, 39].map((i) => `line ${i}\n`).join(""));
  });

  test("at close what the disk still refuses is counted", () => {
    const { fs, faults } = faultFs();
    const file = opened({ fs });
    faults.room = 8;
    for (const line of ["first\n", "second\n", "third\n"]) file.append(line, false);
    file.close();
    expect({ written: file.written, dropped: file.dropped, pending: file.pending }).toEqual({
      written: 1,
      dropped: 2,
      pending: 0,
    });
  });

  test("when no new file can be made the old one is used further", () => {
    const { fs, faults } = faultFs();
    const file = opened({ fs, maxBytes: 6 });
    file.append("a\n", false);
    faults.open = ioError("EMFILE");
    for (const line of ["bbbbbb\n", "c\n", "d\n"]) file.append(line, false);
    faults.open = null;
    file.append("e\n", false);
    file.close();
    expect(files().map(content)).toEqual(["a\nbbbbbb\nc\nd\n", "e\n"]);
    expect(file.error).toBe("EMFILE: injected");
  });

  test("is tried again by a timer, without another line", () => {
    vi.useFakeTimers();
    try {
      const { fs, faults } = faultFs();
      const file = opened({ fs });
      faults.write = ioError("EIO");
      file.append("a\n", false);
      vi.advanceTimersByTime(3500);
      expect(file.pending).toBe(1);
      faults.write = null;
      vi.advanceTimersByTime(1000);
      expect(everything()).toBe("a\n");
      file.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test("a real full device", () => {
    symlinkSync("/dev/full", join(dir, "training-000001.jsonl"));
    const errors: TrainscopeError[] = [];
    const file = opened({ onError: (error) => errors.push(error) });
    for (let i = 0; i < 10; i++) file.append(`${i}\n`, false);
    file.close();
    expect(errors).toMatchObject([{ code: "ERR_LOG", cause: { code: "ENOSPC" } }]);
    expect(file.dropped).toBe(10);
  });

  test("what a listener throws is ignored", () => {
    const { fs, faults } = faultFs();
    const file = opened({
      fs,
      onError: () => {
        throw new Error("listener");
      },
    });
    faults.write = ioError("EIO");
    file.append("a\n", false);
    expect(file.error).toBe("EIO: injected");
    faults.write = null;
    file.close();
    expect(everything()).toBe("a\n");
  });
});

test("two logs on one directory keep each other's lines whole", () => {
  const first = opened({ maxBytes: 200 });
  const second = opened({ maxBytes: 200 });
  const expected: string[] = [];
  for (let i = 0; i < 60; i++) {
    (i % 2 === 0 ? first : second).append(`line ${i}\n`, false);
    expected.push(`line ${i}`);
  }
  first.close();
  second.close();
  expect(everything().split("\n").slice(0, -1).sort()).toEqual(expected.sort());
});

describe("what others do to an open file", () => {
  /** Logs "a", lets others act, logs "b" and "c". */
  function around(act: (path: string) => void, options: Partial<RotatingFileOptions> = {}): RotatingFile {
    const file = opened(options);
    file.append("a\n", true);
    act(file.path);
    file.append("b\n", true);
    file.append("c\n", true);
    file.close();
    return file;
  }

  test.each<{ what: string; act: (path: string) => void; there: Record<string, string>; deletions: number; reopened: number }>([
    {
      what: "deleted",
      act: (path) => rmSync(path),
      there: { "training-000001.jsonl": "b\nc\n" },
      deletions: 1,
      reopened: 1,
    },
    {
      what: "deleted with its directory",
      act: () => rmSync(dir, { recursive: true }),
      there: { "training-000001.jsonl": "b\nc\n" },
      deletions: 1,
      reopened: 1,
    },
    {
      what: "moved away (logrotate)",
      act: (path) => renameSync(path, `${path}.1`),
      there: { "training-000001.jsonl": "b\nc\n", "training-000001.jsonl.1": "a\n" },
      deletions: 0,
      reopened: 1,
    },
    {
      what: "moved away and made again (logrotate's create)",
      act: (path) => {
        renameSync(path, `${path}.1`);
        writeFileSync(path, "");
      },
      there: { "training-000001.jsonl": "b\nc\n", "training-000001.jsonl.1": "a\n" },
      deletions: 0,
      reopened: 1,
    },
    {
      what: "copied and cut (logrotate's copytruncate)",
      act: (path) => {
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
      },
      there: { "training-000001.jsonl": "b\nc\n", "training-000001.jsonl.1": "a\n" },
      deletions: 0,
      reopened: 0,
    },
    {
      what: "cut in the middle of a line",
      act: (path) => truncateSync(path, 1),
      there: { "training-000001.jsonl": "a\nb\nc\n" },
      deletions: 0,
      reopened: 0,
    },
    {
      what: "written to",
      act: (path) => appendFileSync(path, "theirs\n"),
      there: { "training-000001.jsonl": "a\ntheirs\nb\nc\n" },
      deletions: 0,
      reopened: 0,
    },
    {
      what: "replaced by an editor that saves by renaming",
      act: (path) => {
        writeFileSync(`${path}~`, "edited");
        renameSync(`${path}~`, path);
      },
      there: { "training-000001.jsonl": "edited\nb\nc\n" },
      deletions: 1,
      reopened: 1,
    },
    {
      what: "replaced by a directory",
      act: (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      there: { "training-000001.jsonl": "<directory>", "training-000002.jsonl": "b\nc\n" },
      deletions: 1,
      reopened: 1,
    },
    {
      what: "deleted while there is a newer one",
      act: (path) => {
        rmSync(path);
        writeFileSync(path.replace("000001", "000004"), "newer\n");
      },
      there: { "training-000004.jsonl": "newer\nb\nc\n" },
      deletions: 1,
      reopened: 1,
    },
    {
      what: "made read-only",
      act: (path) => chmodSync(path, 0o444),
      there: { "training-000001.jsonl": "a\nb\nc\n" },
      deletions: 0,
      reopened: 0,
    },
  ])("$what: the lines go on where they are found", ({ act, there, deletions, reopened }) => {
    const errors: TrainscopeError[] = [];
    const file = around(act, { onError: (error) => errors.push(error) });
    const found = files().map((name) => [name, statSync(join(dir, name)).isDirectory() ? "<directory>" : content(name)]);
    expect(Object.fromEntries(found)).toEqual(there);
    expect({ written: file.written, dropped: file.dropped, reopened: file.reopened }).toEqual({
      written: 3,
      dropped: 0,
      reopened,
    });
    expect(errors).toHaveLength(deletions);
    if (deletions > 0) expect(errors[0]).toMatchObject({ code: "ERR_LOG", detail: expect.stringContaining("was deleted while") });
    expect(file.error === undefined).toBe(deletions === 0);
  });

  test("each deletion is counted, and the first is reported", () => {
    const errors: TrainscopeError[] = [];
    const file = opened({ onError: (error) => errors.push(error) });
    for (let i = 0; i < 4; i++) {
      file.append(`${i}\n`, true);
      rmSync(file.path);
    }
    file.append("last\n", true);
    file.close();
    expect(everything()).toBe("last\n");
    expect(errors).toHaveLength(1);
    expect(file.error).toBe(`${join(dir, "training-000001.jsonl")} was deleted while it was written (4 deletions)`);
  });

  test("a directory that is replaced by a file is a disk that fails: lines wait", () => {
    const file = opened();
    file.append("a\n", true);
    rmSync(dir, { recursive: true });
    writeFileSync(dir, "");
    file.append("b\n", true);
    expect({ pending: file.pending, error: file.error }).toEqual({ pending: 1, error: expect.stringMatching(/EEXIST|ENOTDIR/) });
    rmSync(dir);
    expect(file.flush()).toBe(true);
    file.close();
    expect(everything()).toBe("b\n");
  });

  test.each(["delete", "cut"] as const)("a line that is written in part before they %s the file is whole afterwards", (act) => {
    const { fs, faults } = faultFs();
    const file = opened({ fs });
    faults.room = 4;
    file.append("a whole line\n", true);
    expect(file.pending).toBe(0);
    if (act === "delete") rmSync(file.path);
    else truncateSync(file.path, 2);
    faults.room = Infinity;
    file.append("b\n", true);
    file.close();
    expect(everything()).toBe(act === "delete" ? "a whole line\nb\n" : "a \na whole line\nb\n");
    expect({ written: file.written, dropped: file.dropped }).toEqual({ written: 2, dropped: 0 });
  });

  test("a name that is a directory when the log is opened is passed over", () => {
    mkdirSync(join(dir, "training-000007.jsonl"));
    const file = opened();
    file.append("a\n", true);
    file.close();
    expect(content("training-000008.jsonl")).toBe("a\n");
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (isTrainscopeError(error)) return error;
    throw error;
  }
  return undefined;
}
