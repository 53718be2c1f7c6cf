import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFs } from "./files/event-fs.js";
import type { ChartCategory, MarginSeries } from "./payloads/custom-scalars.js";
import { SummaryWriter } from "./summary-writer.js";
import { readEvents, readScalars } from "../../../tests/support/event-files.js";

let dir: string;
const reported: string[] = [];
const onError = (error: Error): void => void reported.push(error.message);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-writer-"));
  reported.length = 0;
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
    [
      "half a step",
      (w: SummaryWriter) => w.addScalars({ a: 1 }, 1.5),
      "The step is 1.5; it must be an integer from 0 to 2^53 - 1",
    ],
    ["no step", (w: SummaryWriter) => w.addText("a", "b", undefined as never), "The step is undefined"],
    [
      "a value that is not a number",
      (w: SummaryWriter) => w.addScalar("a", "1" as never, 1),
      "The value is a string, not a number: pass Number(value).",
    ],
    ["a tag that is not a string", (w: SummaryWriter) => w.addScalar(7 as never, 1, 1), "The tag is 7, not a string"],
    ["no images", (w: SummaryWriter) => w.addImages("a", [], 1), "The list of images is empty"],
    ["a score outside of 0..1", (w: SummaryWriter) => w.addPrCurve("a", [1], [2], 1), "Score 0 is 2"],
    [
      "a plain list",
      (w: SummaryWriter) => w.addHistogram("a", [1, 2] as never, 1),
      "The values are a list of 2, not a typed array",
    ],
    [
      "no options",
      (w: SummaryWriter) => w.addHistogram("a", new Float32Array(1), 1, null as never),
      "At addHistogram: Found null",
    ],
  ])("refuses, counts and names %s", async (_, call, message) => {
    const writer = new SummaryWriter(dir, { onError });
    call(writer);
    call(writer);
    writer.addScalar("good", 1, 1);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 1, refused: 2, dropped: 0 });
    expect(reported).toHaveLength(1);
    expect(reported[0]).toContain(message);
  });

  it.each([
    ["bukets", (w: SummaryWriter, wrong: object) => w.addHistogram("a", new Float32Array(1), 1, wrong), "buckets"],
    [
      "walltime",
      (w: SummaryWriter, wrong: object) => w.addScatter("a", new Float32Array(1), new Float32Array(1), 1, wrong),
      "wallTime",
    ],
    ["treshold", (w: SummaryWriter, wrong: object) => w.addPrCurve("a", [1], [1], 1, wrong), "thresholds"],
    ["colours", (w: SummaryWriter, wrong: object) => w.addMesh("a", { vertices: new Float32Array(3), ...wrong }, 1), "colors"],
    ["category", (w: SummaryWriter, wrong: object) => w.addCustomScalars({ categories: [], ...wrong }), "categories"],
    ["close", (w: SummaryWriter, wrong: object) => addCategory(w, { title: "t", charts: [], ...wrong }), "closed"],
    [
      "tag",
      (w: SummaryWriter, wrong: object) => addCategory(w, { title: "t", charts: [{ title: "t", tags: [], ...wrong }] }),
      "tags",
    ],
    ["low", (w: SummaryWriter, wrong: object) => addMargin(w, { value: "v", lower: "l", upper: "u", ...wrong }), "lower"],
  ])("refuses the unknown key %s, and names the nearest", async (key, call, nearest) => {
    const writer = new SummaryWriter(dir, { onError });
    call(writer, { [key]: 1 });
    call(writer, {});
    await writer.close();
    expect(writer.report()).toMatchObject({ refused: 1, dropped: 0 });
    expect(writer.report().delivered).toBeGreaterThan(0);
    expect(reported).toEqual([expect.stringContaining(`There is no key "${key}" here.\n  Nearest: "${nearest}"`)]);
  });

  it("reports a kind of refusal once, also where its value changes", async () => {
    const writer = new SummaryWriter(dir, { onError });
    for (let count = 1; count <= 5; count++) {
      writer.addScalar("a", 1, count + 0.5);
      writer.addScalar("a", `${count}` as never, 1);
      writer.addScalar(count as never, 1, 1);
    }
    await writer.close();
    expect(writer.report().refused).toBe(15);
    expect(reported).toHaveLength(3);
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

  it("has its directory for itself until it is closed", async () => {
    const writer = new SummaryWriter(dir);
    expect(() => new SummaryWriter(join(dir, "sub", ".."))).toThrow("is open in another SummaryWriter");
    await writer.close();
    await new SummaryWriter(dir).close();
  });

  it("refuses what comes after its close, counts it and says so once", async () => {
    const writer = new SummaryWriter(dir, { onError });
    writer.addScalar("a", 1, 1);
    await writer.close();
    writer.addScalar("a", 2, 2);
    writer.addScalars({ a: 2, b: 2 }, 2);
    writer.addHistogram("h", new Float32Array(1), 2);
    writer.addText("t", "text", 2);
    writer.addGraph({ layers: [] });
    writer.addHparams({ rate: 1 });
    writer.endHparams("failure");
    writer.child("late").addScalar("a", 2, 2);
    await writer.flush();
    await writer.close();
    expect(readScalars(dir)).toEqual([["a", 1, 1]]);
    expect(writer.report()).toEqual({ backend: "tensorboard", delivered: 1, pending: 0, refused: 9, dropped: 0 });
    expect(reported).toEqual(Array.from({ length: 2 }, () => expect.stringContaining("The writer is closed.") as string)); // its child, too
  });

  it.each(["ENOSPC", "deleted"])("writes what a listener of its errors logs during a call: %s", async (fault) => {
    const records = 100;
    const long = "x".repeat(150); // a call of more bytes than the buffer has left over, so that it writes before it begins
    const payload = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`tag/${index}/${long}`, index]));
    let fails = false;
    const writer: SummaryWriter = new SummaryWriter(dir, {
      flushIntervalMs: 1e9,
      onError: () => {
        fails = false;
        for (const tag of ["first", "also/first"]) writer.addScalars({ [tag]: 1, second: 2, third: 3 }, 1);
        writer.addScalar("alone", 4, 1);
        writer.addText("why", fault, 1);
      },
      fs: {
        ...nodeFs,
        fstatSync: (fd) => (fails && fault === "deleted" ? { nlink: 0, size: 0 } : nodeFs.fstatSync(fd)),
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
    expect(scalars.filter(([tag]) => tag === "first" || tag === "also/first" || tag === "alone")).toHaveLength(3);
    expect(scalars.filter(([tag]) => tag === `tag/7/${long}`).map(([, step]) => step)).toEqual(
      Array.from({ length: records }, (_, index) => index + 1),
    );
    expect(scalars.filter(([tag, , value]) => tag.startsWith("tag/") && value !== Number(tag.split("/")[1]))).toEqual([]);
    expect(reported).toEqual([]);
  });

  it("throws for a wrong option before it opens anything", async () => {
    expect(() => new SummaryWriter(dir, { resumeStep: 1.5 })).toThrow(/ERR_CONFIG at SummaryWriter.resumeStep[^]*1\.5/);
    await new SummaryWriter(dir).close();
  });
});

function addCategory(writer: SummaryWriter, category: ChartCategory): void {
  writer.addCustomScalars({ categories: [category] });
}

function addMargin(writer: SummaryWriter, margin: MarginSeries): void {
  addCategory(writer, { title: "t", charts: [{ title: "t", margins: [margin] }] });
}
