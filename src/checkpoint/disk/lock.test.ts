import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointManager } from "../checkpoint-manager.js";
import { DirectoryLock } from "./lock.js";
import { localWriter } from "../../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf } from "../../../tests/support/checkpoint-state.js";

let dir = "";
let remove = (): void => undefined;
beforeEach(() => ({ dir, remove } = temporary()));
afterEach(() => remove());

const path = (): string => join(dir, ".lock");

/** Leaves a lock as another process would. */
function locked(owner: object | string): void {
  mkdirSync(dir, { recursive: true });
  const text = typeof owner === "string" ? owner : JSON.stringify({ lockedAt: "2026-01-01T00:00:00.000Z", token: "x", ...owner });
  writeFileSync(path(), text);
}

function older(ms: number): void {
  const then = new Date(Date.now() - ms);
  utimesSync(path(), then, then);
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

/** Takes the lock of a directory, and lives until its input ends. */
const CHILD = `
  import { register } from "tsx/esm/api";
  register();
  const { DirectoryLock } = await import(${JSON.stringify(new URL("./lock.ts", import.meta.url).href)});
  new DirectoryLock(process.argv[1]).acquire();
  process.stdin.resume();
  console.log("locked");
`;

function refused(lock: DirectoryLock): void {
  expect(() => lock.acquire()).toThrow(expect.objectContaining({ code: "ERR_CHECKPOINT_LOCKED", path: dir }));
}

describe("a lock", () => {
  test("is for one, may be taken again by its owner, and is released", () => {
    const first = new DirectoryLock(dir);
    const second = new DirectoryLock(dir);
    first.acquire();
    first.acquire();
    expect(first.held).toBe(true);
    refused(second);
    expect(second.held).toBe(false);
    second.release(); // not its own
    refused(second);
    first.release();
    second.acquire();
    second.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test("says who has it", () => {
    locked({ pid: 1, host: "elsewhere" });
    expect(() => new DirectoryLock(dir).acquire()).toThrow(
      /process 1 on host elsewhere, since 2026-01-01(.|\n)*another directory for this run/,
    );
    const owner = new DirectoryLock(join(dir, "sub"));
    owner.acquire();
    const message = `another checkpoint manager of this process (pid ${process.pid}`;
    expect(() => new DirectoryLock(join(dir, "sub")).acquire()).toThrow(message);
    owner.release();
  });

  test("of a living process is respected, however long it was silent, and not of a dead one", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", CHILD, dir], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    older(3_600_000);
    expect(() => new DirectoryLock(dir).acquire()).toThrow(`process ${child.pid} on host ${hostname()}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = new DirectoryLock(dir);
    lock.acquire();
    lock.release();
  });

  test.each([
    { what: "a process that does not exist", owner: () => ({ pid: deadPid(), host: hostname() }), age: 0, takenOver: true },
    {
      what: "a pid that another process has now",
      owner: () => ({ pid: process.pid, host: hostname(), processStart: "then" }),
      age: 0,
      takenOver: true,
    },
    { what: "another host that is silent", owner: () => ({ pid: 1, host: "elsewhere" }), age: 120_000, takenOver: true },
    { what: "another host", owner: () => ({ pid: 1, host: "elsewhere" }), age: 1000, takenOver: false },
    { what: "no owner, for long", owner: () => "", age: 60_000, takenOver: true },
    { what: "no owner, just now: it is being written", owner: () => "", age: 0, takenOver: false },
    { what: "something that is no lock", owner: () => "hello", age: 60_000, takenOver: true },
  ])("of $what: taken over $takenOver", ({ owner, age, takenOver }) => {
    locked(owner());
    older(age);
    const lock = new DirectoryLock(dir);
    if (!takenOver) return refused(lock);
    lock.acquire();
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });
});

test("a process that is killed while it takes a lock leaves none behind, and what it left beside is removed", () => {
  const beside = join(dir, ".lock-00000000-0000-4000-8000-000000000000");
  mkdirSync(dir, { recursive: true });
  writeFileSync(beside, JSON.stringify({ pid: deadPid(), host: hostname(), token: "x", processStart: "then" }));
  writeFileSync(join(dir, ".lock-mine"), "notes");
  const lock = new DirectoryLock(dir);
  lock.acquire();
  expect(readdirSync(dir).sort()).toEqual([".lock", ".lock-mine"]);
  lock.release();
});

test("many processes that want a lock at once: one has it", { timeout: 30_000 }, async () => {
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", CHILD, dir], { stdio: ["pipe", "pipe", "pipe"] }),
  );
  const outcomes = children.map(async (child) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    let wrong = "";
    child.stderr.on("data", (chunk: Buffer) => (wrong += chunk.toString()));
    await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    return said.includes("locked") ? "locked" : wrong;
  });
  const settled = await Promise.all(outcomes);
  for (const child of children) child.stdin.end();
  expect(settled.filter((outcome) => outcome === "locked")).toHaveLength(1);
  for (const other of settled.filter((outcome) => outcome !== "locked")) expect(other).toContain("is locked by process");
});

describe("two managers on one directory", () => {
  const managed = (): CheckpointManager => new CheckpointManager({ dir }, { writer: localWriter() });

  test("the second may read, and is refused when it saves", async () => {
    await using first = managed();
    await using second = managed();
    await first.save(bundle(1), { epoch: 0, step: 1 }).committed;
    expect(valueOf(await second.loadLast())).toBe(1);
    const ticket = second.save(bundle(2), { epoch: 0, step: 2 });
    await ticket.captured;
    await expect(ticket.committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_LOCKED",
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    await expect(second.lock()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    await first.close();
    await second.save(bundle(3), { epoch: 0, step: 3 }).committed;
    expect(valueOf(await second.loadLast())).toBe(3);
  });

  test("what a living one is saving is not removed; what a dead one left is", async () => {
    locked({ pid: 1, host: "elsewhere" });
    mkdirSync(join(dir, ".saving-a-1"));
    mkdirSync(join(dir, ".deleting-b-1"));
    writeFileSync(join(dir, ".deleting-b-1", "model.safetensors"), "");
    mkdirSync(join(dir, ".saving-mine"));
    await managed().list();
    expect(readdirSync(dir).sort()).toEqual([".deleting-b-1", ".lock", ".saving-a-1", ".saving-mine"]);
    older(120_000);
    await managed().list();
    expect(readdirSync(dir).sort()).toEqual([".lock", ".saving-mine"]);
  });

  test("a lock that is lost while the manager lives is noticed by the next save", async () => {
    await using manager = managed();
    await manager.save(bundle(1), { epoch: 0, step: 1 }).committed;
    locked({ pid: 1, host: "elsewhere" });
    await expect(manager.save(bundle(2), { epoch: 0, step: 2 }).committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_LOCKED",
    });
  });
});
