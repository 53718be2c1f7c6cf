import * as fs from "node:fs";

/** The calls on the file system that an event file is written with; a test passes its own. */
export interface EventFs {
  mkdirSync(path: string, options: { recursive: true }): unknown;
  readdirSync(path: string): string[];
  openSync(path: string, flags: string, mode?: number): number;
  fstatSync(fd: number): { nlink: number; size: number };
  existsSync(path: string): boolean;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  closeSync(fd: number): void;
  unlinkSync(path: string): void;
}

/** The file system of this process. */
export const nodeFs: EventFs = fs;
