import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFs } from "./files/event-fs.js";
import { SummaryWriter } from "./summary-writer.js";
import { readEvents, readScalars } from "../../../tests/support/event-files.js";

let dir: string;
const told: string[] = [];
const onError = (error: Error): void => void told.push(error.message);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-writer-"));
  told.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("SummaryWriter", () => {
  it("keeps scalars as 32-bit floats, with steps to 2^53 - 1 and times of a double", async () => {
    const writer = new SummaryWriter(dir);
    const points: [string, number, number][] = [
      ["a", 0, 0.1],
      ["größe/学習 🧪", 127, NaN],
      ["a", 128, Infinity],
      ["a", 2 ** 31, -0],
      ["a", 2 ** 40 + 1, -1e30],
      ["x".repeat(300), Number.MAX_SAFE_INTEGER, 1e39],
    ];
    for (const [tag, step, value] of points) writer.addScalar(tag, value, step, 1_700_000_000.123456);
    await writer.close();
    expect(readScalars(dir)).toEqual(points.map(([tag, step, value]) => [tag, step, Math.fround(value)]));
    expect(readEvents(dir).at(-1)?.wallTime).toBe(1_700_000_000.123456);
  });

  it("writes the scalars of a step as one event", async () => {
    const writer = new SummaryWriter(dir);
    writer.addScalars({ a: 1, b: 2, ["c".repeat(200)]: 3 }, 7);
    writer.addScalars({}, 8);
    await writer.close();
    expect(readScalars(dir)).toEqual([
      ["a", 7, 1],
      ["b", 7, 2],
      ["c".repeat(200), 7, 3],
    ]);
    expect(readEvents(dir)).toHaveLength(3);
  });

  it.each([
    ["a negative step", (w: SummaryWriter) => w.addScalar("a", 1, -1), "The step is -1"],
    ["half a step", (w: SummaryWriter) => w.addScalars({ a: 1 }, 1.5), "The step is 1.5"],
    ["no step", (w: SummaryWriter) => w.addText("a", "b", undefined as never), "The step is undefined"],
    ["a value that is no number", (w: SummaryWriter) => w.addScalar("a", "1" as never, 1), "The value is a string"],
    ["one of several", (w: SummaryWriter) => w.addScalars({ a: 1, b: null as never }, 1), "The value is a object"],
    ["a tag that is no string", (w: SummaryWriter) => w.addScalar(7 as never, 1, 1), "The tag is a number"],
    ["no images", (w: SummaryWriter) => w.addImages("a", [], 1), "no image"],
    ["a score outside 0..1", (w: SummaryWriter) => w.addPrCurve("a", [1], [2], 1), "0"],
  ])("refuses, counts and names %s", async (_, call, message) => {
    const writer = new SummaryWriter(dir, { onError });
    call(writer);
    call(writer);
    writer.addScalar("good", 1, 1);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 1, refused: 2, dropped: 0 });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(message);
  });

  it("refuses steps over 2^31 - 1 in a run with hparams, and hparams in a run with such steps", async () => {
    const first = new SummaryWriter(dir, { onError });
    first.addHparams({ rate: 0.1 });
    first.addScalar("a", 1, 2 ** 31 - 1);
    first.addScalar("a", 1, 2 ** 31);
    await first.close();
    expect(first.report().refused).toBe(1);
    const resumed = new SummaryWriter(dir, { onError, resumeStep: 5 });
    resumed.addScalar("a", 1, 2 ** 31);
    await resumed.close();
    expect(resumed.report().refused).toBe(1);
    const other = new SummaryWriter(join(dir, "other"), { onError });
    other.addScalar("a", 1, 2 ** 31);
    other.addHparams({ rate: 0.1 });
    await other.close();
    expect(other.report()).toMatchObject({ delivered: 1, refused: 1 });
  });

  it("is the only one of its directory, until it is closed", async () => {
    const writer = new SummaryWriter(dir);
    expect(() => new SummaryWriter(join(dir, "sub", ".."))).toThrow("is open in another SummaryWriter");
    await writer.close();
    await new SummaryWriter(dir).close();
  });

  it("does nothing after its close", async () => {
    const writer = new SummaryWriter(dir);
    writer.addScalar("a", 1, 1);
    await writer.close();
    writer.addScalar("a", 2, 2);
    writer.addGraph({ layers: [] });
    writer.addHparams({ rate: 1 });
    await writer.flush();
    await writer.close();
    expect(readScalars(dir)).toEqual([["a", 1, 1]]);
    expect(writer.report()).toEqual({ backend: "tensorboard", delivered: 1, pending: 0, refused: 0, dropped: 0 });
  });

  it.each(["ENOSPC", "deleted"])("takes what a listener of its errors logs in the middle of a call: %s", async (fault) => {
    const records = 100;
    const long = "x".repeat(150); // a call of more bytes than the buffer has left over, so that it writes before it begins
    const payload = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`tag/${index}/${long}`, index]));
    let fails = false;
    const writer: SummaryWriter = new SummaryWriter(dir, {
      flushIntervalMs: 1e9,
      onError: () => {
        fails = false;
        for (const tag of ["told", "also/told"]) writer.addScalars({ [tag]: 1, second: 2, third: 3 }, 1);
        writer.addScalar("alone", 4, 1);
        writer.addText("why", fault, 1);
      },
      fs: {
        ...nodeFs,
        fstatSync: (fd) => (fails && fault === "deleted" ? { nlink: 0 } : nodeFs.fstatSync(fd)),
        writeSync(fd, buffer, offset, length) {
          if (fails && fault === "ENOSPC") throw new Error("ENOSPC");
          return nodeFs.writeSync(fd, buffer, offset, length);
        },
      },
    });
    for (let step = 1; step <= records; step++) {
      if (step === records / 2) fails = true;
      writer.addScalars(payload, step);
    }
    await writer.close();
    const scalars = readScalars(dir);
    expect(scalars.filter(([tag]) => tag === "told" || tag === "also/told" || tag === "alone")).toHaveLength(3);
    expect(scalars.filter(([tag]) => tag === `tag/7/${long}`).map(([, step]) => step)).toEqual(
      Array.from({ length: records }, (_, index) => index + 1),
    );
    expect(scalars.filter(([tag, , value]) => tag.startsWith("tag/") && value !== Number(tag.split("/")[1]))).toEqual([]);
    expect(told).toEqual([]);
  });

  it("takes a step to resume at that is one", () => {
    expect(() => new SummaryWriter(dir, { resumeStep: 1.5 })).toThrow("resumeStep is 1.5");
  });
});
