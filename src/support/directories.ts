import { mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./error-code.js";

/** The names in a directory; none where there is none, or none that can be read. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/**
 * Makes `path` and the directories above it; returns the topmost that had to be made. One at a time: Node's `recursive` never returns where
 * a file system such as /proc says that the parent is missing.
 */
export function makeDirectories(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = path; !isDirectory(at) && (at === path || isMissing(at)); at = dirname(at)) {
    missing.push(at);
    if (at === dirname(at)) break; // a drive that does not exist
  }
  for (const dir of missing.toReversed()) {
    try {
      mkdirSync(dir);
    } catch (error) {
      if (errorCode(error) !== "EEXIST" || !isDirectory(dir)) throw error; // another process may have made it just now
    }
  }
  return missing.at(-1);
}

function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "");
  }
}

/** True for a directory that exists and may be looked at. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
