import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Runs a command; null when it succeeded, else its last line of errors. */
export function attempt(command, args, options = {}) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 600_000, ...options });
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.trim().split("\n").at(-1) ?? "") || `ended with ${status}`;
}

/** The path of the first of these programs that tells its version, or null. Some systems have a script of the name that only says what to install. */
export function startable(names) {
  for (const name of names) {
    const path = onPath(name);
    if (path !== null && attempt(path, ["--version"]) === null) return path;
  }
  return null;
}

/** Where a command is, as a shell would find it. */
export function onPath(name) {
  if (/[/\\]/.test(name)) return isExecutable(name) ? name : null;
  const places = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
