import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CheckpointOptions, Compression } from "../contract/index.js";
import { CheckpointManager } from "./checkpoint-manager.js";
import { COMMIT_POINTS } from "../../tests/support/commit-points.js";
import type { CommitPoint } from "./disk/commit-point.js";
import { nodeFiles } from "./disk/files.js";
import { faultyFiles, localWriter, type FaultKind, type Writer } from "../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf } from "../../tests/support/checkpoint-state.js";
import { verifyDirectory } from "./verify.js";

let dir = "";
let remove = (): void => undefined;
beforeEach(() => ({ dir, remove } = temporary()));
afterEach(() => remove());

const OPTIONS: Partial<CheckpointOptions> = { maxCheckpoints: 2, saveTopK: 0, filename: "{step}" };

/** A manager for the length of `act`. */
async function withManager<T>(
  act: (manager: CheckpointManager, warnings: string[]) => Promise<T>,
  options: Partial<CheckpointOptions> = {},
  writer: Writer = localWriter(),
): Promise<T> {
  const warnings: string[] = [];
  const manager = new CheckpointManager({ dir, ...OPTIONS, onWarning: (text) => warnings.push(text), ...options }, { writer });
  try {
    return await act(manager, warnings);
  } finally {
    await manager.close();
  }
}

async function save(manager: CheckpointManager, ...steps: number[]): Promise<void> {
  for (const step of steps) await manager.save(bundle(step), { epoch: 0, step }).committed;
}

const visible = (): string[] => readdirSync(dir).filter((name) => !name.startsWith("."));
const hidden = (): string[] => readdirSync(dir).filter((name) => name.startsWith("."));

describe("every operation of a save fails once", () => {
  const cases: { kind: FaultKind; lasting: boolean; compress: Compression; backup: boolean }[] = [
    { kind: "EIO", lasting: false, compress: "none", backup: false },
    { kind: "EIO", lasting: true, compress: "none", backup: false },
    { kind: "ENOSPC", lasting: true, compress: "gzip", backup: false },
    { kind: "short", lasting: false, compress: "none", backup: false },
    { kind: "EIO", lasting: false, compress: "none", backup: true },
  ];
  test.each(cases)(
    "$kind, lasting $lasting, compress $compress, backup $backup",
    { timeout: 120_000 },
    async ({ kind, lasting, compress, backup }) => {
      const backupDir = backup ? join(dir, "..", "backup") : undefined;
      const prepared = join(dir, "..", "prepared");
      await withManager((manager) => save(manager, 1, 2), { compress, dir: prepared });
      let failAt = 0;
      for (let clean = false; !clean; failAt++) {
        rmSync(dir, { recursive: true, force: true });
        if (backupDir !== undefined) rmSync(backupDir, { recursive: true, force: true });
        copyTree(prepared, dir);
        if (backupDir !== undefined) copyTree(prepared, backupDir);
        const { files, done } = faultyFiles(failAt, kind, lasting);
        const { error, warnings } = await withManager(
          async (manager, warned) => {
            const failure: unknown = await save(manager, 3).catch((thrown: unknown) => thrown);
            await manager.flush();
            return { error: failure, warnings: warned };
          },
          { compress, backupDir },
          localWriter(files),
        );
        clean = done.length <= failAt;
        const failed = done[failAt] ?? "";
        const context = `operation ${failAt}: ${failed}`;
        if (error !== undefined) {
          const code = kind === "EIO" ? "EIO" : "ENOSPC";
          expect(error, context).toMatchObject({ code: "ERR_CHECKPOINT_SAVE", cause: { code } });
          expect((error as Error).message, context).toContain(`"3" was not saved`);
          expect((error as { path: string }).path, context).toContain(dir);
          // A disk that refuses everything after the rename leaves a whole checkpoint that was not promised.
          if (!(lasting && failed === "sync checkpoints")) expect(visible(), context).toEqual(["1", "2"]);
        } else {
          expect(visible(), context).toContain("3");
          // What failed after the commit was reported, unless it was a second look at something.
          if (!clean && !/^(list|stat)/.test(failed)) expect(warnings, context).not.toEqual([]);
        }
        await withManager(
          async (manager, warned) => {
            const expected = visible().includes("3") ? 3 : 2;
            expect(valueOf(await manager.loadLast()), context).toBe(expected);
            expect(warned, context).toEqual([]);
            expect(await manager.verify(), context).toEqual([]);
            await save(manager, 4);
            await manager.flush();
            expect(valueOf(await manager.loadLast()), context).toBe(4);
            expect(hidden(), context).toEqual([".lock"]);
          },
          { compress },
        );
        if (clean) expect(warnings).toEqual([]);
        if (backupDir !== undefined) expect(await verifyDirectory(backupDir), context).toEqual([]);
      }
      expect(failAt).toBeGreaterThan(20); // the loop saw the whole protocol
    },
  );

  test("the error names the file, what was done to it, and the cause", async () => {
    const clean = faultyFiles(Infinity, "EIO");
    await withManager((manager) => save(manager, 1), { dir: `${dir}-clean` }, localWriter(clean.files));
    const { files } = faultyFiles(clean.done.indexOf("create optimizer.safetensors"), "EIO");
    const error: unknown = await withManager((manager) => save(manager, 1), {}, localWriter(files)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ path: expect.stringMatching(/optimizer\.safetensors$/), cause: { code: "EIO" } });
    expect(String(error)).toMatch(/"1" was not saved: open .*optimizer\.safetensors: EIO: injected.*\n.*are unchanged/s);
  });

  test("the manager works after an error", async () => {
    let broken = true;
    const writer: Writer = {
      write: (plan, onCommitted) => localWriter(broken ? faultyFiles(5, "EIO").files : nodeFiles).write(plan, onCommitted),
      close: () => Promise.resolve(),
    };
    await withManager(
      async (manager) => {
        await expect(save(manager, 1)).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE" });
        broken = false;
        await save(manager, 2);
        expect(valueOf(await manager.loadLast())).toBe(2);
      },
      {},
      writer,
    );
  });

  test("a failed save whose ticket is not awaited is no unhandled rejection", async () => {
    const seen: unknown[] = [];
    const listener = (reason: unknown): void => void seen.push(reason);
    process.on("unhandledRejection", listener);
    await withManager(
      async (manager) => {
        void manager.save(bundle(1), { epoch: 0, step: 1 });
        void manager.save(bundle(2), { epoch: 0, step: 2, important: false });
        await manager.flush();
      },
      {},
      localWriter(faultyFiles(0, "EIO", true).files),
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", listener);
    expect(seen).toEqual([]);
  });
});

