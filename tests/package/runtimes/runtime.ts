import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { requirePeer } from "../../support/peers.js";
import { ROOT } from "../run.js";

/** A program that runs JavaScript: the command, and what comes before the script. */
export interface Runtime {
  name: string;
  command: string | null;
  args: readonly string[];
  /** The same with the smallest permissions, where there are some. */
  least?: readonly string[];
}

const DENO = ["run", "--node-modules-dir=manual", "--no-prompt", "--no-check"];
/**
 * What a run needs on Deno. Without `-A`, Deno hides from a process which other processes live: the lock of a killed run is then taken
 * over after a minute, not at once.
 */
const LEAST = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys"];

export const RUNTIMES: readonly Runtime[] = [
  { name: "Node", command: process.execPath, args: [] },
  { name: "Bun", command: requirePeer("bun", "the package on Bun"), args: [] },
  { name: "Deno", command: requirePeer("deno", "the package on Deno"), args: [...DENO, "-A"], least: [...DENO, ...LEAST] },
];

/** A project with the installed package and the run of program.mjs. */
export function makeProject(name: string): string {
  const directory = join(inject("scratch"), `on-${name}`);
  mkdirSync(directory);
  symlinkSync(join(inject("scratch"), "node_modules"), join(directory, "node_modules"), "dir");
  const dependencies = { trainscope: "*", "@tensorflow/tfjs": "*" };
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "program", type: "module", dependencies }));
  copyFileSync(join(ROOT, "tests/package/runtimes/program.mjs"), join(directory, "program.mjs"));
  return directory;
}

/** What the run prints at its end. */
export interface Outcome {
  status: string;
  steps: number;
  weights: number[];
  metrics: Record<string, number>;
}

/** How a program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function runScript({ command, args }: Runtime, directory: string, script: string, rest: readonly string[] = []): Ended {
  const child = spawnSync(command as string, [...args, script, ...rest], { cwd: directory, encoding: "utf8", env: plainEnv() });
  return { code: child.status, stdout: child.stdout, stderr: child.stderr };
}

/** Trains to the end; the outcome. */
export function train(runtime: Runtime, directory: string, runName: string): Outcome {
  return outcomeOf(runScript(runtime, directory, "program.mjs", ["runs", runName]));
}

/** Sends a signal once the run has saved a checkpoint, and waits for its end. */
export async function trainUntil(runtime: Runtime, directory: string, runName: string, signal: NodeJS.Signals): Promise<Ended> {
  const args = [...runtime.args, "program.mjs", "runs", runName, "100"];
  const child = spawn(runtime.command as string, args, { cwd: directory, env: plainEnv(), stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    if (!stdout.includes("saved")) setTimeout(() => child.kill(signal), 150);
    stdout += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

export function outcomeOf({ code, stdout, stderr }: Ended): Outcome {
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  if (code !== 0 || line === undefined) throw new Error(`ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(line) as Outcome;
}

function plainEnv(): NodeJS.ProcessEnv {
  return { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
}
