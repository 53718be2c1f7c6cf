import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CheckpointBundle, CheckpointInfo, CheckpointOptions, Compression } from "../contract/index.js";
import { anyOf, keepAll, keepBest, keepEvery, keepLatest } from "../decisions/index.js";
import { CheckpointManager } from "./checkpoint-manager.js";
import { decode } from "./format/safetensors.js";
import { dyingWriter, localWriter, type Writer } from "../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf, weights } from "../../tests/support/checkpoint-state.js";

let dir = "";
let remove = (): void => undefined;
let open: CheckpointManager[] = [];
let warnings: string[] = [];
beforeEach(() => {
  ({ dir, remove } = temporary());
  open = [];
  warnings = [];
});
afterEach(async () => {
  for (const manager of open) await manager.close();
  remove();
});

/** On this thread unless a test is about the other one: a thread takes a fifth of a second to start from sources. */
function managed(options: Partial<CheckpointOptions> = {}, writer: Writer | null = localWriter()): CheckpointManager {
  const doubles = writer === null ? {} : { writer };
  const manager = new CheckpointManager({ dir, onWarning: (message) => warnings.push(message), ...options }, doubles);
  open.push(manager);
  return manager;
}

async function saved(manager: CheckpointManager, value: number, metrics?: Record<string, number>): Promise<CheckpointInfo> {
  const info = await manager.save(bundle(value), { epoch: value, step: value * 10, metrics }).committed;
  if (info === "superseded") throw new Error("superseded");
  return info;
}

const names = async (manager: CheckpointManager): Promise<string[]> => (await manager.list()).map(({ name }) => name);
const entries = (): string[] => readdirSync(dir).sort();
const hasZstd = "createZstdCompress" in zlib;

