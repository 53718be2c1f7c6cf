/** What tests need from the machine. Where it is missing, a suite is skipped and says so; in CI it fails. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type {} from "../browser/global-setup.js"; // what that provides

const scripts = new URL("../../scripts/lib/peers.mjs", import.meta.url).href; // plain JavaScript: it must run before anything is installed
const { pythonPeer } = (await import(scripts)) as {
  pythonPeer(): { python: string; missing: null } | { python: null; missing: string };
};

/** One line on stderr: what is not tested here, and why. */
export function tellSkipped(what: string, why: string): void {
  process.stderr.write(`SKIPPED ${what}: ${why}\n`);
}

/** The Python of `.peers/python` (numpy, safetensors, tensorboard), made on first use; null where there is none, which fails in CI. */
export function requirePython(suite: string): string | null {
  const { python, missing } = pythonPeer();
  if (python !== null) return python;
  if (process.env["CI"] === "true") throw new Error(`${suite} needs Python in CI: ${missing}`);
  tellSkipped(suite, missing);
  return null;
}

/** The path of a Chromium, which tests/browser/global-setup.ts looked for; null where there is none, which fails in CI. */
export function requireChromium(suite: string): string | null {
  const { chromium, missing } = inject("chromium");
  if (chromium !== null) return chromium;
  if (process.env["CI"] === "true") throw new Error(`${suite} needs Chromium in CI: ${missing}`);
  tellSkipped(suite, missing);
  return null;
}

/** Runs a Python script with arguments; what it printed. */
export function runPython(python: string, script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** True where this process may mount a file system. */
export function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const point = mkdtempSync(join(tmpdir(), "trainscope-mount-"));
  try {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", point]).status === 0;
    return mounted && spawnSync("umount", [point]).status === 0;
  } finally {
    rmSync(point, { recursive: true, force: true });
  }
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
