/** Several processes that start one run: one trains. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { CheckpointManager } from "../../src/checkpoint/index.js";
import { GenericTrainer, arrayLoader, defineHook, type FitResult } from "../../src/index.js";
import { Follower } from "../support/follower.js";
import { temporaryRuns } from "../support/run.js";

const home = temporaryRuns();
const program = fileURLToPath(new URL("programs/waits.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill("SIGKILL")));

type Line = { say: string } & Readonly<Record<string, unknown>>;

interface Started {
  child: ChildProcess;
  /** Its first line: that it trains, or why not. */
  first: Promise<Line>;
  lines: Line[];
  closed: Promise<unknown>;
}

function start(runsDir: string, resume: string, checkpoints: "yes" | "no"): Started {
  const child = spawn(process.execPath, ["--import", "tsx", program, runsDir, resume, checkpoints], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines: Line[] = [];
  let text = "";
  const first = new Promise<Line>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        lines.push(JSON.parse(text.slice(0, end)) as Line);
        text = text.slice(end + 1);
        const told = lines.find(({ say }) => say === "trains" || say === "refused");
        if (told !== undefined) resolve(told);
      }
    });
    child.once("close", () => reject(new Error("it ended without a word")));
  });
  return { child, first, lines, closed: once(child, "close") };
}

async function finish({ child, lines, closed }: Started): Promise<Line | undefined> {
  child.stdin?.end();
  await closed;
  return lines.at(-1);
}

test.each([
  { checkpoints: "yes", starts: 8 },
  { checkpoints: "no", starts: 4 },
] as const)(
  "$starts starts at once (resume auto, checkpoints: $checkpoints): one trains, and is named to the others",
  { timeout: 120_000 },
  async ({ checkpoints, starts }) => {
    const runsDir = join(home, `at-once-${checkpoints}`);
    const started = Array.from({ length: starts }, () => start(runsDir, "auto", checkpoints));
    const told = await Promise.all(started.map(({ first }) => first));
    const trains = told.filter(({ say }) => say === "trains");
    expect(trains).toHaveLength(1);
    for (const line of told.filter(({ say }) => say === "refused")) {
      expect(line["code"]).toBe("ERR_RUN_LOCKED");
      expect(line["message"]).toContain(`process ${String(trains[0]?.["pid"])} on host`);
      expect(line["message"]).toContain(`run "run" (${String(trains[0]?.["runId"])})`);
    }
    const ends = await Promise.all(started.map(finish));
    expect(ends.filter((line) => line?.say === "end")).toEqual([{ say: "end", status: "stopped" }]);
    expect(existsSync(join(runsDir, "run/.lock"))).toBe(false);
    expect(readdirSync(join(runsDir, "run")).filter((name) => name.startsWith("config"))).toHaveLength(1);
  },
);

test("starts at once with resume never: one makes the run, the others are refused", { timeout: 120_000 }, async () => {
  const runsDir = join(home, "never");
  const started = Array.from({ length: 3 }, () => start(runsDir, "never", "yes"));
  const told = await Promise.all(started.map(({ first }) => first));
  expect(told.map(({ say, code }) => (typeof code === "string" ? code : say)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "ERR_RUN_EXISTS",
    "ERR_RUN_EXISTS",
    "trains",
  ]);
  await Promise.all(started.map(finish));
});

test("a killed run is resumed at once, under the same id", { timeout: 120_000 }, async () => {
  const runsDir = join(home, "killed");
  const first = start(runsDir, "auto", "yes");
  const told = await first.first;
  await expect.poll(() => readdirSync(join(runsDir, "run/checkpoints")), { timeout: 90_000 }).toContain("epoch-0-step-3");
  first.child.kill("SIGKILL");
  await first.closed;
  expect(existsSync(join(runsDir, "run/.lock"))).toBe(true);
  const second = start(runsDir, "auto", "yes");
  expect(await second.first).toMatchObject({ say: "trains", runId: told["runId"], from: 3 });
  await finish(second);
});

describe("a process that was stopped for so long that it lost its run", () => {
  const taken = {
    beat: "000000000009",
    token: "x",
    pid: 7,
    host: "elsewhere",
    machine: "other",
    lockedAt: "2026-01-01T00:00:00.000Z",
    run: null,
  };

  test(
    "fails with a clear error, saves and deletes nothing more, and leaves the summary to the other",
    { timeout: 120_000 },
    async () => {
      const runsDir = join(home, "lost");
      const dir = join(runsDir, "run");
      const trainer = new GenericTrainer<number[]>(
        {
          maxSteps: 1_000_000,
          runName: "run",
          runsDir,
          logging: { loggerType: "none" },
          hooks: { enableModelCheckpointHook: true, modelCheckpointConfig: { monitor: "train/loss" } },
        },
        new Follower(1),
      );
      let lostAt = 0;
      trainer.hookManager.registerHook(
        defineHook("thief", {
          async onTrainBatchEnd({ state }) {
            if (state.step < 10 || lostAt > 0) return;
            lostAt = state.step;
            for (const at of [dir, join(dir, "checkpoints")]) writeFileSync(join(at, ".lock"), JSON.stringify(taken));
            await Promise.resolve();
          },
        }),
      );
      const failure: unknown = await trainer
        .fit({
          train: arrayLoader(
            Array.from({ length: 8 }, (_, i) => i),
            { batchSize: 4 },
          ),
        })
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "ERR_RUN_LOCKED",
        message: expect.stringMatching(/process 7 on host elsewhere has it now(.|\n)*ends without another checkpoint/) as unknown,
      });
      expect((failure as { result: FitResult }).result.status).toBe("failed");
      expect(existsSync(join(dir, "summary.json"))).toBe(false);
      const saved = await new CheckpointManager({ dir: join(dir, "checkpoints") }).list();
      expect(Math.max(...saved.map(({ step }) => step))).toBeLessThanOrEqual(lostAt);
      for (const at of [dir, join(dir, "checkpoints")]) expect(readFileSync(join(at, ".lock"), "utf8")).toContain("elsewhere");
    },
  );
});

test("a run that fails before its first step leaves no lock", async () => {
  const runsDir = join(home, "failed");
  const trainer = (resume: "never" | "must", width: number): GenericTrainer<number[]> =>
    new GenericTrainer<number[]>(
      { maxEpochs: width, runName: "run", runsDir, resume, logging: { loggerType: "none" } },
      new Follower(0),
    );
  await trainer("never", 1).fit({ train: arrayLoader([1, 2], { batchSize: 1 }) });
  await expect(trainer("must", 2).fit({ train: arrayLoader([1, 2], { batchSize: 1 }) })).rejects.toThrow("holds no checkpoint");
  expect(existsSync(join(runsDir, "run/.lock"))).toBe(false);
});
