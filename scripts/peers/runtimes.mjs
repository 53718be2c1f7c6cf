import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { npm, ROOT } from "../lib/prepare.mjs";
import { attempt } from "./commands.mjs";

const EXE = process.platform === "win32" ? ".exe" : "";

/** A runtime that npm has, in a folder of .peers/: `specifier` is what npm installs, `programsIn` lists where the program may be. */
export function npmRuntime(name, specifier, programsIn) {
  const home = join(ROOT, ".peers", name);
  const find = (folder = home) => programsIn(join(folder, "node_modules")).find((program) => existsSync(program)) ?? null;
  return { find: () => find(), make: () => (find() === null ? install(home, specifier, find) : null) };
}

/** `node` of npm: its install script puts the program in its folder. */
export const nodeProgram = (modules) => [join(modules, "node/bin", `node${EXE}`)];

/** Deno's program stays in the package for the platform. */
export const denoProgram = (modules) => platformFolders(join(modules, "@deno")).map((folder) => join(folder, `deno${EXE}`));

/** Bun's is there too, until its install script moves it. */
export const bunProgram = (modules) => [
  ...platformFolders(join(modules, "@oven")).map((folder) => join(folder, "bin", `bun${EXE}`)),
  join(modules, "bun/bin/bun.exe"),
];

const platformFolders = (scope) => (existsSync(scope) ? readdirSync(scope).map((folder) => join(scope, folder)) : []);

/** Installs beside the folder, and moves there what starts: an interrupted or parallel install leaves either a whole one or none. */
function install(home, specifier, find) {
  const fresh = `${home}-${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const quick = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
    const [command, args, options] = npm(["install", "--prefix", fresh, ...quick, specifier]);
    const failed = attempt(command, args, { ...options, cwd: fresh });
    if (failed !== null) return `npm could not install ${specifier} (${failed})`;
    const program = find(fresh);
    if (program === null) return `${specifier} brings no program for ${process.platform}-${process.arch}`;
    const broken = attempt(program, ["--version"]);
    if (broken !== null) return `${specifier} does not start (${broken})`;
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
    return null;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
