/** What the streams of a process do to a run: readers that leave, stop or sleep, and disks that are full. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { DeliveryReport } from "../../src/index.js";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));

/** `2>&1`: standard error goes where standard output goes. */
function start(program: string, stdio: StdioOptions | "2>&1", ...args: string[]): ChildProcess {
  const command = [process.execPath, "--import", "tsx", join(PROGRAMS, program), ...args];
  const [file = "", ...rest] = stdio === "2>&1" ? ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", ...command] : command;
  const child = spawn(file, rest, {
    cwd: resolve(PROGRAMS, "../../.."),
    stdio: stdio === "2>&1" ? ["ignore", "pipe", "ignore"] : stdio,
    env: { ...process.env, COLUMNS: "400" }, // a line of the console is a line here
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

interface Report {
  uncaught: string[];
  summary: { status: string; steps: number; delivery: DeliveryReport[] };
  waiting: number;
}

interface Ended {
  report: Report;
  console: DeliveryReport | undefined;
  log: string;
}

/** Runs to the end, which must be a good one. `meddle` gets the process as soon as it runs. */
async function trainWith(
  stdio: StdioOptions | "2>&1",
  steps: number,
  meddle: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const dir = mkdtempSync(join(tmpdir(), "trainscope-terminal-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const child = start("terminal.ts", stdio, dir, String(steps));
  meddle(child);
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(join(dir, "report.json"), "utf8")) as Report;
  expect(report).toMatchObject({ uncaught: [], summary: { status: "completed", steps }, waiting: 0 });
  const logs = join(dir, "run/log");
  const log = readdirSync(logs).map((file) => readFileSync(join(logs, file), "utf8")).join(""); // prettier-ignore
  return { report, log, console: report.summary.delivery.find(({ backend }) => backend === "console") };
}

/** As `| head -1`. */
const leave = (stream: Readable | null): void => void stream?.once("data", () => stream.destroy());

test("the reader of stderr leaves: the progress bar is given up, and a warning says so", async () => {
  const { console: shown, log } = await trainWith(["ignore", "ignore", "pipe"], 3000, ({ stderr }) => leave(stderr));
  expect(shown).toMatchObject({ dropped: 0 });
  expect(log).toMatch(/"level":"warn".*The progress bar could not be shown to the end, \d+ updates were dropped: .*EPIPE/);
});

test("the reader of stdout leaves: the console is set aside with a count", async () => {
  const { console: shown } = await trainWith(["ignore", "pipe", "ignore"], 1000, ({ stdout }) => leave(stdout));
  expect(shown?.error).toContain("EPIPE");
  expect(shown?.dropped).toBeGreaterThan(100);
});

test("both streams go to one reader who leaves", async () => {
  const { console: shown, log } = await trainWith("2>&1", 1000, ({ stdout }) => leave(stdout));
  expect(shown?.error).toContain("EPIPE");
  expect(log).toContain("The progress bar could not be shown to the end");
});

test.runIf(existsSync("/dev/full"))("stdout and stderr on a full disk", async () => {
  const full = openSync("/dev/full", "w");
  const { console: shown, log } = await trainWith(["ignore", full, full], 100);
  expect(shown?.error).toContain("ENOSPC");
  expect(shown?.dropped).toBeGreaterThan(100);
  expect(log).toMatch(/progress bar could not be shown to the end.*ENOSPC/);
});

test("a reader who stopped holds neither the memory nor the process, and is waited for once", async () => {
  const { console: shown, report } = await trainWith(["ignore", "pipe", "pipe"], 5000);
  expect(shown?.error).toContain("had stopped");
  expect(shown?.dropped).toBeGreaterThan(1000);
  expect(report.summary.status).toBe("completed");
});

test("a reader who slept is told how many lines there were meanwhile", async () => {
  const child = start("slow-reader.ts", ["pipe", "pipe", "pipe"]);
  let [out, err] = ["", ""];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
  await once(child.stderr as Readable, "data");
  expect(JSON.parse(err)).toMatchObject({ waiting: 0 });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    const hasReadMost = out.length > 900_000; // of the million characters that wait
    if (hasReadMost && child.stdin?.writableEnded === false) child.stdin.end("read\n");
  });
  child.stdin?.write("reading\n");
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(0);
  const lines = out.split("\n");
  const note = lines.findIndex((line) => line.startsWith("["));
  expect(lines[note]).toMatch(/^\[\d+ lines were not shown: the reader of this output was too slow\]$/);
  expect(lines.slice(0, note).every((line, i) => line === `step ${i + 1}  note: ${"x".repeat(290)}`)).toBe(true);
  expect(lines[note + 1]).toBe("step 10001  note: after");
  const missing = Number(/\d+/.exec(lines[note] ?? "")?.[0]);
  expect(missing).toBe(10_000 - note);
  expect(JSON.parse(err.split("\n")[1] ?? "")).toMatchObject({ backend: "console", dropped: missing });
});
