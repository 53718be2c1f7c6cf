/** Checkpoints that someone changed on purpose, under valid hashes: refused by name, and the one before is loaded. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CheckpointManager, verifyDirectory } from "../../src/checkpoint/index.js";
import { verify } from "../../src/cli/verify.js";
import type { CheckpointOptions } from "../../src/contract/index.js";
import { localWriter } from "../support/checkpoint-doubles.js";
import { bundle, valueOf } from "../support/checkpoint-state.js";
import { tamperFile, tamperHeader, tamperManifest, tamperRun, tensorFile } from "../support/tamper.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-tampered-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => join(root, `dir-${count++}`);

function open(dir: string, options: Partial<CheckpointOptions> = {}): { manager: CheckpointManager; warnings: string[] } {
  const warnings: string[] = [];
  const onWarning = (message: string): unknown => warnings.push(message);
  const manager = new CheckpointManager({ dir, filename: "{step}", onWarning, ...options }, { writer: localWriter() });
  onTestFinished(() => manager.close());
  return { manager, warnings };
}

async function save(manager: CheckpointManager, step: number): Promise<void> {
  await manager.save(bundle(step), { epoch: 0, step, metrics: { "val/loss": step } }).committed;
  await manager.flush();
}

const whole: Record<"none" | "gzip", string> = { none: "", gzip: "" };
beforeAll(async () => {
  for (const compress of ["none", "gzip"] as const) {
    whole[compress] = fresh();
    const manager = new CheckpointManager({ dir: whole[compress], filename: "{step}", compress }, { writer: localWriter() });
    for (const step of [1, 2]) await save(manager, step);
    await manager.close();
  }
});

/** A copy of two good checkpoints, whose second one `act` changes. */
function tampered(act: (path: string) => void, compress: "none" | "gzip" = "none"): string {
  const dir = fresh();
  cpSync(whole[compress], dir, { recursive: true });
  act(join(dir, "2"));
  return dir;
}

