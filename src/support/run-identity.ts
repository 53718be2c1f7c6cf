/** Whose a directory is: what stands in it about the run that made it. */
import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunIdentity } from "../contract/index.js";
import { errorCode } from "./error-code.js";
import { printable } from "./printable.js";
import { readRegularFile } from "./regular-file.js";

/** The file in a run's directory, and in a directory of its event files, that names the run. */
export const OWNER_FILE = "owner.json";
const FORMAT = "trainscope.owner";
const MAX_OWNER_BYTES = 100_000;

/** The identity in a value that was read from a file, or null where it has none. */
export function identityOf(value: unknown): RunIdentity | null {
  if (typeof value !== "object" || value === null) return null;
  const { runId, runName } = value as Partial<RunIdentity>;
  return typeof runId === "string" && runId !== "" && typeof runName === "string" ? { runId, runName } : null;
}

/** True when both are the same run: the name is for people. */
export function isSameRun(a: RunIdentity | null, b: RunIdentity | null): boolean {
  return a?.runId === b?.runId;
}

/** A run as messages name it: a file may hold any name. */
export function runText({ runId, runName }: RunIdentity): string {
  return printable(`run "${runName}" (${runId})`);
}

/** The run that `dir` belongs to by its owner file; null where there is none, or none that can be read. */
export function readOwner(dir: string): RunIdentity | null {
  try {
    const parsed = JSON.parse(readRegularFile(join(dir, OWNER_FILE), MAX_OWNER_BYTES)) as { format?: unknown } | null;
    return parsed?.format === FORMAT ? identityOf(parsed) : null;
  } catch {
    return null;
  }
}

/** Writes the owner file of `dir`, which exists: whole, or not at all. With the flag "wx" it throws `EEXIST` where there is one. */
export function writeOwner(dir: string, { runId, runName }: RunIdentity, flag: "w" | "wx"): void {
  const text = `${JSON.stringify({ format: FORMAT, version: 1, runId, runName })}\n`;
  const path = join(dir, OWNER_FILE);
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { flag: "w" });
    if (flag === "w") renameSync(temporary, path);
    else linkNew(temporary, path, text);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function linkNew(temporary: string, path: string, text: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw error;
    writeFileSync(path, text, { flag: "wx" }); // a file system without hard links
  }
}