describe("a save", () => {
  test.each<Compression>(hasZstd ? ["none", "gzip", "zstd"] : ["none", "gzip"])(
    "comes back exactly, compress %s",
    async (compress) => {
      const manager = managed({ compress }, null);
      const before = bundle(3);
      const info = await saved(manager, 3, { "val/loss": 0.5, "train/loss": NaN });
      expect(info).toMatchObject({
        name: "epoch-3-step-30",
        epoch: 3,
        step: 30,
        isBest: true,
        path: join(dir, "epoch-3-step-30"),
      });
      expect(info.metrics).toStrictEqual({ "val/loss": 0.5, "train/loss": NaN });
      const loaded = await managed().loadLast();
      expect(loaded?.model).toStrictEqual(before.model);
      expect(loaded?.optimizers).toStrictEqual(before.optimizers);
      expect(loaded?.run).toStrictEqual(before.run);
      expect(loaded?.info).toStrictEqual(info);
      expect(await manager.verify()).toEqual([]);
    },
  );

  test("is one directory of files that other programs read", async () => {
    await saved(managed(), 1, { "val/loss": 2 });
    const path = join(dir, "epoch-1-step-10");
    expect(readdirSync(path).sort()).toEqual(["manifest.json", "model.safetensors", "optimizer.safetensors", "run.json"]);
    expect(decode(readFileSync(join(path, "model.safetensors"))).tensors).toStrictEqual(weights(1));
    const optimizer = decode(readFileSync(join(path, "optimizer.safetensors")));
    expect(Object.keys(optimizer.tensors)).toEqual(["adam/m"]);
    expect(optimizer.metadata).toEqual({ optimizers: '["adam"]' });
  });

  test("of weights alone, of nothing, of optimizers with slashes and without state", async () => {
    const manager = managed({ filename: "{step}" });
    const tensor = { dtype: "F32" as const, shape: [1], data: new Float32Array([4]) };
    const bundles: CheckpointBundle[] = [
      { model: { w: tensor } },
      { model: {} },
      { model: {}, optimizers: { "a/b": { c: tensor }, a: { "b/c": tensor }, "50%": { "x/": tensor }, empty: {} }, run: null },
    ];
    for (const [step, one] of bundles.entries()) {
      await manager.save(one, { epoch: 0, step }).committed;
      const { model, optimizers, run } = await manager.load(String(step));
      expect({ model, optimizers, run }).toStrictEqual({ model: one.model, optimizers: one.optimizers ?? {}, run: one.run });
    }
  });

  test("has copied the state when it returns, and again into the buffers of the one before", async () => {
    const manager = managed({}, null);
    const state = bundle(0, 300_000);
    const kernel = state.model["dense/kernel"]!.data as Float32Array;
    for (const value of [1, 2, 3]) {
      kernel.fill(value);
      const ticket = manager.save(state, { epoch: 0, step: value });
      kernel.fill(-1);
      await ticket.committed;
      await manager.flush();
      const loaded = await manager.loadLast();
      expect((loaded?.model["dense/kernel"]?.data as Float32Array).every((item) => item === value)).toBe(true);
    }
  });

  test("under a name that exists gets the next number, also beside a directory of another program", async () => {
    mkdirSync(join(dir, "model-2"), { recursive: true });
    const manager = managed({ filename: "model" });
    for (const value of [1, 2, 3]) await saved(manager, value);
    expect(await names(manager)).toEqual(["model", "model-3", "model-4"]);
    expect(valueOf(await manager.load("model-4"))).toBe(3);
  });

  test("with async: false is durable when it was captured", async () => {
    const manager = managed({ async: false });
    await manager.save(bundle(1), { epoch: 1, step: 1 }).captured;
    expect(valueOf(await manager.loadLast())).toBe(1);
  });

  test("of a state that is none fails alone", async () => {
    const manager = managed();
    const ticket = manager.save({ model: { w: { dtype: "F32", shape: [2], data: new Float32Array(1) } } }, { epoch: 0, step: 1 });
    await ticket.captured;
    await expect(ticket.committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_SAVE",
      message: expect.stringContaining('"w"'),
    });
    await saved(manager, 2);
    expect(await names(manager)).toEqual(["epoch-2-step-20"]);
  });

  test("after close is refused, and loading still works", async () => {
    const manager = managed();
    await saved(manager, 1);
    await manager.close();
    await manager.close();
    const ticket = manager.save(bundle(2), { epoch: 2, step: 2 });
    await ticket.captured;
    await expect(ticket.committed).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
    expect(valueOf(await manager.loadLast())).toBe(1);
    expect(entries()).toEqual(["epoch-1-step-10"]);
  });

  test("after close, or while it closes: what needs the lock is refused, and does not take it", async () => {
    const closed = expect.objectContaining({ code: "ERR_CHECKPOINT_SAVE", message: expect.stringContaining("is closed") });
    const manager = managed();
    const { committed } = manager.save(bundle(1), { epoch: 1, step: 10 });
    const early = manager.remove("epoch-1-step-10"); // waits for the save
    const closing = manager.close();
    const late = [early, manager.lock(), manager.remove("epoch-1-step-10")];
    expect(await Promise.all(late.map((one) => one.catch((error: unknown) => error)))).toEqual([closed, closed, closed]);
    await Promise.all([committed, closing]);
    await expect(manager.lock()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
    expect(entries()).toEqual(["epoch-1-step-10"]);
    await managed().lock();
  });

  test("close waits for it", async () => {
    const manager = managed({}, null);
    const ticket = manager.save(bundle(1), { epoch: 1, step: 10 });
    await manager.close();
    expect(await manager.list()).toHaveLength(1);
    expect(await ticket.committed).toMatchObject({ name: "epoch-1-step-10" });
  });
});