/** Everything that reads the directory says the same of "2", and everything that writes there works on. */
async function expectRefused(dir: string, file: string, says: string | RegExp): Promise<void> {
  const { manager, warnings } = open(dir);
  expect(valueOf(await manager.loadLast())).toBe(1);
  expect(warnings).toContainEqual(expect.stringMatching(new RegExp(`was skipped: 2/${file.replace(".", "\\.")}: `)));
  expect(warnings.join("\n")).toMatch(says);
  expect(warnings.join("\n")).not.toMatch(/undefined|Cannot read|is not a function|not iterable|call stack/);
  const problems = await manager.verify();
  expect(problems.map(({ checkpoint }) => checkpoint)).toEqual(problems.map(() => "2"));
  expect(problems.map(({ problem }) => problem).join("\n")).toMatch(says);
  expect(await verifyDirectory(dir)).toEqual(problems);
  await expect(manager.load("2")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_DAMAGED" });
  await manager.loadBest();
  let out = "";
  const stream = { write: (text: string) => (out += text) };
  expect(await verify(dir, false, { out: stream, err: stream })).toBe(1);
  expect(out).toMatch(/in 1 of 2 checkpoints\n$/);
  await save(manager, 3);
  expect(valueOf(await manager.loadLast())).toBe(3);
  expect(existsSync(join(dir, "2"))).toBe(true); // what is damaged is evidence
}

type Body = Parameters<Parameters<typeof tamperManifest>[1]>[0];
const SECRET = { bytes: 6, sha256: "ab".repeat(32) };

describe("a manifest", () => {
  const field = (key: string, value: unknown, says: RegExp): [string, (body: Body) => void, RegExp] => {
    return [`${key} ${JSON.stringify(value)}`, (body) => void Object.assign(body, { [key]: value }), says];
  };
  const named = (name: string): [string, (body: Body) => void, RegExp] => {
    return [
      `a file ${JSON.stringify(name)}`,
      ({ files }) => void (files[name] = SECRET),
      /files names .*; allowed with compress "none"/,
    ];
  };
  const fact = (key: "bytes" | "sha256", value: unknown): [string, (body: Body) => void, RegExp] => {
    const edit = ({ files }: Body): void => void Object.assign(files["model.safetensors"] as object, { [key]: value });
    return [
      `${key} of a file ${JSON.stringify(value)}`,
      edit,
      new RegExp(`files\\["model.safetensors"\\]\\.${key} is .*; allowed: `),
    ];
  };
  const rows: [string, (body: Body) => unknown, RegExp][] = [
    ...[
      "../../secret",
      "../1/model.safetensors",
      "/etc/hostname",
      "..\\secret",
      "C:\\secret",
      "a\0b",
      "",
      ".",
      "manifest.json",
    ].map(named),
    ...["model.safetensors.gz", "model.safetensors/../run.json", "model.safetensors2", "__proto__x", "constructor"].map(named),
    ...[null, [], "model.safetensors", 5].map((value) => field("files", value, /files is .*; allowed: an object/)),
    field("files", {}, /files does not name model\.safetensors/),
    ["no files", ({ files: _, ...body }) => body, /files is missing/],
    ["no model", ({ files }) => void delete files["model.safetensors"], /files does not name model\.safetensors/],
    ...[-1, 1.5, "10", null, 2 ** 53].map((value) => fact("bytes", value)),
    ...[null, "ab", "G".repeat(64), 5].map((value) => fact("sha256", value)),
    ...[null, 5, "", "soon", "2026-13-45T99:00:00Z", {}].map((value) =>
      field("savedAt", value, /savedAt is .*; allowed: a date/),
    ),
    ...["step", "epoch"].flatMap((key) =>
      [-1e9, -1, 1.5, 2 ** 53, 1e300, null, "7", [7]].map((value) =>
        field(key, value, new RegExp(`${key} is .*; allowed: a whole`)),
      ),
    ),
    ...[0, -1, 1e300, 2 ** 53 - 1, null, "3"].map((value) =>
      field("sequence", value, /sequence is .*; allowed: a whole number from 1/),
    ),
    ...[null, [], "x"].map((value) => field("metrics", value, /metrics is .*; allowed: an object/)),
    ...[null, "7", "nan", {}, [1]].map((value) =>
      field("metrics", { "val/loss": value }, /metrics\["val\/loss"\] is .*; allowed: a number/),
    ),
    ...["x", {}, true].map((value) => field("score", value, /score is .*; allowed: a number/)),
    ...["brotli", "constructor", null, 1].map((value) =>
      field("compress", value, /compress is .*; allowed: "none", "gzip", "zstd"/),
    ),
    field("compress", "gzip", /files names "model\.safetensors"; allowed with compress "gzip"/),
    field("name", null, /name is null/),
    ["only the format", ({ format, version }) => ({ format, version }), /name is missing/],
  ];
  test.each(rows)("%s", async (_, edit, says) => {
    await expectRefused(
      tampered((path) => tamperManifest(path, edit)),
      "manifest.json",
      says,
    );
  });

  test("a size that is not the file's", async () => {
    const dir = tampered((path) => tamperManifest(path, ({ files }) => void (files["run.json"]!.bytes += 1)));
    await expectRefused(dir, "run.json", /it has \d+ bytes, its manifest says \d+/);
  });

  test("a huge sparse file in its place", async () => {
    const dir = tampered((path) => {
      truncateSync(join(path, "manifest.json"), 2 ** 40);
    });
    await expectRefused(dir, "manifest.json", /it has 1099511627776 bytes, and at most \d+ are read/);
  });
});

describe("a file of tensors", () => {
  type Header = Record<string, Record<string, unknown>>;
  const kernel = (key: string, value: unknown) => (header: Header) => void (header["dense/kernel"]![key] = value);
  const rows: [string, (header: Header) => unknown, RegExp][] = [
    ["two that share their bytes", kernel("data_offsets", [0, 24]), /begins at byte|the one before it ends at/],
    ["a gap", (header) => void delete header["dense/kernel"], /begins at byte 32, and the one before it ends at 8/],
    ["a tail", (header) => void delete header["mask"], /the header describes 32 bytes of tensors, the file has 34/],
    ["a range past the end", kernel("data_offsets", [1000, 1024]), /does not match its offsets \[1000,1024\]/],
    ["a range that is reversed", kernel("data_offsets", [32, 8]), /does not match its offsets/],
    ["a negative range", kernel("data_offsets", [-24, 0]), /where sizes are expected/],
    ["a range of fractions", kernel("data_offsets", [8.5, 32.5]), /where sizes are expected/],
    ["a range of three", kernel("data_offsets", [8, 32, 40]), /does not match its offsets/],
    ["no range", kernel("data_offsets", undefined), /has undefined where sizes are expected/],
    ["a range of texts", kernel("data_offsets", ["8", "32"]), /where sizes are expected/],
    ["another shape", kernel("shape", [7]), /does not match its offsets/],
    ["a shape whose product has no exact number", kernel("shape", [2 ** 52, 2 ** 52, 2 ** 52]), /does not match its offsets/],
    ["a negative shape", kernel("shape", [-2, -3]), /where sizes are expected/],
    ["a shape that is null", kernel("shape", null), /where sizes are expected/],
    ["an unknown dtype", kernel("dtype", "F8_E4M3"), /has the dtype "F8_E4M3"\. .*Available: F64/s],
    ["a dtype that objects have", kernel("dtype", "constructor"), /has the dtype "constructor"/],
    ["a dtype that is null", kernel("dtype", null), /has the dtype null/],
    ["a tensor that is null", (header) => ({ ...header, "dense/bias": null }), /has the dtype undefined/],
    ["a tensor that is a list", (header) => ({ ...header, "dense/bias": [] }), /has the dtype undefined/],
    ["metadata that are null", (header) => ({ ...header, __metadata__: null }), /__metadata__ is null/],
    [
      "metadata that are numbers",
      (header) => ({ ...header, __metadata__: { a: 1 } }),
      /__metadata__\["a"\] is 1; allowed: a text/,
    ],
    [
      "two of one name",
      (header) => `{"mask":${JSON.stringify(header["mask"])},${JSON.stringify(header).slice(1)}`,
      /its header has two tensors of one name/,
    ],
    [
      "two of one name, one escaped",
      (header) => `{"\\u006dask":${JSON.stringify(header["mask"])},${JSON.stringify(header).slice(1)}`,
      /its header has two tensors of one name/,
    ],
    ["a header that is a list", () => "[]", /its header is not a JSON object/],
    ["a header that is null", () => "null", /its header is not a JSON object/],
    ["a header that is no JSON", () => "{", /its header is not JSON/],
    ["a header without end", () => `{"a":${"[".repeat(100_000)}`, /its header is not JSON/],
    ["no tensor at all", () => ({}), /the header describes 0 bytes of tensors, the file has 34/],
  ];
  test.each(rows)("%s", async (_, edit, pattern) => {
    const dir = tampered((path) => tamperHeader(path, "model.safetensors", edit));
    const { manager, warnings } = open(dir);
    expect(valueOf(await manager.loadLast())).toBe(1);
    expect(warnings.join("\n")).toMatch(pattern);
    expect((await manager.verify()).map(({ checkpoint, file }) => `${checkpoint}/${file}`)).toEqual(["2/model.safetensors"]);
    const target = join(root, `exported-${count++}`);
    await expect(manager.exportSafetensors("2", target)).rejects.toThrow(pattern);
    expect(existsSync(target)).toBe(false);
    await save(manager, 3);
    expect(valueOf(await manager.loadLast())).toBe(3);
  });

  test.each([
    ["shorter than its first number", Buffer.alloc(7), /it has 7 bytes and no header/],
    ["empty", Buffer.alloc(0), /it has 0 bytes and no header/],
    ["with a header of 2^63 bytes", Buffer.from("000000000000008000", "hex"), /its header would have 9223372036854775808 bytes/],
    ["with a header that is longer than it", tensorFile("{}", Buffer.alloc(0)).subarray(0, 9), /its header would have 2 bytes/],
  ])("%s", async (_, bytes, pattern) => {
    await expectRefused(
      tampered((path) => tamperFile(path, "model.safetensors", bytes)),
      "model.safetensors",
      pattern,
    );
  });

  test.each([
    ["a list that is no JSON", "[", /its list of optimizers is not JSON/],
    ["a list that is an object", "{}", /its list of optimizers is .*; allowed: a list/],
    ["a list of numbers", "[1]", /its list of optimizers\[0\] is 1; allowed: a text/],
    ["a list without the owner of a tensor", '["sgd"]', /the tensor "adam\/m" belongs to no optimizer that the file lists/],
  ])("optimizers: %s", async (_, optimizers, pattern) => {
    const dir = tampered((path) =>
      tamperHeader(path, "optimizer.safetensors", (header) => ({ ...header, __metadata__: { optimizers } })),
    );
    await expectRefused(dir, "optimizer.safetensors", pattern);
  });
});

describe("what a compressed file becomes", () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const header = (bytes: number): string => JSON.stringify({ w: { dtype: "U8", shape: [bytes], data_offsets: [0, bytes] } });
  test.each([
    [
      "more than its header declares",
      gzipSync(tensorFile(header(16), zeros)),
      /it has more than the \d+ bytes that its header declares/,
    ],
    ["less than its header declares", gzipSync(tensorFile(header(16), Buffer.alloc(3))), /does not match its offsets/],
    [
      "more than there is memory",
      gzipSync(tensorFile(header(2 ** 50), zeros)),
      /its header declares \d+ bytes, and this machine has/,
    ],
    ["all header", gzipSync(Buffer.concat([Buffer.alloc(7, 255), zeros])), /its header would have \d+ bytes/],
    ["another format", Buffer.from("not compressed at all"), /it cannot be decompressed: incorrect header check/],
  ])("%s", async (_, bytes, says) => {
    const dir = tampered((path) => tamperFile(path, "model.safetensors.gz", bytes), "gzip");
    await expectRefused(dir, "model.safetensors.gz", says);
  });
});

