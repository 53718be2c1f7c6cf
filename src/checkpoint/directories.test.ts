/** Directories that disappear, and file systems that lack something: on the real file system, with one operation replaced. */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { open as openFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localWriter } from "../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf } from "../../tests/support/checkpoint-state.js";
import { CheckpointManager } from "./checkpoint-manager.js";
import { nodeFiles } from "./disk/files.js";

let dir = "";
let remove = (): void => undefined;
beforeEach(() => ({ dir, remove } = temporary()));
afterEach(() => remove());

function open(): { manager: CheckpointManager; warnings: string[] } {
  const warnings: string[] = [];
  const onWarning = (message: string): unknown => warnings.push(message);
  return { manager: new CheckpointManager({ dir, filename: "{step}", onWarning }, { writer: localWriter() }), warnings };
}

async function save(manager: CheckpointManager, ...steps: number[]): Promise<void> {
  for (const step of steps) await manager.save(bundle(step), { epoch: 0, step }).committed;
}

describe("a directory that is deleted between two saves", () => {
  test.each([
    ["it was there before", () => mkdirSync(dir), () => rmSync(dir, { recursive: true })],
    ["the manager had made it", () => undefined, () => rmSync(dir, { recursive: true })],
    ["with the one above it", () => undefined, () => rmSync(dirname(dir), { recursive: true })],
  ])("%s: made again for the next, with a warning that names it", async (_, before, act) => {
    before();
    const { manager, warnings } = open();
    await save(manager, 1, 2);
    act();
    await save(manager, 3);
    expect(warnings).toEqual([
      `${dir} was deleted while checkpoints were saved there, and those in it are lost. It is made again for "3".`,
    ]);
    await save(manager, 4);
    act();
    await save(manager, 5);
    expect(warnings).toHaveLength(2);
    expect((await manager.list()).map(({ step }) => step)).toEqual([5]);
    expect(valueOf(await manager.loadLast())).toBe(5);
    const second = open().manager;
    await expect(save(second, 6)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" }); // the new one is locked too
    await manager.close();
    expect(readdirSync(dir)).toEqual(["5"]);
  });

  test("that cannot be made again: the save says why and what to do; once it can, the next works", async () => {
    const { manager } = open();
    await save(manager, 1);
    rmSync(dir, { recursive: true });
    writeFileSync(dir, "in the way");
    await expect(save(manager, 2)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
    await expect(save(manager, 2)).rejects.toThrow(
      /ENOTDIR[^]*A part of the path is a file\. Delete or rename it, or set dir, the directory/,
    );
    rmSync(dir);
    await save(manager, 3);
    expect(valueOf(await manager.loadLast())).toBe(3);
    await manager.close();
  });
});

describe("a file system without", () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new RangeError(`${code}: refused`), { code }));

  test.each(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EPERM", "EACCES", "EBADF", "EISDIR"])(
    "fsync of directories (%s): checkpoints commit",
    async (code) => {
      const handle = await openFile(dirname(dir));
      const prototype = Object.getPrototypeOf(handle) as { sync: () => Promise<void> };
      const { sync } = prototype;
      await handle.close();
      prototype.sync = async function (this: FileHandle) {
        return (await this.stat()).isDirectory() ? failing(code)() : sync.call(this);
      };
      try {
        const { manager, warnings } = open();
        await save(manager, 1, 2);
        await manager.exportSafetensors("2", join(dir, "..", "weights"));
        expect(valueOf(await manager.loadLast())).toBe(2);
        expect(warnings).toEqual([]);
        await manager.close();
      } finally {
        prototype.sync = sync;
      }
    },
  );

  test("a directory: its fsync is an error", async () => {
    await expect(nodeFiles.syncDirectory(join(dir, "gone"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.each([
    ["ENOSPC", /The disk is full\. Free space on it, or set dir, the directory of the checkpoints, to another disk\./],
    ["EDQUOT", /Your quota on this disk is used up/],
    ["EROFS", /The file system is read-only/],
    ["EMFILE", /ulimit -n/],
  ])("what it takes (%s): the error says what to do, and that nothing else changed", async (code, remedy) => {
    const writer = localWriter({ ...nodeFiles, create: failing(code) });
    const manager = new CheckpointManager({ dir }, { writer });
    const failed = save(manager, 1);
    await expect(failed).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code } });
    await expect(failed).rejects.toThrow(remedy);
    await expect(failed).rejects.toThrow(/Checkpoints saved before it are unchanged\./);
    await manager.close();
  });
});

test.skipIf(process.platform === "win32")("what has the name of the new directory is replaced, and not followed", async () => {
  const target = join(dirname(dir), "elsewhere");
  mkdirSync(target);
  mkdirSync(dir);
  writeFileSync(join(target, "model.safetensors"), "not ours");
  symlinkSync(target, join(dir, `.saving-1-${process.pid}`));
  const { manager } = open();
  await save(manager, 1);
  expect(readdirSync(target)).toEqual(["model.safetensors"]);
  expect(statSync(join(target, "model.safetensors")).size).toBe("not ours".length);
  expect(readdirSync(dir).sort()).toEqual([".lock", "1"]);
  await manager.close();
});
