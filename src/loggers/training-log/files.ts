/** The names of log files, and the calls on the file system that the log makes. */
import * as fs from "node:fs";

interface FileStatus {
  dev: number;
  ino: number;
  nlink: number;
  size: number;
  birthtimeMs: number;
  mtimeMs: number;
}

/** The file system calls of the log; tests pass their own. */
export interface LogFs {
  mkdirSync(path: string, options: { recursive: true }): unknown;
  readdirSync(path: string): string[];
  openSync(path: string, flags: string, mode?: number): number;
  fstatSync(fd: number): FileStatus;
  statSync(path: string, options: { throwIfNoEntry: false }): FileStatus | undefined;
  readSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  closeSync(fd: number): void;
  unlinkSync(path: string): void;
}

/** Those of Node. */
export const nodeFs: LogFs = fs;

/** `training-000001.jsonl`: the names of one prefix sort in the order of their making. */
export function fileName(prefix: string, index: number): string {
  return `${prefix}-${String(index).padStart(6, "0")}.jsonl`;
}

/** The indices of the files of `prefix` in a directory, ascending. Files that are not ours are not seen. */
export function fileIndices(names: readonly string[], prefix: string): number[] {
  const indices: number[] = [];
  for (const name of names) {
    if (!name.startsWith(`${prefix}-`) || !name.endsWith(".jsonl")) continue;
    const digits = name.slice(prefix.length + 1, -".jsonl".length);
    if (/^\d{6,}$/.test(digits)) indices.push(Number(digits));
  }
  return indices.sort((a, b) => a - b);
}
