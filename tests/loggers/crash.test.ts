import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ended, spawnChild } from "./children.js";

/** `npm run torture` sets more. A pace has a sixth of them: each may run for two seconds. */
const KILLS = Number(process.env["TRAINSCOPE_KILLS"] ?? 18);

let root = "";
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), "trainscope-crash-"))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Line {
  run?: string;
  count: number;
}

/** Every line of a log, whole ones parsed; `torn` counts those that are not JSON. */
function readLog(dir: string): { lines: Line[]; torn: number } {
  const text = readdirSync(dir)
    .sort()
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .join("");
  const lines: Line[] = [];
  let torn = text.endsWith("\n") || text === "" ? 0 : 1;
  for (const line of text.split("\n").slice(0, -1)) {
    try {
      lines.push(JSON.parse(line) as Line);
    } catch {
      torn++;
    }
  }
  return { lines, torn };
}

/** The lines that the child had logged by `timeMs`. */
function loggedBy(ackFile: string, timeMs: number): number {
  const acks = readFileSync(ackFile, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" ").map(Number));
  return acks.findLast(([, at]) => (at as number) <= timeMs)?.[0] ?? 0;
}

async function killAtRandom(dir: string, pace: string, attempt: string): Promise<{ ackFile: string; killedAt: number }> {
  const ackFile = join(root, `${pace}-${attempt}.acks`);
  const fd = openSync(ackFile, "w");
  const child = spawnChild("log-writer", [dir, pace, attempt], ["ignore", fd, "inherit"]);
  closeSync(fd);
  while (statSync(ackFile).size === 0 && child.exitCode === null) await setTimeout(20);
  await setTimeout(Math.random() * 1800);
  const killedAt = Date.now();
  child.kill("SIGKILL");
  expect(await ended(child)).toEqual({ code: null, signal: "SIGKILL" });
  return { ackFile, killedAt };
}

describe("kill -9 at random moments", () => {
  test.each([
    { pace: "never turns", lossMs: 1000 },
    { pace: "turns", lossMs: 1000 },
    { pace: "slow", lossMs: 0 }, // lines are few: each is on disk when its call returns
  ])(
    "a writer that $pace: every line whole, none older than $lossMs ms lost",
    { timeout: 120_000 + KILLS * 3000 },
    async ({ pace, lossMs }) => {
      const dir = join(root, pace);
      for (let attempt = 0; attempt < KILLS / 6; attempt++) {
        const { ackFile, killedAt } = await killAtRandom(dir, pace, String(attempt));
        const { lines, torn } = readLog(dir);
        const counts = lines.filter((line) => line.run === String(attempt)).map((line) => line.count);
        expect(torn).toBe(0);
        expect(counts).toEqual(counts.map((_, i) => i));
        expect(counts.length).toBeGreaterThanOrEqual(loggedBy(ackFile, killedAt - lossMs));
        expect(loggedBy(ackFile, killedAt)).toBeGreaterThan(0);
      }
    },
  );
});

test("a process that forgets to close ends by itself and loses nothing", async () => {
  const dir = join(root, "unclosed");
  expect(await ended(spawnChild("unclosed", [dir], "inherit"))).toEqual({ code: 0, signal: null });
  expect(readLog(dir).lines.map((line) => line.count)).toEqual(Array.from({ length: 1500 }, (_, i) => i));
});

test("a reader of the console that leaves does not end the run", async () => {
  const child = spawnChild("console-writer", [], ["ignore", "pipe", "pipe"]);
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdout?.once("data", () => child.stdout?.destroy());
  expect(await ended(child)).toEqual({ code: 0, signal: null });
  const { reports, listeners, after } = JSON.parse(output) as { reports: unknown; listeners: number; after: number };
  expect(reports).toMatchObject([{ backend: "console", error: expect.stringContaining("EPIPE") as string }]);
  expect(listeners - after).toBe(1);
});
