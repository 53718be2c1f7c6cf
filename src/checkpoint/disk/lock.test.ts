import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointManager } from "../checkpoint-manager.js";
import { startThread } from "../../support/worker-thread.js";
import { nodeFiles } from "./files.js";
import { savingName } from "./leftovers.js";
import { DirectoryLock, type LockOptions, type LockParts } from "./lock.js";
import { lockText } from "./lock-owner.js";
import { localWriter, type Writer } from "../../../tests/support/checkpoint-doubles.js";
import { bundle, temporary, valueOf } from "../../../tests/support/checkpoint-state.js";

let dir = "";
let remove = (): void => undefined;
beforeEach(() => ({ dir, remove } = temporary()));
afterEach(() => remove());

const path = (): string => join(dir, ".lock");
const RUN = { runId: "11111111-1111-4111-8111-111111111111", runName: "digits" };

/** Leaves a lock as another process would. */
function locked(owner: object | string): void {
  mkdirSync(dir, { recursive: true });
  const text =
    typeof owner === "string"
      ? owner
      : JSON.stringify({ beat: "000000000000", lockedAt: "2026-01-01T00:00:00.000Z", token: "x", ...owner });
  writeFileSync(path(), text);
}

/** A clock that only sleeps move. `onSleep` gets the number of the sleep. */
function clock(onSleep: (count: number) => void = () => {}): Partial<LockParts> {
  let nowMs = 0;
  let count = 0;
  return {
    now: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      onSleep(++count);
      return Promise.resolve();
    },
  };
}

const lockOf = (parts: Partial<LockParts> = clock(), more: LockOptions = {}): DirectoryLock =>
  new DirectoryLock(dir, { parts, ...more });

/** This process as the system knows it, with another token. */
const here = (): Record<string, unknown> => JSON.parse(lockText("other", RUN)) as Record<string, unknown>;

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

/** Takes the lock of a directory, and lives until its input ends. */
const CHILD = `
  import { register } from "tsx/esm/api";
  register();
  const { DirectoryLock } = await import(${JSON.stringify(new URL("./lock.ts", import.meta.url).href)});
  await new DirectoryLock(process.argv[1]).acquire();
  process.stdin.resume();
  console.log("locked");
`;

function startChild(): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "-e", CHILD, dir], { stdio: ["pipe", "pipe", "pipe"] });
}