describe("run.json", () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  test.each([
    ["that is no JSON", "{", /it is not JSON/],
    ["nested without end", nested(100_000), /it has more than 500 objects, one inside the other/],
    ["lists nested without end", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, /it has more than 500 objects/],
    ["with a value of no kind", '{"$":"Function","base64":""}', /a value of an unknown kind, "Function"/],
    ["with a kind that objects have", '{"$":"constructor","base64":""}', /a value of an unknown kind, "constructor"/],
    ["with half a number", '{"$":"Float64Array","base64":"AAAA"}', /it has a Float64Array of 3 bytes/],
    ["with a number that is a text", '{"$":"number","value":"12"}', /a value of an unknown kind, "number"/],
    ["with entries that are none", '{"$":"object","entries":[5,null]}', /a value of an unknown kind, "object"/],
  ])("%s", async (_, text, says) => {
    await expectRefused(
      tampered((path) => tamperFile(path, "run.json", text)),
      "run.json",
      says,
    );
  });

  test("what a save takes, a load takes: the deepest state", async () => {
    const { manager } = open(fresh());
    const deep = JSON.parse(nested(500)) as object;
    await manager.save({ model: {}, run: deep as never }, { epoch: 0, step: 1 }).committed;
    expect((await manager.loadLast())?.run).toEqual(deep);
    const deeper = manager.save({ model: {}, run: { deep } as never }, { epoch: 0, step: 2 }).committed;
    await expect(deeper).rejects.toThrow(/more than 500 objects, one inside the other/);
  });
});

