/** Disks that are full, read-only or failing, damaged files, and two processes: on the real file system. */
import {
  cpSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import type { CheckpointOptions } from "../../src/contract/index.js";
import { canMount, compileShim, mountTmpfs, remount } from "../support/peers.js";
import { Program } from "./children.js";
import { bundleAt, isExact } from "./programs/bundles.js";

const root = mkdtempSync(join(tmpdir(), "trainscope-checkpoint-faults-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const mountable = canMount();
const shim = compileShim("../checkpoint/shim.c", join(root, "shim.so"));

function open(dir: string, options: Partial<CheckpointOptions> = {}): { manager: CheckpointManager; warnings: string[] } {
  const warnings: string[] = [];
  const manager = new CheckpointManager({ dir, onWarning: (message) => warnings.push(message), ...options });
  onTestFinished(() => manager.close());
  return { manager, warnings };
}

async function save(manager: CheckpointManager, step: number, kilobytes: number): Promise<void> {
  await manager.save(bundleAt(step, kilobytes), { epoch: 0, step }).committed;
}

/** The step of the newest good checkpoint, which must be what was saved. */
async function lastStep(manager: CheckpointManager, kilobytes: number): Promise<number> {
  const last = await manager.loadLast();
  if (last !== null) expect(isExact(last, kilobytes)).toBe(true);
  return last?.info.step ?? 0;
}

const hidden = (dir: string): string[] => readdirSync(dir).filter((name) => name.startsWith(".") && name !== ".lock");
let count = 0;
const freshDir = (): string => join(root, `dir-${count++}`);

describe.skipIf(!mountable)("a file system of its own", () => {
  function mounted(size: string): string {
    const point = freshDir();
    const { release } = mountTmpfs(point, size);
    onTestFinished(release);
    return point;
  }

  test.each(["none", "gzip"] as const)("full (compression %s): the save fails, what was good stays", async (compress) => {
    const dir = join(mounted("2900k"), "checkpoints");
    const { manager, warnings } = open(dir, { maxCheckpoints: 2, saveTopK: 0, compress });
    await save(manager, 1, 1000);
    await save(manager, 2, 1000);
    const failed = manager.save(bundleAt(3, 1000), { epoch: 0, step: 3 }).committed;
    await expect(failed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_SAVE",
      message: expect.stringMatching(/ENOSPC.*no space left/) as string,
      cause: { code: "ENOSPC" },
    });
    await expect(failed).rejects.toThrow(join(dir, ".saving-epoch-0-step-3"));
    await manager.flush();
    expect(hidden(dir)).toEqual([]);
    expect(await lastStep(manager, 1000)).toBe(2);
    expect(await manager.verify()).toEqual([]);
    await manager.remove("epoch-0-step-1");
    await save(manager, 4, 1000);
    expect(await lastStep(manager, 1000)).toBe(4);
    expect(warnings).toEqual([]);
  });

  test("read-only: the save fails, and what is there loads; writable again, it saves", async () => {
    const point = mounted("8m");
    const dir = join(point, "checkpoints");
    const { manager } = open(dir);
    await save(manager, 1, 100);
    remount(point, "ro");
    await expect(save(manager, 2, 100)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code: "EROFS" } });
    expect(await lastStep(manager, 100)).toBe(1);
    const reader = open(dir).manager;
    expect(await lastStep(reader, 100)).toBe(1);
    remount(point, "rw");
    await save(manager, 3, 100);
    expect(await lastStep(reader, 100)).toBe(3);
  });

  test("read-only from the start: the first save says so", async () => {
    const point = mounted("1m");
    const dir = join(point, "checkpoints");
    mkdirSync(dir); // where it is missing too, Node says ENOENT in place of EROFS
    remount(point, "ro");
    const { manager } = open(dir);
    expect(await manager.loadLast()).toBeNull();
    await expect(save(manager, 1, 1)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code: "EROFS" } });
  });

  test("a full backup disk is a warning", async () => {
    const { manager, warnings } = open(freshDir(), { backupDir: mounted("600k") });
    await save(manager, 1, 1000);
    await manager.flush();
    expect(await lastStep(manager, 1000)).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/"epoch-0-step-1" could not be copied to .*ENOSPC/)]);
  });
});

test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("a directory without write permission", async () => {
  const dir = freshDir();
  mkdirSync(dir);
  chmodSync(dir, 0o555);
  onTestFinished(() => chmodSync(dir, 0o755));
  await expect(save(open(dir).manager, 1, 1)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code: "EACCES" } });
});