async function refused(lock: DirectoryLock): Promise<void> {
  await expect(lock.acquire()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED", path: dir });
}

describe("a lock", () => {
  test("is for one, may be taken again by its owner, and is released", async () => {
    const first = lockOf();
    const second = lockOf();
    await first.acquire();
    await first.acquire();
    expect(first.held).toBe(true);
    await refused(second);
    expect(second.held).toBe(false);
    second.release(); // not its own
    await refused(second);
    first.release();
    await second.acquire();
    second.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test("says who has it, and which run", async () => {
    const owner = lockOf(clock(), { run: RUN });
    await owner.acquire();
    await expect(lockOf().acquire()).rejects.toThrow(
      `another checkpoint manager of this process, process ${process.pid} on host ${hostname()}, run "digits" (${RUN.runId})`,
    );
    await expect(lockOf(clock(), { kind: "run" }).acquire()).rejects.toMatchObject({
      code: "ERR_RUN_LOCKED",
      message: expect.stringMatching(/another trainer of this process(.|\n)*choose another runName/) as unknown,
    });
    owner.release();
  });

  test("of a killed process is taken over at once", async () => {
    const child = startChild();
    await once(child.stdout as NodeJS.ReadableStream, "data");
    await expect(new DirectoryLock(dir).acquire()).rejects.toThrow(`process ${child.pid} on host ${hostname()}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    let sleeps = 0;
    const lock = lockOf(clock(() => sleeps++));
    await lock.acquire();
    expect(sleeps).toBe(0);
    lock.release();
  });

  test.each([
    { what: "a process that does not exist", owner: () => ({ ...here(), pid: deadPid() }), waits: 0 },
    { what: "a pid that another process has now", owner: () => ({ ...here(), processStart: "then" }), waits: 0 },
    { what: "another host", owner: () => ({ ...here(), host: "elsewhere", machine: "another" }), waits: 60_000 },
    // Two containers: the host name and the pid are ours, and so is no process.
    {
      what: "another pid namespace with our host name and pid",
      owner: () => ({ ...here(), machine: "boot/pid:[1]" }),
      waits: 60_000,
    },
    {
      what: "another boot, with a pid that is dead here",
      owner: () => ({ ...here(), machine: "b/n", pid: deadPid() }),
      waits: 60_000,
    },
    { what: "an earlier version, without a machine", owner: () => ({ pid: deadPid(), host: hostname() }), waits: 60_000 },
    { what: "a thread of this process that was terminated", owner: here, waits: 60_000 },
    { what: "no owner", owner: () => "", waits: 60_000 },
    { what: "something that is no lock", owner: () => "hello", waits: 60_000 },
    { what: "a list", owner: () => "[1]", waits: 60_000 },
    {
      what: "keys of wrong types",
      owner: () => ({ ...here(), machine: 5, lockedAt: {}, run: "x", host: "\u001b[2J" }),
      waits: 60_000,
    },
  ])("of $what, and silent: taken over after $waits ms", async ({ owner, waits }) => {
    locked(owner());
    let waited = 0;
    const lock = lockOf(clock(() => (waited += 250)));
    await lock.acquire();
    expect(waited).toBe(waits);
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({ pid: process.pid, host: hostname(), token: lock.token });
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    { sign: "a beat", write: () => locked({ ...here(), machine: "another", beat: "000000000007" }) },
    { sign: "a touch, as of an earlier version", write: () => utimesSync(path(), 1, 1) },
    { sign: "another owner", write: () => locked({ ...here(), machine: "another", token: "y" }) },
  ])("that shows $sign while it is watched has a living owner, whatever the clocks say", async ({ write }) => {
    locked({ ...here(), machine: "another", lockedAt: "1999-01-01T00:00:00.000Z" });
    utimesSync(path(), 0, 0); // as by a clock that is decades behind
    const lock = lockOf(clock((count) => (count === 200 ? write() : undefined)));
    await expect(lock.acquire()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
  });

  test("that is released while it is waited for is taken", async () => {
    locked({ ...here(), machine: "another" });
    const lock = lockOf(clock((count) => (count === 3 ? rmSync(path()) : undefined)));
    await lock.acquire();
    expect(readFileSync(path(), "utf8")).toContain(lock.token);
    lock.release();
  });

  test("without a sign of life: the wait is announced once", async () => {
    locked({ ...here(), machine: "another", host: "elsewhere" });
    const said: string[] = [];
    const lock = lockOf(clock(), { onWait: (message) => said.push(message) });
    await lock.acquire();
    expect(said).toEqual([expect.stringMatching(/process \d+ on host elsewhere.*taken over when that lasts for 60 s/)]);
    lock.release();
  });

  test("is waited for no longer once nobody wants it", async () => {
    locked({ ...here(), machine: "another" });
    const abandoned = lockOf(
      clock((count) => (isWanted = count < 3)),
      { isAbandoned: () => !isWanted },
    );
    let isWanted = true;
    await refused(abandoned);
    const manager = new CheckpointManager({ dir }, { writer: localWriter(), lockParts: { pollMs: 1 } });
    const locking = manager.lock();
    await manager.close();
    await expect(locking).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
  });

  test("beats while it is held", async () => {
    const lock = lockOf({ beatMs: 5 });
    await lock.acquire();
    const beat = (): number => Number((JSON.parse(readFileSync(path(), "utf8")) as { beat: string }).beat);
    await expect.poll(beat, { interval: 5 }).toBeGreaterThan(2);
    lock.release();
  });

  test("that another process had, and released while this one was making it, is taken", async () => {
    let links = 0;
    const link = (from: string, to: string): void => {
      if (++links > 1) return linkSync(from, to);
      throw Object.assign(new Error("EEXIST"), { code: "EEXIST", syscall: "link" });
    };
    const lock = lockOf({ ...clock(), link });
    await lock.acquire();
    expect([links, lock.held]).toEqual([2, true]);
    lock.release();
  });

  test("on a file system without hard links is made all the same", async () => {
    for (const code of ["EPERM", "ENOTSUP", "EMLINK"]) {
      const link = (): never => {
        throw Object.assign(new Error(code), { code, syscall: "link" });
      };
      const first = lockOf({ ...clock(), link });
      await first.acquire();
      await refused(lockOf({ ...clock(), link }));
      first.release();
      locked({ ...here(), pid: deadPid() });
      await first.acquire();
      first.release();
      expect(readdirSync(dir)).toEqual([]);
    }
  });
});

test.skipIf(process.platform === "win32").each([
  { what: "a directory", make: () => mkdirSync(path()) },
  { what: "a pipe", make: () => spawnSync("mkfifo", [path()]) },
  { what: "a link to nothing", make: () => symlinkSync(join(dir, "nothing"), path()) },
])("$what in the place of a lock is left alone, and is an error", async ({ make }) => {
  mkdirSync(dir, { recursive: true });
  make();
  const lock = lockOf();
  await expect(lock.acquire()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_SAVE", path: path() });
  expect(readdirSync(dir)).toEqual([".lock"]);
});

describe("a lock that its owner has lost", () => {
  const taken = (): void => locked({ ...here(), machine: "another", host: "elsewhere" });

  test.each([
    { how: "another process has it", lose: taken, says: "on host elsewhere" },
    { how: "another process had it and has ended", lose: () => rmSync(path()), says: "is gone" },
    { how: "it was overwritten", lose: () => locked("{}"), says: "is writing the lock" },
  ])("$how: it is refused from then on", async ({ lose, says }) => {
    const lock = lockOf();
    await lock.acquire();
    lose();
    for (let times = 0; times < 2; times++) {
      await expect(lock.acquire()).rejects.toThrow(says);
      rmSync(path(), { force: true });
    }
    expect(() => lock.check()).toThrow("was lost");
    taken();
    lock.release();
    expect(existsSync(path())).toBe(true); // not its own
  });

  test("a cheap check looks only when the last sign of life is old", async () => {
    let nowMs = 0;
    const lock = lockOf({ now: () => nowMs });
    await lock.acquire();
    taken();
    lock.check();
    nowMs = 300_000; // the process was stopped
    expect(() => lock.check()).toThrow(/ERR_CHECKPOINT_LOCKED(.|\n)*was lost/);
    lock.release();
  });

  test("a beat notices it, and does not write into the lock of another", async () => {
    const lock = lockOf({ beatMs: 5 });
    await lock.acquire();
    taken();
    const text = readFileSync(path(), "utf8");
    await expect.poll(() => isLost(lock), { interval: 5 }).toBe(true);
    expect(readFileSync(path(), "utf8")).toBe(text);
    lock.release();
  });

  function isLost(lock: DirectoryLock): boolean {
    try {
      lock.check();
      return false;
    } catch {
      return true;
    }
  }

  test("a directory that was deleted is made again with its lock; one that another process made is not taken", async () => {
    const lock = lockOf();
    await lock.acquire();
    rmSync(dir, { recursive: true });
    await lock.acquire();
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({ token: lock.token });
    renameSync(dir, `${dir}-away`);
    taken();
    await expect(lock.acquire()).rejects.toThrow("on host elsewhere");
    lock.release();
  });
});

test("a process that is killed while it takes a lock leaves none behind, and what it left beside is removed", async () => {
  mkdirSync(dir, { recursive: true });
  const dead = JSON.stringify({ ...here(), pid: deadPid() });
  writeFileSync(join(dir, ".lock-00000000-0000-4000-8000-000000000000"), dead);
  writeFileSync(join(dir, ".lock-claim-0123456789abcdef"), dead);
  writeFileSync(join(dir, ".lock-mine"), "notes");
  const lock = lockOf();
  await lock.acquire();
  expect(readdirSync(dir).sort()).toEqual([".lock", ".lock-mine"]);
  lock.release();
});

test("a thread that is terminated leaves its lock for no longer than the limit", async () => {
  const program = `
    import { register } from "tsx/esm/api";
    register();
    const { DirectoryLock } = await import(${JSON.stringify(new URL("./lock.ts", import.meta.url).href)});
    const { parentPort, workerData } = await import("node:worker_threads");
    await new DirectoryLock(workerData.dir, { parts: { beatMs: 20 } }).acquire();
    parentPort.on("message", () => {}); // keeps it alive
    parentPort.postMessage("locked");
  `;
  const url = new URL(
    `data:text/javascript,${encodeURIComponent(program.replaceAll('"tsx/esm/api"', JSON.stringify(import.meta.resolve("tsx/esm/api"))))}`,
  );
  const worker = startThread(url, { name: "locker", workerData: { dir } });
  await once(worker, "message");
  await refused(lockOf({ pollMs: 10, silentMs: 20_000 })); // it beats
  await worker.terminate();
  const lock = lockOf({ pollMs: 10, silentMs: 200 });
  await lock.acquire();
  expect(readFileSync(path(), "utf8")).toContain(lock.token);
  lock.release();
});

test.each([
  { before: "no lock", prepare: () => {} },
  { before: "the lock of a dead process", prepare: () => locked({ ...here(), pid: deadPid() }) },
])("many processes that want a lock at once, with $before: one has it", async ({ prepare }) => {
  prepare();
  const children = Array.from({ length: 6 }, startChild);
  const outcomes = children.map(async (child) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    let wrong = "";
    child.stderr?.on("data", (chunk: Buffer) => (wrong += chunk.toString()));
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), once(child, "close")]);
    return said.includes("locked") ? "locked" : wrong;
  });
  const settled = await Promise.all(outcomes);
  for (const child of children) child.stdin?.end();
  expect(settled.filter((outcome) => outcome === "locked")).toHaveLength(1);
  for (const other of settled.filter((outcome) => outcome !== "locked")) expect(other).toContain("is locked by process");
});

describe("two managers on one directory", () => {
  const managed = (lockParts?: Partial<LockParts>): CheckpointManager =>
    new CheckpointManager({ dir }, { writer: localWriter(), lockParts });

  test("the second may read, and is refused when it saves", async () => {
    await using first = managed();
    await using second = managed();
    await first.save(bundle(1), { epoch: 0, step: 1 }).committed;
    expect(valueOf(await second.loadLast())).toBe(1);
    const ticket = second.save(bundle(2), { epoch: 0, step: 2 });
    await ticket.captured;
    await expect(ticket.committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_LOCKED",
      message: expect.stringContaining(`process ${process.pid}`) as unknown,
    });
    await expect(second.lock()).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
    await first.close();
    await second.save(bundle(3), { epoch: 0, step: 3 }).committed;
    expect(valueOf(await second.loadLast())).toBe(3);
  });

  test("what a dead one left is removed with the lock, and by no reader", async () => {
    locked({ ...here(), machine: "another" });
    const left = [".saving-a-1", ".saving-b-01234567-89abcdef", ".deleting-b-1", ".saving-mine"];
    for (const name of left) mkdirSync(join(dir, name));
    writeFileSync(join(dir, ".deleting-b-1", "model.safetensors"), "");
    await managed().list();
    expect(readdirSync(dir).sort()).toEqual([...left, ".lock"].sort());
    await using manager = managed(clock());
    await manager.lock();
    expect(readdirSync(dir).sort()).toEqual([".lock", ".saving-mine"]);
  });

  test("a lock that is lost while the manager lives is noticed by the next save", async () => {
    await using manager = managed();
    await manager.save(bundle(1), { epoch: 0, step: 1 }).committed;
    locked({ ...here(), machine: "another" });
    await expect(manager.save(bundle(2), { epoch: 0, step: 2 }).committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_LOCKED",
    });
    await expect(manager.remove("epoch-0-step-1")).rejects.toMatchObject({ code: "ERR_CHECKPOINT_LOCKED" });
  });

  test("a lock that is lost while a checkpoint is written: nothing is renamed or deleted", async () => {
    const writer = localWriter(undefined, (point) => {
      if (point === "before-rename" && readdirSync(dir).includes("epoch-0-step-1")) locked({ ...here(), machine: "another" });
    });
    await using manager = new CheckpointManager({ dir, maxCheckpoints: 1, saveTopK: 0 }, { writer });
    await manager.save(bundle(1), { epoch: 0, step: 1 }).committed;
    await expect(manager.save(bundle(2), { epoch: 0, step: 2 }).committed).rejects.toMatchObject({
      code: "ERR_CHECKPOINT_SAVE",
      message: expect.stringContaining("has lost the lock") as unknown,
    });
    expect(readdirSync(dir).sort()).toEqual([".lock", "epoch-0-step-1"]);
  });

  test("a lock that is lost while a thread dies in a save: what its new owner writes stays", async () => {
    const ofOther = ".saving-b-01234567-89abcdef";
    const write: Writer["write"] = (plan) => {
      for (const name of [savingName(plan.head.name, plan.tag), ofOther]) mkdirSync(join(dir, name));
      locked({ ...here(), machine: "another" });
      const cause = { message: "the thread died", code: undefined, stack: undefined };
      return Promise.resolve({ problem: { operation: "write", path: dir, cause }, warnings: [] });
    };
    await using manager = new CheckpointManager({ dir }, { writer: { write, close: () => Promise.resolve() } });
    await expect(manager.save(bundle(1), { epoch: 0, step: 1 }).committed).rejects.toThrow("the thread died");
    await manager.flush();
    expect(readdirSync(dir).sort()).toEqual([".lock", ofOther]);
  });

  test("a save that begins while the lock is taken is not one of the leftovers that go with it", async () => {
    let isOpen = false;
    let openGate = (): void => {};
    const gate = new Promise<void>((resolve) => (openGate = resolve));
    const slow = async (path: string): Promise<void> => {
      await gate;
      isOpen = true;
      await nodeFiles.syncDirectory(path);
    };
    const points: boolean[] = [];
    const writer = localWriter(undefined, (point) => point === "begin" && points.push(isOpen));
    const files = { ...nodeFiles, syncDirectory: slow };
    await using manager = new CheckpointManager({ dir }, { writer, files });
    const locking = manager.lock();
    await expect.poll(() => existsSync(path()), { interval: 1 }).toBe(true);
    const { committed } = manager.save(bundle(1), { epoch: 0, step: 1 });
    const removing = manager.remove("epoch-0-step-9");
    setTimeout(openGate, 20);
    await Promise.all([locking, committed, expect(removing).rejects.toMatchObject({ code: "ERR_CHECKPOINT_MISSING" })]);
    expect(points).toEqual([true]);
  });
});