describe("what is kept", () => {
  const run = async (options: Partial<CheckpointOptions>, losses: (number | undefined)[]): Promise<string[]> => {
    const manager = managed({ filename: "{epoch}", ...options });
    for (const [epoch, loss] of losses.entries()) await saved(manager, epoch, loss === undefined ? {} : { "val/loss": loss });
    await manager.flush();
    expect(readdirSync(dir).filter((name) => !name.startsWith(".lock"))).toHaveLength((await manager.list()).length);
    return names(manager);
  };
  test.each<{ name: string; options: Partial<CheckpointOptions>; losses: (number | undefined)[]; kept: string }>([
    {
      name: "by default the newest 5 and the best 3",
      options: {},
      losses: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      kept: "0 1 2 5 6 7 8 9",
    },
    { name: "newest, best and last", options: { maxCheckpoints: 0, saveTopK: 1 }, losses: [3, 1, 2, 5], kept: "1 3" },
    { name: "of equal ones the older", options: { maxCheckpoints: 0, saveTopK: 2 }, losses: [1, 1, 1, 1], kept: "0 1 3" },
    {
      name: "NaN and unmeasured ones are no best",
      options: { maxCheckpoints: 1, saveTopK: 2 },
      losses: [NaN, 4, undefined, 5, 6],
      kept: "1 3 4",
    },
    { name: "the highest", options: { maxCheckpoints: 0, saveTopK: 1, mode: "max" }, losses: [3, 9, 2, 5], kept: "1 3" },
    {
      name: "by a rule",
      options: { keep: anyOf(keepEvery(20), keepBest(1, "min")) },
      losses: [5, 1, 2, 3, 4, 5],
      kept: "1 2 4 5",
    },
    {
      name: "all, also those that are not ranked",
      options: { saveTopK: -1, saveLast: false },
      losses: [1, NaN, 3, undefined, 5, 6, 7, 8, 9, 10],
      kept: "0 1 2 3 4 5 6 7 8 9",
    },
    { name: "all, by the rule", options: { keep: keepAll() }, losses: [1, undefined, 3, 4, 5, 6, 7], kept: "0 1 2 3 4 5 6" },
    { name: "the one just saved, whatever the rule", options: { keep: keepLatest(0) }, losses: [1, 2, 3], kept: "2" },
  ])("$name", async ({ options, losses, kept }) => {
    expect((await run(options, losses)).join(" ")).toBe(kept);
  });

  test("a rule that throws deletes nothing, with a warning", async () => {
    const keep = { name: "mine", keeps: () => expect.fail("broken") };
    expect(await run({ keep }, [1, 2])).toEqual(["0", "1"]);
    expect(warnings).toEqual([expect.stringContaining('The keep rule "mine" threw, so nothing was deleted: broken')]);
  });

  test("the best of another manager's run still counts, under the metric that is monitored now", async () => {
    const first = managed({ filename: "{epoch}" });
    await saved(first, 1, { "val/loss": 1, "val/accuracy": 0.1 });
    await saved(first, 2, { "val/loss": 2, "val/accuracy": 0.9 });
    await first.close();
    const second = managed({ monitor: "val/accuracy", mode: "max", maxCheckpoints: 1, saveTopK: 1, filename: "{epoch}" });
    expect((await second.list()).map(({ isBest }) => isBest)).toEqual([false, true]);
    await saved(second, 3, { "val/loss": 3, "val/accuracy": 0.5 });
    expect(await names(second)).toEqual(["2", "3"]);
  });

  test("files of other programs are kept, also inside a checkpoint that is deleted", async () => {
    const manager = managed({ maxCheckpoints: 1, saveTopK: 0 });
    await saved(manager, 1);
    writeFileSync(join(dir, "epoch-1-step-10", "notes.txt"), "mine");
    writeFileSync(join(dir, "README"), "mine");
    mkdirSync(join(dir, "other"));
    writeFileSync(join(dir, "other", "manifest.json"), '{ "manifest_version": 3 }');
    mkdirSync(join(dir, "hf"));
    writeFileSync(join(dir, "hf", "model.safetensors"), "x");
    writeFileSync(join(dir, "hf", "config.json"), "{}");
    await saved(manager, 2);
    await manager.flush();
    expect(await names(manager)).toEqual(["epoch-2-step-20"]);
    expect(entries()).toEqual([".lock", "README", "epoch-1-step-10", "epoch-2-step-20", "hf", "other"]);
    expect(readdirSync(join(dir, "epoch-1-step-10"))).toEqual(["notes.txt"]);
    expect(await manager.verify()).toEqual([]);
    expect(valueOf(await manager.loadLast())).toBe(2);
  });

  test("another directory under the name of a checkpoint is not deleted in its place", async () => {
    const manager = managed({ maxCheckpoints: 1, saveTopK: 0 });
    await saved(manager, 1);
    const other = join(dir, "..", "other");
    const stranger = managed({ dir: other });
    await saved(stranger, 1);
    renameSync(join(dir, "epoch-1-step-10"), join(dir, "..", "moved"));
    renameSync(join(other, "epoch-1-step-10"), join(dir, "epoch-1-step-10"));
    const before = readFileSync(join(dir, "epoch-1-step-10", "manifest.json"), "utf8");
    await saved(manager, 2); // read again: it is a checkpoint of this directory now, and no longer kept
    await saved(manager, 3);
    expect(before).toContain("epoch-1");
    expect(valueOf(await manager.loadLast())).toBe(3);
  });
});