describe.skipIf(shim === null)("a disk that fails", () => {
  const EIO = 5;
  const FAILING: readonly { fault: string; named: string }[] = [
    { fault: `write ${EIO} /model.safetensors`, named: "model.safetensors" },
    { fault: `write ${EIO} /optimizer.safetensors`, named: "optimizer.safetensors" },
    { fault: `write ${EIO} /run.json`, named: "run.json" },
    { fault: `write ${EIO} /manifest.json`, named: "manifest.json" },
    { fault: `fsync ${EIO} /model.safetensors`, named: "model.safetensors" },
    { fault: `fsync ${EIO} /manifest.json`, named: "manifest.json" },
    { fault: `fsync ${EIO} /checkpoints$`, named: "checkpoints" },
    { fault: `rename ${EIO} /.saving-`, named: ".saving-" },
  ];
  const SHORT = ["short 28 /model.safetensors", "short 28 /run.json", "short 28 /manifest.json"]; // 28 is ENOSPC
  interface Case {
    fault: string;
    under: Record<string, unknown>;
  }
  let cases = new Map<string, Case>();

  beforeAll(async () => {
    const dir = join(freshDir(), "checkpoints");
    const faults = [...FAILING.map(({ fault }) => fault), ...SHORT];
    const env = { LD_PRELOAD: shim ?? "", FAULT_FILE: join(root, "fault") };
    const program = new Program("faulty.ts", [dir, JSON.stringify(faults)], env);
    if ((await program.ended()).code !== 0) throw new Error(program.stderr);
    cases = new Map(program.all("case").map((line) => [line["fault"] as string, line as unknown as Case]));
  });

  const GOOD = { before: { done: true }, after: { done: true }, problems: [], warnings: [], hidden: [] };

  test.each(FAILING)(
    "$fault: reported with the file and the cause; the one before loads, the next is saved",
    ({ fault, named }) => {
      const found = cases.get(fault);
      expect(found).toMatchObject({ ...GOOD, held: { loaded: 1, exact: true } });
      expect(found?.under).toMatchObject({ done: false, ours: true, code: "ERR_CHECKPOINT_SAVE", cause: "EIO" });
      expect(found?.under["message"]).toContain(named);
      expect(found?.under["message"]).toContain("EIO");
    },
  );

  test.each(SHORT)("%s: short writes are completed", (fault) => {
    expect(cases.get(fault)).toMatchObject({ ...GOOD, under: { done: true }, held: { loaded: 0, exact: true } });
  });
});

describe("damage", () => {
  const KILOBYTES = 2;
  const FILES = ["model.safetensors", "optimizer.safetensors", "run.json", "manifest.json"];
  let whole = "";
  beforeAll(async () => {
    whole = freshDir();
    const manager = new CheckpointManager({ dir: whole });
    for (let step = 1; step <= 2; step++) await save(manager, step, KILOBYTES);
    await manager.close();
  });

  const flip = (file: string, at: number): void => {
    const bytes = readFileSync(file);
    const place = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
    bytes.writeUInt8(bytes.readUInt8(place) ^ 0x10, place);
    writeFileSync(file, bytes);
  };
  const DAMAGES: readonly { damage: string; act: (file: string) => void }[] = [
    { damage: "a bit flipped at the beginning of", act: (file) => flip(file, 0) },
    { damage: "a bit flipped in the middle of", act: (file) => flip(file, 0.5) },
    { damage: "a bit flipped at the end of", act: (file) => flip(file, 1) },
    { damage: "two bytes less in", act: (file) => truncateSync(file, readFileSync(file).length - 2) },
    { damage: "one byte more in", act: (file) => writeFileSync(file, "!", { flag: "a" }) },
    { damage: "nothing left in", act: (file) => truncateSync(file, 0) },
    { damage: "the loss of", act: (file) => rmSync(file) },
  ];
  const EVERY = DAMAGES.flatMap((damage) => FILES.map((file) => ({ ...damage, file })));

  test.each(EVERY)("$damage $file: the checkpoint before is loaded", async ({ file, act }) => {
    const dir = freshDir();
    cpSync(whole, dir, { recursive: true });
    act(join(dir, "epoch-0-step-2", file));
    const { manager, warnings } = open(dir);
    expect(await lastStep(manager, KILOBYTES)).toBe(1);
    expect(warnings.filter((warning) => !warning.includes("epoch-0-step-2/"))).toEqual([]);
    expect(warnings.join("\n")).toContain(`epoch-0-step-2/${file}: `);
    const problems = await manager.verify();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.map(({ checkpoint }) => checkpoint)).toEqual(problems.map(() => "epoch-0-step-2"));
    expect(problems.map((problem) => problem.file)).toContain(file);
    await expect(manager.load("epoch-0-step-2")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_DAMAGED" });
    await save(manager, 3, KILOBYTES);
    expect(await lastStep(manager, KILOBYTES)).toBe(3);
    expect(existsSync(join(dir, "epoch-0-step-2"))).toBe(true); // what is damaged is evidence
  });

  test("one flipped bit in any byte of a manifest is found", async () => {
    const dir = freshDir();
    cpSync(whole, dir, { recursive: true });
    const file = join(dir, "epoch-0-step-2/manifest.json");
    const good = readFileSync(file);
    const { manager } = open(dir);
    const unseen: number[] = [];
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(i) ^ (1 << (i % 8)), i);
      writeFileSync(file, bad);
      if ((await manager.verify()).length === 0) unseen.push(i);
    }
    expect(unseen).toEqual([]);
  });

  test("no good one left: an error that lists every problem", async () => {
    const dir = freshDir();
    cpSync(whole, dir, { recursive: true });
    rmSync(join(dir, "epoch-0-step-1/run.json"));
    flip(join(dir, "epoch-0-step-2/model.safetensors"), 0.5);
    const { manager } = open(dir);
    const loading = manager.loadLast();
    await expect(loading).rejects.toMatchObject({ code: "ERR_CHECKPOINT_DAMAGED" });
    await expect(loading).rejects.toThrow(/epoch-0-step-2\/model\.safetensors[^]*epoch-0-step-1\/run\.json: it is missing/);
  });

  test("a manifest of a newer version: skipped with a warning, never deleted", async () => {
    const dir = freshDir();
    cpSync(whole, dir, { recursive: true });
    const file = join(dir, "epoch-0-step-2/manifest.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { version: number };
    writeFileSync(file, JSON.stringify({ ...manifest, version: 99, more: ["than", "is", "known"] }));
    const before = readFileSync(file, "utf8");
    const { manager, warnings } = open(dir, { maxCheckpoints: 1, saveTopK: 0 });
    expect(await lastStep(manager, KILOBYTES)).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/epoch-0-step-2\/manifest\.json: .*version 99.*newer/)]);
    for (let step = 2; step <= 4; step++) await save(manager, step, KILOBYTES);
    await manager.flush();
    expect(readFileSync(file, "utf8")).toBe(before);
    expect((await manager.list()).map(({ step }) => step)).toEqual([4]);
  });

  test("a moved directory loads, and new checkpoints are saved where it is now", async () => {
    const [from, to] = [freshDir(), join(freshDir(), "elsewhere")];
    cpSync(whole, from, { recursive: true });
    mkdirSync(join(to, ".."));
    renameSync(from, to);
    const { manager } = open(to);
    expect(await lastStep(manager, KILOBYTES)).toBe(2);
    await save(manager, 3, KILOBYTES);
    expect((await manager.list()).map(({ path }) => path)).toEqual([1, 2, 3].map((step) => join(to, `epoch-0-step-${step}`)));
    expect(existsSync(from)).toBe(false);
  });

  test("a directory moved while its manager is open: the next save fails or makes it again, nothing is lost", async () => {
    const [from, to] = [freshDir(), freshDir()];
    const { manager } = open(from);
    await save(manager, 1, KILOBYTES);
    renameSync(from, to);
    await manager.save(bundleAt(2, KILOBYTES), { epoch: 0, step: 2 }).committed.catch((error: unknown) => {
      expect(error).toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
    });
    expect(await lastStep(open(to).manager, KILOBYTES)).toBe(1);
  });
});