test("the directory at each point of the protocol holds whole checkpoints only", async () => {
  const seen = new Map<CommitPoint, string[]>();
  const copies = join(dir, "..", "copies");
  const onPoint = (point: CommitPoint): void => {
    seen.set(point, visible());
    copyTree(dir, join(copies, point));
  };
  await withManager((manager) => save(manager, 1, 2));
  await withManager(
    async (manager) => {
      await save(manager, 3);
      await manager.flush();
    },
    {},
    localWriter(nodeFiles, onPoint),
  );
  expect([...seen.keys()].sort()).toEqual([...COMMIT_POINTS].sort());
  for (const point of COMMIT_POINTS) {
    const after = COMMIT_POINTS.indexOf(point) >= COMMIT_POINTS.indexOf("after-rename");
    await withManager(
      async (manager, warnings) => {
        expect(valueOf(await manager.loadLast()), point).toBe(after ? 3 : 2);
        await manager.lock();
        expect(warnings, point).toEqual([]);
        expect(await manager.verify(), point).toEqual([]);
        const left = readdirSync(manager.dir).filter((name) => name.startsWith(".") && name !== ".lock");
        expect(left, point).toEqual([]); // removed with the lock
      },
      { dir: join(copies, point) },
    );
  }
});

/** As another process would find it: without the lock of this one. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyTree(join(from, entry.name), join(to, entry.name));
    else if (entry.name !== ".lock") copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}

describe("damage", () => {
  const FILES = ["model.safetensors", "optimizer.safetensors", "run.json", "manifest.json"];
  const DAMAGES: { what: string; damage: (path: string) => void }[] = [
    { what: "a flipped bit at the beginning", damage: (path) => flip(path, 0) },
    { what: "a flipped bit in the middle", damage: (path) => flip(path, 0.5) },
    { what: "a flipped bit at the end", damage: (path) => flip(path, 0.97) },
    { what: "cut off", damage: (path) => truncateSync(path, readFileSync(path).byteLength >> 1) },
    { what: "empty", damage: (path) => writeFileSync(path, "") },
    { what: "longer", damage: (path) => writeFileSync(path, "x", { flag: "a" }) },
    { what: "missing", damage: (path) => rmSync(path) },
  ];
  const rows = FILES.flatMap((file) => DAMAGES.map((row) => ({ file, ...row })));

  test.each(rows)("$file, $what: named, skipped, and nothing is written", async ({ file, damage }) => {
    await withManager((manager) => save(manager, 1, 2));
    damage(join(dir, "2", file));
    await withManager(async (manager, warnings) => {
      expect(valueOf(await manager.loadLast())).toBe(1);
      expect(warnings).toContainEqual(expect.stringContaining(`2/${file}: `));
      const reported = warnings.length;
      await manager.loadLast();
      expect(warnings).toHaveLength(reported); // once
      const problems = await manager.verify();
      expect(problems.every(({ checkpoint }) => checkpoint === "2")).toBe(true);
      expect(problems.map((problem) => problem.file)).toContain(file);
      expect(await manager.verify("2")).toEqual(problems);
      expect(await manager.verify("1")).toEqual([]);
      await expect(manager.load("2")).rejects.toMatchObject({
        code: "ERR_CHECKPOINT_DAMAGED",
        message: expect.stringContaining(`2/${file}`),
      });
    });
    expect(visible()).toEqual(["1", "2"]);
    expect(await verifyDirectory(dir)).not.toEqual([]);
  });

  test("every problem of every checkpoint is listed", async () => {
    await withManager((manager) => save(manager, 1, 2));
    rmSync(join(dir, "1", "run.json"));
    flip(join(dir, "1", "model.safetensors"), 0);
    truncateSync(join(dir, "2", "optimizer.safetensors"), 10);
    const problems = (await verifyDirectory(dir)).map(({ checkpoint, file, problem }) => `${checkpoint}/${file}: ${problem}`);
    expect(problems).toEqual([
      expect.stringMatching(/^1\/model.safetensors: its SHA-256 is \w+, its manifest says \w+$/),
      expect.stringMatching(/^1\/model.safetensors: /), // the header that the flipped bit made unreadable
      "1/run.json: it is missing",
      expect.stringMatching(/^2\/optimizer.safetensors: it has 10 bytes, its manifest says \d+$/),
    ]);
    await withManager(async (manager) => {
      await expect(manager.loadLast()).rejects.toMatchObject({
        code: "ERR_CHECKPOINT_DAMAGED",
        message: expect.stringMatching(
          /2 checkpoints are damaged(.|\n)*1\/run\.json(.|\n)*2\/optimizer|2\/optimizer(.|\n)*1\/run\.json/,
        ),
      });
      await save(manager, 3); // and the next save is fine
      expect(valueOf(await manager.loadLast())).toBe(3);
    });
  });

  test("a damaged best is skipped for the next best", async () => {
    await withManager(
      async (manager) => {
        for (const step of [1, 2, 3]) {
          await manager.save(bundle(step), { epoch: 0, step, metrics: { "val/loss": step } }).committed;
        }
        flip(join(dir, "1", "run.json"), 0.5);
        expect(valueOf(await manager.loadBest())).toBe(2);
      },
      { saveTopK: 3 },
    );
  });

  test("a manifest of a newer version is skipped with a warning, and never deleted", async () => {
    await withManager((manager) => save(manager, 1));
    mkdirSync(join(dir, "9"));
    writeFileSync(join(dir, "9", "manifest.json"), JSON.stringify({ format: "trainscope.checkpoint", version: 7 }));
    await withManager(async (manager, warnings) => {
      expect(valueOf(await manager.loadLast())).toBe(1);
      expect(warnings).toEqual([expect.stringMatching(/9\/manifest\.json: it is of version 7.*newer/)]);
      await save(manager, 2, 3, 4);
      await manager.flush();
    });
    expect(visible()).toEqual(["3", "4", "9"]);
    expect(await verifyDirectory(dir)).toMatchObject([{ checkpoint: "9", file: "manifest.json" }]);
  });

  test("compressed bytes are verified as they are stored", async () => {
    await withManager((manager) => save(manager, 1, 2), { compress: "gzip" });
    flip(join(dir, "2", "model.safetensors.gz"), 0.5);
    await withManager(async (manager, warnings) => {
      expect(valueOf(await manager.loadLast())).toBe(1);
      expect(warnings[0]).toContain("2/model.safetensors.gz: its SHA-256 is");
    });
  });

  test("a checkpoint under another's name is known by its contents", async () => {
    await withManager((manager) => save(manager, 1, 2));
    renameSync(join(dir, "1"), join(dir, "renamed"));
    await withManager(async (manager) => {
      expect((await manager.list()).map(({ name }) => name)).toEqual(["renamed", "2"]);
      expect(valueOf(await manager.load("renamed"))).toBe(1);
    });
  });

  function flip(path: string, where: number): void {
    const bytes = readFileSync(path);
    const at = Math.floor(where * bytes.byteLength);
    bytes[at]! ^= 4;
    writeFileSync(path, bytes);
  }
});
