/** What tests need from the machine. Where it is missing, a suite is skipped and `npm test` names it at the end; in CI it fails. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const table = new URL("../../scripts/peers/table.mjs", import.meta.url).href; // plain JavaScript: it must run before anything is installed
const { findPeer, mayMount } = (await import(table)) as { findPeer(name: string): string | null; mayMount(): boolean };

/** The path of a peer of scripts/peers/table.mjs; null where it is missing, which fails in CI. Nothing is installed. */
export function requirePeer(name: "python" | "chromium" | "bun" | "deno" | "node18", suite: string): string | null {
  const found = findPeer(name);
  if (found === null && process.env["CI"] === "true")
    throw new Error(`${suite} needs ${name} in CI. It is made by: npm run setup:peers -- ${name}`);
  return found;
}

/** The Python of `.peers/python` (numpy, safetensors, tensorboard). A file that calls this belongs to the suite `peers`. */
export function requirePython(suite: string): string | null {
  return requirePeer("python", suite);
}

/** Runs a Python script with arguments; what it printed. */
export function runPython(python: string, script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** True where this process may mount a file system. */
export function canMount(): boolean {
  return mayMount();
}

/** A file system of `size` (as `mount` takes it) at `point`; `release` unmounts it. */
export function mountTmpfs(point: string, size: string): { release(): void } {
  mkdirSync(point, { recursive: true });
  mount(["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", point]);
  return { release: () => void spawnSync("umount", ["-l", point]) };
}

export function remount(point: string, mode: "ro" | "rw"): void {
  mount(["-o", `remount,${mode}`, point]);
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
}

/** Compiles a shared library for LD_PRELOAD; null where there is no compiler or no such thing. */
export function compileShim(source: string, target: string): string | null {
  if (process.platform !== "linux") return null;
  const file = fileURLToPath(new URL(source, import.meta.url));
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", target, file, "-ldl"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return status === 0 ? target : null;
}