describe("loading", () => {
  test("nothing from nowhere", async () => {
    const manager = managed();
    expect(await manager.loadLast()).toBeNull();
    expect(await manager.loadBest()).toBeNull();
    expect(await manager.list()).toEqual([]);
    expect(await manager.verify()).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    await expect(manager.load("x")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" });
  });

  test("the best, the last, one by name", async () => {
    const manager = managed();
    for (const [value, loss] of [3, 1, 1, NaN].entries()) await saved(manager, value, { "val/loss": loss });
    expect(valueOf(await manager.loadBest())).toBe(1);
    expect(valueOf(await manager.loadLast())).toBe(3);
    expect(valueOf(await manager.load("epoch-2-step-20"))).toBe(2);
    await expect(manager.load("epoch-2-step-2")).rejects.toThrow(/Nearest: "epoch-2-step-20"/);
    await expect(manager.load("../checkpoints/epoch-2-step-20")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" });
  });

  test("no best among unranked ones", async () => {
    const manager = managed();
    await saved(manager, 1);
    expect(await manager.loadBest()).toBeNull();
  });

  test("the last is the last committed, whatever the clock said", async () => {
    const times = ["2030-01-01", "2020-01-01"].map((day) => new Date(day));
    const manager = new CheckpointManager({ dir }, { writer: localWriter(), now: () => times.shift() ?? new Date(0) });
    open.push(manager);
    for (const value of [1, 2, 3]) await saved(manager, value);
    expect(valueOf(await manager.loadLast())).toBe(3);
    expect((await manager.list()).map(({ step }) => step)).toEqual([10, 20, 30]);
  });

  test("from a directory that was moved, or copied", async () => {
    const manager = managed();
    for (const value of [1, 2]) await saved(manager, value, { "val/loss": value });
    await manager.close();
    const elsewhere = join(dir, "..", "elsewhere");
    cpSync(dir, elsewhere, { recursive: true });
    renameSync(dir, `${dir}-moved`);
    for (const moved of [elsewhere, `${dir}-moved`]) {
      const loaded = await managed({ dir: moved }).loadBest();
      expect(valueOf(loaded)).toBe(1);
      expect(loaded?.info.path).toBe(join(moved, "epoch-1-step-10"));
    }
  });

  test("a directory that cannot be read is no empty directory", async () => {
    mkdirSync(join(dir, ".."), { recursive: true });
    writeFileSync(dir, "a file");
    const manager = managed();
    await expect(manager.loadLast()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_DAMAGED", path: dir });
    await expect(saved(manager, 1)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code: "ENOTDIR" } });
    expect(readFileSync(dir, "utf8")).toBe("a file");
  });
});

describe("remove and export", () => {
  test("remove deletes one, and knows the others", async () => {
    const manager = managed();
    for (const value of [1, 2]) await saved(manager, value);
    await manager.remove("epoch-1-step-10");
    expect(entries()).toEqual([".lock", "epoch-2-step-20"]);
    await expect(manager.remove("epoch-1-step-10")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" });
  });

  test("remove deletes a damaged one too, but nothing that may belong to another program", async () => {
    const manager = managed({ filename: "{step}" });
    for (const value of [1, 2, 3]) await saved(manager, value);
    truncateSync(join(dir, "10", "manifest.json"), 100);
    truncateSync(join(dir, "20", "model.safetensors"), 10);
    rmSync(join(dir, "30", "manifest.json"));
    for (const name of ["10", "20", "30"]) await manager.remove(name);
    expect(entries()).toEqual([".lock", "30"]);
  });

  test("export writes the weights, uncompressed, in place of what was there", async () => {
    const manager = managed({ compress: "gzip" });
    await saved(manager, 7);
    const file = join(dir, "..", "weights.safetensors");
    writeFileSync(file, "old");
    await manager.exportSafetensors("epoch-7-step-70", file);
    expect(decode(readFileSync(file)).tensors).toStrictEqual(weights(7));
    await expect(manager.exportSafetensors("epoch-7-step-70", join(dir, "no", "such", "x"))).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_SAVE",
    });
    expect(readdirSync(join(dir, "..")).sort()).toEqual(["checkpoints", "weights.safetensors"]);
  });
});

