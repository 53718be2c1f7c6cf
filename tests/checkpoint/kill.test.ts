/**
 * kill -9 of a process that saves checkpoints, at random moments and at each named point of the commit protocol. Each
 * process first loads what the one before left, and compares it bit by bit.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMIT_POINTS } from "../support/commit-points.js";
import { Program, type Line } from "./children.js";
import type { SaverOptions } from "./programs/saver-loop.js";

/** Over all variants; `npm run torture` sets more. */
const KILLS = Number(process.env["TRAINSCOPE_KILLS"] ?? 18);

let root = "";
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), "trainscope-kill-"))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What a user may have put beside checkpoints: none of it is a checkpoint, whatever it looks like. */
const FOREIGN: Readonly<Record<string, string>> = {
  "notes.txt": "learning rate too high",
  "epoch-0-step-99999/weights.bin": "of another program",
  "exported/manifest.json": '{"name":"another tool"}',
  ".saving-mine/model.safetensors": "hidden",
};

function withForeignFiles(name: string): string {
  const dir = join(root, name);
  for (const [file, text] of Object.entries(FOREIGN)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  return dir;
}

function expectForeignFiles(dir: string): void {
  const found = Object.keys(FOREIGN).map((file) => [file, readFileSync(join(dir, file), "utf8")]);
  expect(Object.fromEntries(found)).toEqual(FOREIGN);
}

/** What the processes so far did. */
interface Ledger {
  /** The last step whose `committed` resolved in one of them. */
  committed: number;
  loads: number;
}

/** One more process: it loaded what was committed before, bit by bit, and left nothing else behind. */
function expectNothingLost(ledger: Ledger, lines: readonly Line[]): void {
  for (const line of lines) {
    if (line.say === "best") expect(line).toMatchObject({ exact: true });
    if (line.say === "loaded") {
      ledger.loads++;
      expect(line).toMatchObject({ exact: true });
      expect(line["step"]).toBeGreaterThanOrEqual(ledger.committed);
    }
    if (line.say === "first") expectTidy(line["entries"] as string[]);
    if (line.say === "committed") ledger.committed = Math.max(ledger.committed, line["step"] as number);
  }
  expect(lines.filter(({ say }) => say === "warning")).toEqual([]);
}

/** Leftovers of dead processes are gone, and no more is kept than the two newest and the best. */
function expectTidy(entries: readonly string[]): void {
  expect(entries.filter((entry) => /^\.(saving|deleting)-/.test(entry) && entry !== ".saving-mine")).toEqual([]);
  const checkpoints = entries.filter((entry) => entry.startsWith("epoch-") && !entry.endsWith("-99999"));
  expect(checkpoints.length).toBeLessThanOrEqual(3);
}

function start(dir: string, options: SaverOptions): Program {
  return new Program(options.killAt === undefined ? "saver.ts" : "point-saver.ts", [dir, JSON.stringify(options)]);
}

/** A process that is left alone: it ends by itself, and everything is tidy. */
async function expectGoodEnd(dir: string, options: Omit<SaverOptions, "steps">, ledger: Ledger): Promise<void> {
  const program = start(dir, { ...options, steps: 3 });
  expect(await program.ended(), program.stderr).toEqual({ code: 0, signal: null });
  expectNothingLost(ledger, program.lines);
  const [closed] = program.all("closed");
  expectTidy(closed?.["entries"] as string[]);
  expectForeignFiles(dir);
}

const VARIANTS: readonly { name: string; options: Omit<SaverOptions, "steps"> }[] = [
  { name: "in the background", options: { kilobytes: 2000 } },
  { name: "in the background, gzip", options: { kilobytes: 400, compress: "gzip" } },
  { name: "blocking", options: { kilobytes: 2000, async: false } },
];

describe("kill -9 at random moments", () => {
  test.each(VARIANTS)(
    "saving $name: nothing committed is lost",
    { timeout: 120_000 + KILLS * 3000 },
    async ({ name, options }) => {
      const dir = withForeignFiles(name);
      const ledger: Ledger = { committed: 0, loads: 0 };
      for (let i = 0; i < KILLS / VARIANTS.length; i++) {
        const program = start(dir, { ...options, steps: 100_000 });
        await program.says(i % 2 === 0 ? "committed" : "starting"); // on a busy machine, half a second may be less than a start
        await sleep(Math.random() * 500);
        await program.kill();
        expect(await program.ended(), program.stderr).toEqual({ code: null, signal: "SIGKILL" });
        expectNothingLost(ledger, program.lines);
      }
      await expectGoodEnd(dir, options, ledger);
      expect(ledger.loads).toBeGreaterThan(KILLS / VARIANTS.length / 4);
      expect(ledger.committed).toBeGreaterThan(KILLS / VARIANTS.length / 4);
    },
  );
});

describe("kill -9 at a point of the commit protocol", () => {
  test("before the rename the save before is the last, after it the new one is", { timeout: 300_000 }, async () => {
    const dir = withForeignFiles("points");
    const options: SaverOptions = { kilobytes: 9000, steps: 5 };
    const ledger: Ledger = { committed: 0, loads: 0 };
    const committedFrom = COMMIT_POINTS.indexOf("after-rename");
    await expectGoodEnd(dir, options, ledger);
    let expected = ledger.committed;
    for (const [index, killAt] of COMMIT_POINTS.entries()) {
      const program = start(dir, { ...options, killAt });
      expect(await program.ended(), `${killAt} ${program.stderr}`).toEqual({ code: null, signal: "SIGKILL" });
      expectNothingLost(ledger, program.lines);
      expect(program.all("loaded"), `after the kill before ${killAt}`).toMatchObject([{ step: expected, exact: true }]);
      const first = program.all("committed").at(0)?.["step"] as number;
      expect(first).toBe(expected + 1);
      expected = index < committedFrom ? first : first + 1;
    }
    const last = start(dir, { ...options, steps: 0 });
    expect(await last.ended(), last.stderr).toEqual({ code: 0, signal: null });
    expect(last.all("loaded")).toMatchObject([{ step: expected, exact: true }]);
    await expectGoodEnd(dir, options, ledger);
  });
});