describe.skipIf(process.platform === "win32")("something else in place of a file", () => {
  const FILES = ["manifest.json", "model.safetensors", "run.json"];
  const PLACES: [string, (path: string) => unknown, RegExp][] = [
    ["a FIFO", (path) => execFileSync("mkfifo", [path]), /it cannot be read: a FIFO is in its place/],
    ["a directory", (path) => mkdirSync(path), /it cannot be read: a directory is in its place/],
    ["a link to a device", (path) => symlinkSync("/dev/zero", path), /it cannot be read: a device is in its place/],
    ["a link to nothing", (path) => symlinkSync("nothing", path), /it is missing/],
    ["a link to itself", (path) => symlinkSync(path, path), /it cannot be read: ELOOP/],
  ];
  test.each(PLACES.flatMap(([what, put, says]) => FILES.map((file) => ({ what, file, put, says }))))(
    "$what for $file",
    async ({ file, put, says }) => {
      const dir = tampered((path) => {
        rmSync(join(path, file));
        put(join(path, file));
      });
      await expectRefused(dir, file, says);
    },
  );

  test("a link to the same bytes is good", async () => {
    const dir = tampered((path) => {
      renameSync(join(path, "model.safetensors"), join(path, "..", "elsewhere"));
      symlinkSync("../elsewhere", join(path, "model.safetensors"));
    });
    const { manager } = open(dir);
    expect(valueOf(await manager.loadLast())).toBe(2);
    expect(await manager.verify()).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("a link to a checkpoint", () => {
  function linked(): { dir: string; target: string } {
    const target = fresh();
    const dir = tampered((path) => {
      renameSync(path, target);
      symlinkSync(target, path);
    });
    return { dir, target };
  }

  test("is one: loaded, listed and verified", async () => {
    const { dir } = linked();
    const { manager, warnings } = open(dir);
    expect(valueOf(await manager.loadLast())).toBe(2);
    expect((await manager.list()).map(({ name }) => name)).toEqual(["1", "2"]);
    expect(await verifyDirectory(dir)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test("is damaged where what it leads to is", async () => {
    const { dir, target } = linked();
    writeFileSync(join(target, "model.safetensors"), "!", { flag: "a" });
    await expectRefused(dir, "model.safetensors", /its manifest says/);
  });

  test("is removed by the keep rule, and what it leads to stays", async () => {
    const { dir, target } = linked();
    const before = readdirSync(target);
    const { manager, warnings } = open(dir, { maxCheckpoints: 1, saveTopK: 0 });
    for (const step of [3, 4]) await save(manager, step);
    expect((await manager.list()).map(({ name }) => name)).toEqual(["4"]);
    expect(readdirSync(dir).sort()).toEqual([".lock", "4"]);
    expect(readdirSync(target)).toEqual(before);
    expect(warnings).toEqual([]);
  });

  test("that a dead process had hidden is removed, and what it leads to stays", async () => {
    const { dir, target } = linked();
    renameSync(join(dir, "2"), join(dir, ".deleting-2-01234567-89abcdef"));
    symlinkSync(target, join(dir, ".saving-3-01234567-89abcdef"));
    const { manager } = open(dir);
    await manager.lock();
    expect(valueOf(await manager.loadLast())).toBe(1);
    expect(readdirSync(dir).filter((name) => name !== ".lock")).toEqual(["1"]);
    expect(readdirSync(target)).toContain("model.safetensors");
  });

  test("that leads nowhere is nothing", async () => {
    const dir = tampered((path) => {
      rmSync(path, { recursive: true });
      symlinkSync("gone", path);
    });
    const { manager, warnings } = open(dir);
    expect(valueOf(await manager.loadLast())).toBe(1);
    expect(await verifyDirectory(dir)).toEqual([]);
    await save(manager, 2); // the name is taken
    expect((await manager.list()).map(({ name }) => name)).toEqual(["1", "2-2"]);
    expect(warnings).toEqual([]);
  });
});

test("a user's own run of any shape is none of a trainer's", async () => {
  const dir = tampered((path) => tamperRun(path, () => ({ version: 1, progress: null, step: -5 })));
  const { manager } = open(dir);
  expect((await manager.loadLast())?.run).toEqual({ version: 1, progress: null, step: -5 });
});

test("a file beside the checkpoint that its manifest names is never read", async () => {
  const dir = tampered((path) => {
    const secret = join(path, "..", "secret");
    writeFileSync(secret, readFileSync(join(path, "run.json")));
    tamperManifest(path, ({ files }) => {
      files["../secret"] = files["run.json"]!;
      delete files["run.json"];
    });
  });
  await expectRefused(dir, "manifest.json", /files names "\.\.\/secret"/);
});
