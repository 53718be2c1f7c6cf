/**
 * What every command of this repository needs before it can run. Plain Node, no dependencies.
 * - `ensureInstalled`: `npm ci` when node_modules is missing or is not what package-lock.json says.
 * - `ensureBuilt`: compiles src/ to dist/ when a source has changed since the last build.
 * - `run`: a child on this terminal; its exit code is ours. Ctrl-C reaches the child, which may take its time to end.
 */
import "./node-floor.mjs"; // first
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const STAMP = join(ROOT, "node_modules/.cache/trainscope/built-from");

/** Runs a command in the repository; resolves with its exit code (128 + n for signal n is 130 for SIGINT). */
export function code(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", ...options });
    const ignore = () => {};
    const forward = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    const settle = () => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
    };
    child.on("error", (error) => (settle(), fail(error)));
    child.on("exit", (exitCode, signal) => (settle(), done(exitCode ?? (signal === "SIGINT" ? 130 : 143))));
  });
}

/** Like `code`, but ends this process with the child's exit code when it failed. */
export async function run(command, args, options) {
  const exitCode = await code(command, args, options);
  if (exitCode !== 0) process.exit(exitCode);
}

/** Runs a script with this Node. */
export const runNode = (args, options) => run(process.execPath, args, options);

/** The npm that started us, else the one on the path. */
export function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)) return [process.execPath, [cli, ...args], {}];
  return ["npm", args, { shell: process.platform === "win32" }];
}

/** True when every package of the lockfile (except optional ones) is installed in the version it names. */
export function isInstalled(root = ROOT) {
  const installed = readJson(join(root, "node_modules/.package-lock.json"));
  const locked = readJson(join(root, "package-lock.json"));
  if (installed === null || locked === null) return false;
  return Object.entries(locked.packages).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed.packages[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

export async function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write("trainscope: installing dependencies (npm ci) …\n");
  const [command, args, options] = npm(["ci", "--no-audit", "--no-fund"]);
  await run(command, args, options);
}

/** A hash over everything that a build reads. */
export function sourceHash() {
  const hash = createHash("sha256");
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of [
    ...sources,
    ...["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"].map((name) => join(ROOT, name)),
  ]) {
    hash.update(file.slice(ROOT.length)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function isBuilt() {
  return existsSync(join(ROOT, "dist/index.js")) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === sourceHash();
}

/** Remembers what dist/ was built from. */
export function markBuilt(hash) {
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, hash);
}

export async function ensureBuilt() {
  if (isBuilt()) return;
  process.stderr.write("trainscope: compiling src/ to dist/ …\n");
  await runNode(["scripts/build.mjs"]);
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}
