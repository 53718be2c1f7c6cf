import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryRuns } from "../support/run.js";

const home = temporaryRuns();
const program = fileURLToPath(new URL("programs/train.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

interface Line {
  say: string;
  step?: number;
  [key: string]: unknown;
}

interface Run {
  lines: Line[];
  code: number | null;
  signal: string | null;
}

/** Runs the program to its end; `act` sees every line as it comes. */
async function run(
  runsDir: string,
  resume: string,
  stepMs: number,
  act: (line: Line, child: ChildProcess) => void = () => {},
): Promise<Run> {
  const child = spawn(process.execPath, ["--import", "tsx", program, runsDir, resume, String(stepMs)], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Line[] = [];
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = JSON.parse(text.slice(0, end)) as Line;
      text = text.slice(end + 1);
      lines.push(line);
      act(line, child);
    }
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { lines, code, signal };
}

const endOf = ({ lines }: Run): Line | undefined => lines.find(({ say }) => say === "end");

test("a run that SIGTERM stopped is resumed as if it had not been", async () => {
  const whole = endOf(await run(join(home, "whole"), "never", 0));
  const dir = join(home, "terminated");
  const first = await run(dir, "never", 2, (line, child) => {
    if (line.say === "step" && line.step === 22) child.kill("SIGTERM");
  });
  const interrupted = endOf(first);
  expect(first.code).toBe(0);
  expect(interrupted?.["status"]).toBe("interrupted");
  const second = endOf(await run(dir, "must", 0));
  expect(second?.["resumedFrom"]).toBe(interrupted?.["steps"]);
  expect(second).toMatchObject({
    status: "completed",
    steps: whole?.["steps"],
    weights: whole?.["weights"],
    metrics: whole?.["metrics"],
  });
});

test("a run that was killed is resumed from its last committed checkpoint, each time", async () => {
  const whole = endOf(await run(join(home, "whole-2"), "never", 0));
  const dir = join(home, "killed");
  let last: Run | undefined;
  for (const killAt of [10, 23, 38]) {
    const resume = last === undefined ? "never" : "must";
    let saved = 0;
    last = await run(dir, resume, 2, (line, child) => {
      if (line.say === "saved") saved = Math.max(saved, line.step ?? 0);
      if ((line.step ?? 0) >= killAt && saved >= killAt - 8) child.kill("SIGKILL"); // a busy disk commits later
    });
    expect(last.signal).toBe("SIGKILL");
  }
  const end = endOf(await run(dir, "must", 0));
  expect(end?.["resumedFrom"]).toBeGreaterThanOrEqual(30);
  expect(end).toMatchObject({
    status: "completed",
    steps: whole?.["steps"],
    weights: whole?.["weights"],
    metrics: whole?.["metrics"],
  });
});