describe("backups", () => {
  test("hold the same checkpoints, byte for byte", async () => {
    const backupDir = join(dir, "..", "backup");
    const manager = managed({ backupDir, maxCheckpoints: 2, saveTopK: 0, compress: "gzip" }, null);
    for (const value of [1, 2, 3]) await saved(manager, value);
    await manager.flush();
    expect(readdirSync(backupDir).sort()).toEqual(["epoch-2-step-20", "epoch-3-step-30"]);
    for (const file of readdirSync(join(dir, "epoch-3-step-30"))) {
      const original = readFileSync(join(dir, "epoch-3-step-30", file));
      expect(readFileSync(join(backupDir, "epoch-3-step-30", file)).equals(original)).toBe(true);
    }
    expect(valueOf(await managed({ dir: backupDir }).loadLast())).toBe(3);
    expect(warnings).toEqual([]);
  });

  test("checkpoints of another run there are left alone: the copy gets a free name, and is deleted under it", async () => {
    const backupDir = join(dir, "..", "backup");
    const other = managed({ dir: backupDir });
    await saved(other, 1);
    await other.close();
    const [theirs] = await other.list();
    const manager = managed({ backupDir, maxCheckpoints: 1, saveTopK: 0 }, null);
    await saved(manager, 1);
    await saved(manager, 2);
    await manager.flush();
    expect(warnings).toEqual([]);
    expect(readdirSync(backupDir).sort()).toEqual(["epoch-1-step-10", "epoch-2-step-20"]);
    const [kept] = await managed({ dir: backupDir }).list();
    expect(valueOf(await managed({ dir: backupDir }).load("epoch-1-step-10"))).toBe(1);
    expect(kept).toMatchObject({ savedAt: theirs?.savedAt });
    expect(await managed({ dir: backupDir }).verify()).toEqual([]);
  });

  test("that fail are a warning", async () => {
    const backupDir = join(dir, "..", "backup");
    writeFileSync(backupDir, "a file in the way");
    const manager = managed({ backupDir }, null);
    await saved(manager, 1);
    await manager.flush();
    expect(warnings).toEqual([expect.stringContaining('"epoch-1-step-10" could not be copied')]);
  });
});

