/** The trainer's cost per step, compared with a hand-written loop. */
import { lastJson, runScript } from "./lib/child.js";
import { judged, publish, type Table } from "./lib/report.js";
import { overheadOf } from "./lib/pairs.js";
import type { StepTime } from "./lib/stopwatch.js";

interface Case {
  title: string;
  bare: string;
  loop: string;
  limit: number;
}

const CASES: readonly Case[] = [
  { title: "default hooks, two weighted loaders, per-loader metrics, nothing due", bare: "bareSync", loop: "sync", limit: 0.5 },
  { title: "the same, a user hook that logs three scalars every step", bare: "bareSync", loop: "syncLogged", limit: 1 },
  { title: "deferred scalars, nothing due", bare: "bareDeferred", loop: "deferred", limit: 0.5 },
  { title: "deferred scalars, the hook and its three scalars", bare: "bareDeferred", loop: "deferredLogged", limit: 1 },
  { title: "async model, nothing due, over a bare `await`", bare: "bareAsync", loop: "async", limit: 0.6 },
];

export interface OverheadOptions {
  repeats: number;
  steps: number;
}

async function once(loop: string, steps: number): Promise<StepTime> {
  return lastJson<StepTime>(await runScript("overhead-child.ts", [loop, String(steps)]));
}

/** Bare loop and trainer alternate, each in a fresh process. The difference of a pair is one measurement. */
export async function overhead(command: string, { repeats, steps }: OverheadOptions): Promise<void> {
  const rows: string[][] = [];
  for (const { title, bare, loop, limit } of CASES) {
    const bares: StepTime[] = [];
    const loops: StepTime[] = [];
    for (let i = 0; i < repeats; i++) {
      bares.push(await once(bare, steps));
      loops.push(await once(loop, steps));
      process.stderr.write(`\r${title}: ${i + 1} of ${repeats} `);
    }
    process.stderr.write("\n");
    const { bare: bareTime, wall, cpu, spread } = overheadOf(bares, loops, 2);
    rows.push([title, bareTime.toFixed(2), judged(wall, limit), spread, cpu.toFixed(2), `≤ ${limit}`]);
  }
  const table: Table = { head: ["µs a step", "bare loop", "overhead", "of all pairs", "overhead in CPU time", "goal"], rows };
  publish(
    "overhead",
    command,
    [table],
    [
      `Medians of ${repeats} pairs, measured alternately, each loop in a fresh process; ${steps.toLocaleString("en")} steps after as many to warm up.`,
      "The model multiplies two numbers. The bare loop draws a loader, takes its next batch, steps and adds up the loss; with deferred scalars it reads and disposes them.",
    ],
  );
}
