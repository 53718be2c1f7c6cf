/** Runs that were stopped or killed and then resumed, as TensorBoard shows them: with both of its loaders, before and while it runs. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SummaryWriter } from "../../src/loggers/tensorboard/index.js";
import { readEvents, readScalars } from "../support/event-files.js";
import { requirePython } from "../support/peers.js";
import { serve, shown, type Loader } from "./server.js";

const python = requirePython("TensorBoard restarts");
const program = (name: string): string => fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
const root = mkdtempSync(join(tmpdir(), "trainscope-board-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Steps 1 to 80 of the first attempt, 81 to 120 of the second, which logs their negatives. */
const expected = Array.from({ length: 120 }, (_, index) => [index + 1, index < 80 ? index + 1 : -(index + 1)]);

async function resume(dir: string): Promise<void> {
  const writer = new SummaryWriter(dir, { resumeStep: 81 });
  for (let step = 81; step <= 120; step++) writer.addScalar("loss", -step, step);
  await writer.close();
}

function killedInARecord(dir: string): void {
  const { signal, stderr } = spawnSync(process.execPath, ["--import", "tsx", program("killed-in-a-record"), dir]);
  expect(signal, String(stderr)).toBe("SIGKILL");
}

async function stopped(dir: string): Promise<void> {
  const writer = new SummaryWriter(dir);
  for (let step = 1; step <= 100; step++) writer.addScalar("loss", step, step);
  writer.addScalar("val", 1, 90);
  await writer.close();
}

test("a process killed in a loop that never turns has lost less than a second of points", async () => {
  const dir = join(root, "for-ever");
  const child = spawn(process.execPath, ["--import", "tsx", program("logs-for-ever"), dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.split("\n").length > 1500) child.kill("SIGKILL");
  });
  await once(child, "close");
  const logged = Number(printed.trimEnd().split("\n").at(-1));
  await new SummaryWriter(dir, { resumeStep: logged + 1 }).close(); // removes half a record, if there is one
  const steps = readScalars(dir).map(([, step]) => step);
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  expect(steps.length).toBeGreaterThan(logged - 1000);
});

test("a program that ends without a close has lost nothing", () => {
  const dir = join(root, "unclosed");
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", program("ends-without-close"), dir]);
  expect(status, String(stderr)).toBe(0);
  const tags = readEvents(dir).flatMap(({ values, step }) => values.map(({ tag }) => `${tag} ${step}`));
  const steps = Array.from({ length: 10 }, (_, index) => index + 1);
  expect(tags.sort()).toEqual(steps.flatMap((step) => [`loss ${step}`, `weights ${step}`]).sort());
});

describe.skipIf(python === null).each<Loader>(["fast", "python"])("TensorBoard's %s loader", (loader) => {
  const logdir = join(root, loader);
  beforeAll(async () => {
    await stopped(join(logdir, "stopped"));
    await resume(join(logdir, "stopped"));
    killedInARecord(join(logdir, "killed"));
    await resume(join(logdir, "killed"));
    killedInARecord(join(logdir, "live"));
  });

  test("shows each step once, with the resumed values", async () => {
    const board = await serve(python as string, logdir, loader);
    try {
      const slow = { timeout: 90_000, interval: 300 };
      await expect.poll(shown(board, "stopped", "loss"), slow).toEqual(expected);
      await expect.poll(shown(board, "killed", "loss"), slow).toEqual(expected);
      const first = Array.from({ length: 100 }, (_, index) => [index + 1, index + 1]);
      await expect.poll(shown(board, "live", "loss"), slow).toEqual(first);
      await resume(join(logdir, "live"));
      await expect.poll(shown(board, "live", "loss"), slow).toEqual(expected);
      const tags = await board.get<Record<string, object>>("/data/plugin/scalars/tags");
      expect(Object.keys(tags["killed"] ?? {})).toEqual(["loss"]); // val was logged at 90 only
      expect(Object.keys(tags["stopped"] ?? {})).toEqual(["loss"]);
    } finally {
      await board.stop();
    }
  });
});
