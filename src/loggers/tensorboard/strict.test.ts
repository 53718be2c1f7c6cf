/** What a `SummaryWriter` refuses, in every method: in our words, counted, named, and without harm to what is good. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEvents, readScalars } from "../../../tests/support/event-files.js";
import { printableLines } from "../../support/printable.js";
import { SummaryWriter } from "./summary-writer.js";

let dir: string;
let writer: SummaryWriter;
const reported: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "trainscope-strict-"));
  reported.length = 0;
  writer = new SummaryWriter(join(dir, "run"), { onError: ({ message }) => void reported.push(message) });
});
afterEach(async () => {
  await writer.close();
  rmSync(dir, { recursive: true, force: true });
});

const values = Float32Array.of(0, 1);
const pixel = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } as const;
type Add = (tag: string, step: number, wallTime?: number) => void;

/** Every method that takes a tag, a step and a wall time, with what is good besides. */
const methods = (w: SummaryWriter): Record<string, Add> => ({
  addScalar: (tag, step, wallTime) => w.addScalar(tag, 1, step, wallTime),
  addScalars: (tag, step, wallTime) => w.addScalars({ [tag]: 1 }, step, wallTime),
  addHistogram: (tag, step, wallTime) => w.addHistogram(tag, values, step, { wallTime }),
  addImage: (tag, step, wallTime) => w.addImage(tag, pixel, step, wallTime),
  addImages: (tag, step, wallTime) => w.addImages(tag, [pixel, pixel], step, wallTime),
  addScatter: (tag, step, wallTime) => w.addScatter(tag, values, values, step, { wallTime }),
  addText: (tag, step, wallTime) => w.addText(tag, "text", step, wallTime),
  addTable: (tag, step, wallTime) => w.addTable(tag, [["cell"]], step, wallTime),
  addAudio: (tag, step, wallTime) => w.addAudio(tag, values, 8000, step, wallTime),
  addPrCurve: (tag, step, wallTime) => w.addPrCurve(tag, [0, 1], [0, 1], step, { wallTime }),
  addMesh: (tag, step, wallTime) => w.addMesh(tag, { vertices: new Float32Array(9) }, step, wallTime),
});

