/**
 * A run that was killed three times, each time with half a record at the end of its files, has the points of a run that was not
 * killed: in its files, and in TensorBoard with both of its loaders; in two layouts.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { TensorBoardLayout } from "../../src/contract/index.js";
import { isEventFile } from "../../src/loggers/tensorboard/files/file-name.js";
import { readScalars } from "../support/event-files.js";
import { requirePython } from "../support/peers.js";
import { temporaryRuns } from "../support/run.js";
import { serve, shown, type Loader } from "./server.js";

const python = requirePython("killed runs in TensorBoard");
const home = temporaryRuns();
const program = fileURLToPath(new URL("programs/trains-until-killed.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const LAYOUTS: readonly TensorBoardLayout[] = ["one", "loaders"];
/** After the checkpoints at 14, 35 and 49. */
const KILLS = [17, 41, 50];

function train(runsDir: string, layout: TensorBoardLayout, killAt = 0): void {
  const args = ["--import", "tsx", program, runsDir, layout, String(killAt)];
  const { signal, status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (killAt === 0 ? status !== 0 : signal !== "SIGKILL") throw new Error(`It ended with ${signal ?? status}:\n${stderr}`);
}

/** Paths of the event files of a run, relative to its directory. */
function eventFiles(runDir: string): string[] {
  return readdirSync(runDir, { recursive: true, encoding: "utf8" }).filter(isEventFile).sort();
}

/** Appends half a record to the newest file of each directory, as a write that a kill interrupted. */
function cutOff(runDir: string): void {
  const newest = new Map(eventFiles(runDir).map((file) => [dirname(file), file]));
  for (const file of newest.values()) appendFileSync(join(runDir, file), readFileSync(join(runDir, file)).subarray(0, 30));
}

/** Every series by directory and tag, except those of times. */
function seriesOf(runDir: string): Record<string, [number, number][]> {
  const series: Record<string, [number, number][]> = {};
  for (const dir of new Set(eventFiles(runDir).map((file) => dirname(file)))) {
    for (const [tag, step, value] of readScalars(join(runDir, dir)))
      if (!tag.includes("seconds")) (series[`${dir} ${tag}`] ??= []).push([step, value]);
  }
  return series;
}

describe.each(LAYOUTS)("layout %s", (layout) => {
  const whole = join(home, layout, "whole");
  const killed = join(home, layout, "killed");
  beforeAll(() => {
    train(whole, layout);
    for (const step of KILLS) {
      train(killed, layout, step);
      cutOff(join(killed, "run/tensorboard"));
    }
    train(killed, layout);
  });

  test("every series has the points of the run that was not killed, each once", () => {
    const expected = seriesOf(join(whole, "run/tensorboard"));
    expect(Object.keys(expected).length).toBeGreaterThan(8);
    expect(existsSync(join(killed, "run/tensorboard/validation/a"))).toBe(layout === "loaders");
    expect(seriesOf(join(killed, "run/tensorboard"))).toEqual(expected);
  });

  test.skipIf(python === null).each<Loader>(["fast", "python"])(
    "and TensorBoard's %s loader shows them",
    { timeout: 120_000 },
    async (loader) => {
      const expected = seriesOf(join(whole, "run/tensorboard"));
      const board = await serve(python as string, killed, loader);
      try {
        for (const [name, points] of Object.entries(expected)) {
          const [dir = "", tag = ""] = name.split(" ");
          const now = shown(board, join("run/tensorboard", dir), tag);
          await expect.poll(now, { timeout: 90_000, interval: 200, message: name }).toEqual(points);
        }
      } finally {
        await board.stop();
      }
    },
  );
});