describe("two processes, one directory", () => {
  test("the second gets an error that names the first, may load, and takes over when the first is killed", async () => {
    const dir = freshDir();
    const holder = new Program("holder.ts", [dir]);
    onTestFinished(() => holder.kill());
    const { pid } = await holder.says("holds");
    const { manager } = open(dir);
    expect(await lastStep(manager, 1)).toBe(1);
    const refused = manager.save(bundleAt(2, 1), { epoch: 0, step: 2 }).committed;
    await expect(refused).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    await expect(refused).rejects.toThrow(new RegExp(`process ${String(pid)} `));
    await expect(manager.remove("epoch-0-step-1")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    await holder.kill();
    await save(manager, 3, 1);
    expect((await manager.list()).map(({ step }) => step)).toEqual([1, 3]);
  });

  test("so is a second manager of the same process, until the first is closed", async () => {
    const dir = freshDir();
    const [first, second] = [open(dir).manager, open(dir).manager];
    await save(first, 1, 1);
    await expect(save(second, 2, 1)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    await first.close();
    await save(second, 3, 1);
    expect((await second.list()).map(({ step }) => step)).toEqual([1, 3]);
  });

  test("many start at once: one saves, the others are refused, and nothing is damaged", async () => {
    const dir = freshDir();
    const managers = Array.from({ length: 8 }, () => open(dir).manager);
    const ends = await Promise.allSettled(managers.map((manager, i) => save(manager, i + 1, 1)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const codes = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as { code: string }).code] : []));
    expect(new Set(codes)).toEqual(new Set(["ERR_CHECKPOINT_LOCKED"]));
    expect(await managers[0]?.verify()).toEqual([]);
  });

  test.skipIf(!existsSync("/proc/self/stat"))("a lock whose pid another process has now is taken over", async () => {
    const dir = freshDir();
    const holder = new Program("holder.ts", [dir]);
    await holder.says("holds");
    await holder.kill();
    const lock = join(dir, ".lock");
    const owner = JSON.parse(readFileSync(lock, "utf8")) as Record<string, unknown>;
    writeFileSync(lock, JSON.stringify({ ...owner, pid: process.pid })); // as in a container, where numbers repeat
    const { manager } = open(dir);
    await save(manager, 2, 1);
    expect(await lastStep(manager, 1)).toBe(2);
  });
});