describe.each(Object.keys(methods({} as SummaryWriter)))("%s", (name) => {
  const add: Add = (...args) => methods(writer)[name]?.(...args);
  const now = Date.now() / 1000;

  async function expectRefused(says: string | RegExp): Promise<void> {
    await writer.flush();
    expect(writer.report()).toMatchObject({ delivered: 0, refused: 1, dropped: 0 });
    expect(reported).toEqual([expect.stringMatching(says)]);
    expect(printableLines(reported[0] ?? "")).toBe(reported[0]);
  }

  test.each<[unknown, RegExp]>([
    [NaN, /The wall time is NaN; it must be seconds since 1970/],
    [Infinity, /is Infinity;/],
    [-1, /is -1;/],
    [-0, /is -0;/],
    ["1700000000", /is "1700000000";/],
    [null, /is null;/],
    [1_700_000_000n, /is 1700000000n;/],
    [new Date(), /is a Date, not a number: pass date\.getTime\(\) \/ 1000/],
    [Date.now(), /100 years ahead\. Seconds since 1970 are meant: pass milliseconds \/ 1000/],
    [now + 101 * 366 * 86_400, /100 years ahead/],
    [1e300, /100 years ahead/],
  ])("the wall time %s is refused", async (wallTime, says) => {
    add("tag", 1, wallTime as number);
    await expectRefused(says);
  });

  test.each([0, 1.5, now, now + 99 * 365 * 86_400, undefined])("the wall time %s is written", async (wallTime) => {
    add("tag", 1, wallTime);
    await writer.close();
    expect(writer.report()).toMatchObject({ delivered: 1, refused: 0 });
    if (wallTime !== undefined) expect(readEvents(writer.dir).at(-1)?.wallTime).toBe(wallTime);
  });

  test.each<[unknown, RegExp]>([
    [NaN, /The step is NaN; it must be an integer from 0 to 2\^53 - 1/],
    [0.5, /is 0\.5;/],
    [-1, /is -1;/],
    [2 ** 53, /is 9007199254740992;/],
    [3n, /is a bigint;/],
    ["3", /is a string;/],
    [null, /is null;/],
    [undefined, /is undefined;/],
  ])("the step %s is refused", async (step, says) => {
    add("tag", step as number);
    await expectRefused(says);
  });

  test.each<[string, string, RegExp]>([
    ["empty", "", /The tag is empty/],
    ["__proto__", "a/__proto__/b", /segment "__proto__"/],
    ["a colour of the terminal", "a\u001b[31mred", /of "a\\u001b\[31mred" was refused: The tag has a control character/],
    ["two lines", "a\nb", /control character, a line break/],
    ["a C1 control", "a\u009b31m", /of "a\\x9b31m" was refused/],
    ["turned around", "a\u202eb", /of "a\\u202eb"/],
    ["half a character", "a\ud83d", /half a character/],
    ["1,001 characters", "x".repeat(1001), /has 1001 characters\. Allowed: at most 1000/],
    ["TensorBoard's own", "_hparams_/session_start_info", /one of TensorBoard's own/],
  ])("a tag that is %s is refused", async (_, tag, says) => {
    add(tag, 1);
    await expectRefused(says);
  });

  test("a tag that is no text is refused", async () => {
    if (name === "addScalars") return;
    for (const tag of [7, null, undefined, {}, Symbol("tag")]) add(tag as string, 1);
    expect(writer.report().refused).toBe(5);
    expect(reported).toEqual([expect.stringContaining("The tag is 7, not a string")]);
  });

  test.each(["constructor", "toString", "hasOwnProperty", "valueOf", "größe/学習 🧪", "x".repeat(1000)])(
    "the tag %s is written",
    async (tag) => {
      add(tag, 1);
      await writer.close();
      expect(writer.report()).toMatchObject({ delivered: 1, refused: 0 });
      const tags = readEvents(writer.dir).flatMap((event) => event.values.map((value) => value.tag));
      expect(tags).toEqual([name === "addMesh" ? `${tag}_VERTEX` : tag]);
    },
  );
});

describe("addScalars", () => {
  test("writes the good values, and refuses each bad one by its name", async () => {
    const tensor = { dataSync: () => values, shape: [] };
    const bad = {
      epoch: ["3", "a string, not a number: pass Number(value)"],
      list: [[1], "a list of 1, not a number"],
      typed: [values, "a Float32Array of 2"],
      tensor: [tensor, "a tensor: pass the number in it"],
      deferred: [{ read: () => 1 }, "a deferred scalar: read it first"],
      big: [3n, "a bigint, not a number: pass Number(value)"],
      nothing: [null, "null"],
      missing: [undefined, "undefined"],
      flag: [true, "a boolean"],
      object: [{ a: 1 }, "an object with the key a"],
      lambda: [() => 1, "a function without a name"],
      symbol: [Symbol("s"), "a symbol"],
    } as const;
    const given: Record<string, unknown> = { loss: 0.5 };
    for (const [name, [value]] of Object.entries(bad)) given[name] = value;
    Object.defineProperty(given, "broken", { enumerable: true, get: () => expect.fail("no value today") });
    given["bad\nname"] = 1;
    given["acc"] = 0.75;
    writer.addScalars(given as Record<string, number>, 3);
    await writer.close();
    expect(readScalars(writer.dir)).toEqual([
      ["loss", 3, 0.5],
      ["acc", 3, 0.75],
    ]);
    const named = Object.entries(bad).map(([name, [, says]]) => [name, says]);
    named.push(["broken", "could not be read: no value today"], ["bad\\nname", "line break"]);
    expect(writer.report()).toMatchObject({ delivered: 2, refused: named.length });
    expect(reported).toHaveLength(named.length);
    for (const [index, [name, says]] of named.entries()) {
      expect(reported[index]).toContain(`A record of "${name}" was refused`);
      expect(reported[index]).toContain(says);
    }
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a list of 2", [1, 2]],
    ["a Float32Array of 2", values],
    ["a Map", new Map([["loss", 1]])],
    ['"loss"', "loss"],
    ["5", 5],
  ])("refuses %s in the place of an object", (says, given) => {
    writer.addScalars(given as Record<string, number>, 1);
    expect(writer.report()).toMatchObject({ delivered: 0, pending: 0, refused: 1 });
    expect(reported).toEqual([expect.stringContaining(`The values are ${says}, not an object with a number for each name`)]);
  });

  test("an object that cannot be read at all reaches no caller", () => {
    const hostile = new Proxy({}, { has: () => expect.fail("mine"), get: () => expect.fail("mine") }) as never;
    writer.addScalars(hostile, 1);
    writer.addScalar("a", hostile, 1);
    writer.addImage("i", hostile, 1);
    writer.addMesh("m", hostile, 1);
    writer.addHistogram("h", values, 1, hostile);
    expect(writer.report().refused).toBe(5);
    expect(reported[0]).toContain("The values could not be read: mine");
  });

  test("counts each point of a call at a wrong step or time", () => {
    writer.addScalars({ a: 1, b: 2 }, -1);
    writer.addScalars({ a: 1, b: 2, c: 3 }, 1, Date.now());
    expect(writer.report().refused).toBe(5);
    expect(reported).toHaveLength(2);
  });
});

describe("what is not of the type of its argument is refused in our words", () => {
  const anything = (value: unknown): never => value as never;
  test.each<[string, (w: SummaryWriter) => void, RegExp]>([
    ["a number as text", (w) => w.addText("t", anything(5), 1), /The text is a number, not a string/],
    ["a list as text", (w) => w.addText("t", anything(["a"]), 1), /The text is a list of 1/],
    ["a table of numbers", (w) => w.addTable("t", [["a"], anything([5])], 1), /Cell 0 of row 1 is 5, not a string: pass String/],
    ["a table of texts", (w) => w.addTable("t", anything(["ab"]), 1), /Row 0 of the table is "ab", not a list/],
    ["no table", (w) => w.addTable("t", anything(null), 1), /The table is null/],
    [
      "pixels in a list",
      (w) => w.addImage("i", anything({ ...pixel, data: [0] }), 1),
      /a list of 1[^]*Uint8Array[^]*Float32Array/,
    ],
    [
      "pixels in a DataView",
      (w) => w.addImage("i", anything({ ...pixel, data: new DataView(new ArrayBuffer(1)) }), 1),
      /DataView/,
    ],
    ["pixels of 64 bits", (w) => w.addImage("i", anything({ ...pixel, data: BigInt64Array.of(1n) }), 1), /BigInt64Array/],
    [
      "an image that is a tensor",
      (w) => w.addImage("i", anything({ shape: [1, 1, 1] }), 1),
      /There is no key "shape" in an image/,
    ],
    ["a misspelt side", (w) => w.addImage("i", anything({ ...pixel, heigth: 1 }), 1), /key "heigth"[^]*Nearest: "height"/],
    [
      "channels that JavaScript knows",
      (w) => w.addImage("i", { ...pixel, channels: anything("toString") }, 1),
      /"toString" channels/,
    ],
    ["no image", (w) => w.addImage("i", anything(null), 1), /The image is null/],
    ["one image as a list", (w) => w.addImages("i", anything(pixel), 1), /not a list of images/],
    ["a hole in a list of images", (w) => w.addImages("i", [pixel, anything(undefined)], 1), /The image is undefined/],
    ["a scatter of lists", (w) => w.addScatter("s", anything([1]), anything([1]), 1), /a list of 1, not a typed array/],
    ["a scatter of two lengths", (w) => w.addScatter("s", values, new Float32Array(3), 1), /x has 2 values and y has 3/],
    ["a label of a number", (w) => w.addScatter("s", values, values, 1, { xLabel: anything(5) }), /addScatter\.xLabel: Found 5/],
    ["a DataView as values", (w) => w.addHistogram("h", anything(new DataView(new ArrayBuffer(8))), 1), /a DataView/],
    ["buckets as text", (w) => w.addHistogram("h", values, 1, { buckets: anything("30") }), /addHistogram\.buckets: Found "30"/],
    ["a symbol as buckets", (w) => w.addHistogram("h", values, 1, { buckets: anything(Symbol("b")) }), /Found Symbol\(b\)/],
    [
      "a time in the place of options",
      (w) => w.addHistogram("h", values, 1, anything(1_700_000_000)),
      /addHistogram: Found 1700000000/,
    ],
    ["a Date in the place of options", (w) => w.addHistogram("h", values, 1, anything(new Date())), /addHistogram: Found a Date/],
    ["16-bit sound", (w) => w.addAudio("a", anything(Int16Array.of(1)), 8000, 1), /Int16Array[^]*divide by 32768/],
    ["sound in a list", (w) => w.addAudio("a", anything([0.5]), 8000, 1), /a list of 1/],
    ["sound that is NaN", (w) => w.addAudio("a", Float32Array.of(0, NaN), 8000, 1), /Sample 1 is NaN/],
    ["a rate as text", (w) => w.addAudio("a", values, anything("8000"), 1), /2 samples at "8000" Hz/],
    ["no labels", (w) => w.addPrCurve("p", anything(null), [1], 1), /The labels are null/],
    ["labels as text", (w) => w.addPrCurve("p", anything("10"), [1, 0], 1), /The labels are "10"/],
    ["labels of strings", (w) => w.addPrCurve("p", anything(["1"]), [1], 1), /Label 0 is "1"/],
    ["scores of big integers", (w) => w.addPrCurve("p", [1], anything(BigInt64Array.of(1n)), 1), /Score 0 is 1n/],
    [
      "vertices of doubles",
      (w) => w.addMesh("m", anything({ vertices: new Float64Array(9) }), 1),
      /addMesh\.vertices: Found a Float64Array/,
    ],
    ["a point at NaN", (w) => w.addMesh("m", { vertices: Float32Array.of(0, NaN, 0) }, 1), /vertices has NaN at 1/],
    [
      "colors of floats",
      (w) => w.addMesh("m", { vertices: new Float32Array(3), colors: anything(new Float32Array(3)) }, 1),
      /colors/,
    ],
    [
      "a config that is no JSON",
      (w) => w.addMesh("m", { vertices: new Float32Array(3), config: { a: 1n } }, 1),
      /cannot be written as JSON/,
    ],
    ["no mesh", (w) => w.addMesh("m", anything(undefined), 1), /addMesh: Nothing is given/],
    ["hparams of a list", (w) => w.addHparams(anything([1])), /The hparams are a list of 1/],
    ["hparams of a promise", (w) => w.addHparams(anything(Promise.resolve({}))), /The hparams are a promise/],
    ["hparams of a map", (w) => w.addHparams(anything(new Map([["a", 1]]))), /The hparams are a Map/],
    ["hparams that cannot be read", (w) => w.addHparams(anything(new Proxy({}, { has: () => expect.fail("no") }))), /no/],
    ["columns of a text", (w) => w.addHparams({ rate: 1 }, anything("loss")), /The metric tags are "loss"/],
    ["an unknown end", (w) => w.endHparams(anything("constructor")), /"constructor"\. Allowed: "success", "failure"/],
    ["an end without hparams", (w) => w.endHparams("failure"), /no hparams that could end/],
    ["a layout of a list", (w) => w.addCustomScalars(anything([])), /addCustomScalars: Found a list of 0/],
    ["categories of an object", (w) => w.addCustomScalars(anything({ categories: {} })), /categories: Found an object/],
    ["tags as one text", (w) => w.addCustomScalars(chart({ tags: "loss" })), /charts\[0\]\.tags: Found "loss"/],
    ["a chart of both kinds", (w) => w.addCustomScalars(chart({ tags: [], margins: [] })), /either "tags" or "margins"/],
    ["a chart of nothing", (w) => w.addCustomScalars(chart({})), /either "tags" or "margins"/],
    [
      "a band without an edge",
      (w) => w.addCustomScalars(chart({ margins: [{ value: "v", lower: "l" }] })),
      /margins\[0\]\.upper: Nothing/,
    ],
    ["no model", (w) => w.addGraph(anything(null)), /model: Found null/],
    ["layers of texts", (w) => w.addGraph(anything({ layers: ["dense"] })), /model\.layers\[0\]: Found "dense"/],
    ["a layer without inputs", (w) => w.addGraph(anything({ layers: [{ name: "a", op: "b" }] })), /layers\[0\]\.inputs: Nothing/],
    [
      "a misspelt part of a layer",
      (w) => w.addKerasGraph(anything({ layers: [{ ...layer, outputshape: [1] }] })),
      /Nearest: "outputShape"/,
    ],
  ])("%s", async (_, call, says) => {
    call(writer);
    await writer.flush();
    expect(writer.report()).toMatchObject({ delivered: 0, refused: 1, dropped: 0 });
    expect(reported).toEqual([expect.stringMatching(says)]);
    expect(reported[0]).not.toMatch(/Cannot read|is not a function|is not iterable|Cannot convert/);
  });

  const layer = { name: "a", op: "Dense", inputs: [] };
  const chart = (rest: object): never => anything({ categories: [{ title: "t", charts: [{ title: "t", ...rest }] }] });
});

test("hparams: the good ones are written, each bad one is named", async () => {
  const given = { rate: 0.1, name: "adam", constructor: 5, none: null, at: new Date(0), nested: { a: 1 }, many: 3n, "": 1 };
  writer.addHparams(given as never, ["loss", 5 as never, ""]);
  writer.endHparams("failure");
  writer.endHparams("success");
  await writer.close();
  expect(reported.map((message) => /A record of (.+) was/.exec(message)?.[1])).toEqual([
    '"none"',
    '"at"',
    '"nested"',
    '"many"',
    '""',
    "5",
    '""',
    '"hparams"',
  ]);
  expect(writer.report()).toMatchObject({ delivered: 2, refused: 8 });
});

test("of very many kinds of refusals the first 100 are reported, and the last of these says so", () => {
  for (let i = 0; i < 300; i++) writer.addText(`tag ${"x".repeat(i)}`, 5 as never, 1);
  expect(writer.report().refused).toBe(300);
  expect(reported).toHaveLength(100);
  expect(reported.filter((message) => message.includes("Further kinds of refusals are counted"))).toEqual([reported[99]]);
});

test.each<[unknown, RegExp]>([
  [5, /ERR_CONFIG at SummaryWriter\.dir[^]*Found 5/],
  ["", /Found ""/],
  [undefined, /Found undefined/],
  ["a\0b", /Found "a\\u0000b"/],
  [new URL("file:///tmp/x"), /Found an? URL/],
])("a directory that is %s is refused", (given, says) => {
  expect(() => new SummaryWriter(given as string)).toThrow(says);
});

test.each(["a\nb", "a\u001b[2J", "x".repeat(256), "ä".repeat(128), 5, null])("a child named %j is refused", (name) => {
  expect(() => writer.child(name as string)).toThrow(/ERR_LOG[^]*cannot be a directory below/);
});
