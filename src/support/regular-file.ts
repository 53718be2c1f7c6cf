import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** Flags to open what may be a FIFO: without them, opening one waits until somebody writes. Windows has no such flag. */
export const READ_NOW: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The text of a file. Throws for a FIFO, a device and a directory in its place, and for more than `maxBytes`: none of them is waited for. */
export function readRegularFile(path: string, maxBytes: number): string {
  const file = openSync(path, READ_NOW);
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.size > maxBytes) throw new TypeError(`${path} is no file of at most ${maxBytes} bytes.`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