describe("options", () => {
  test.each<{ name: string; options: object; path: string; code?: string }>([
    { name: "an unknown one", options: { maxCheckpoint: 3 }, path: "maxCheckpoint" },
    { name: "an unknown key in the file name", options: { filename: "{epohc}" }, path: "filename" },
    { name: "an unknown compression", options: { compress: "lz4" }, path: "compress" },
    {
      name: "a metric that is better when higher",
      options: { monitor: "val/accuracy" },
      path: "mode",
      code: "ERR_MODE_REQUIRED",
    },
    { name: "no directory", options: { dir: "" }, path: "dir" },
    { name: "a count that is none", options: { saveTopK: -2 }, path: "saveTopK" },
    { name: "a count beside all", options: { saveTopK: -1, maxCheckpoints: 2 }, path: "maxCheckpoints" },
    { name: "a count beside rules", options: { keep: keepLatest(2), maxCheckpoints: 2 }, path: "maxCheckpoints" },
    { name: "the best beside rules", options: { keep: keepLatest(2), saveTopK: -1 }, path: "saveTopK" },
    { name: "the last beside rules", options: { keep: keepLatest(2), saveLast: false }, path: "saveLast" },
    { name: "a count that is none", options: { maxCheckpoints: 1.5 }, path: "maxCheckpoints" },
    { name: "a rule that is none", options: { keep: "latest" }, path: "keep" },
    { name: "a listener that is none", options: { onWarning: "warn" }, path: "onWarning" },
    { name: "a backup in its own place", options: { backupDir: ".", dir: "." }, path: "backupDir" },
  ])("$name is refused at construction: $path", ({ options, path, code = "ERR_CONFIG" }) => {
    expect(() => new CheckpointManager({ dir, ...options })).toThrow(
      expect.objectContaining({ code, path: `CheckpointManager.${path}` }),
    );
  });

  test("everything that is wrong is listed at once, with the nearest name", () => {
    const options = { dir, maxCheckpoint: 3, saveTopK: -2 } as CheckpointOptions;
    expect(() => new CheckpointManager(options)).toThrow(/Nearest: "maxCheckpoints"(.|\n)*at CheckpointManager\.saveTopK/);
  });

  test("a listener that throws or rejects fails no save, and is called once for each warning", async () => {
    const received: string[] = [];
    const fail = (message: string): Promise<never> => {
      received.push(message);
      if (received.length > 1) throw new TypeError("broken");
      return Promise.reject(new TypeError("broken"));
    };
    const keep = { name: "mine", keeps: () => expect.fail("broken") };
    const manager = managed({ keep, onWarning: fail as (message: string) => void });
    for (const value of [1, 2]) await saved(manager, value);
    rmSync(join(dir, "epoch-2-step-20", "run.json"));
    expect(valueOf(await manager.loadLast())).toBe(1);
    expect(received).toEqual([expect.stringContaining('"mine" threw'), expect.stringContaining("run.json: it is missing")]);
  });

  test.skipIf(hasZstd)("zstd on a Node without it", () => {
    expect(() => managed({ compress: "zstd" })).toThrow(/zstd needs Node 22.15 or newer/);
  });
});

describe("the thread", () => {
  test("that dies fails its save; the next one gets a new thread", async () => {
    const manager = managed({}, dyingWriter("before-manifest", 2));
    await saved(manager, 1);
    await expect(saved(manager, 2)).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_SAVE",
      message: expect.stringContaining("it ended with code 3"),
    });
    expect(entries()).toEqual([".lock", "epoch-1-step-10"]);
    await saved(manager, 3);
    expect(await names(manager)).toEqual(["epoch-1-step-10", "epoch-3-step-30"]);
  });

  test("that dies after a commit undoes nothing", async () => {
    const manager = managed({ maxCheckpoints: 1, saveTopK: 0 }, dyingWriter("mid-delete"));
    await saved(manager, 1);
    expect(await saved(manager, 2)).toMatchObject({ step: 20 });
    await manager.flush();
    expect(entries()).toEqual([".lock", "epoch-2-step-20"]);
  });
});
