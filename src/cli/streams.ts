import type { Writable } from "node:stream";
import { printableLines } from "../support/printable.js";

/** Where a command writes: what was requested to `out`, everything else to `err`. */
export interface CliStreams {
  out: { write(text: string): unknown };
  err: { write(text: string): unknown };
}

/**
 * Streams that never end the process with an error. A reader that leaves early (`| head`) has what it wants: that is no failure, and
 * nothing more is said. Where the result cannot be written for another reason (a full disk), that is said and the exit code is 1.
 */
export function guardedStreams(out: Writable, err: Writable): { streams: CliStreams; exitCode(ofCommand: number): number } {
  let failed = false;
  const broke = (error: NodeJS.ErrnoException, stream: Writable): void => {
    if (error.code === "EPIPE" || stream === err) return;
    failed = true;
    process.exitCode = 1;
    err.write(`The result could not be written: ${printableLines(error.message)}\n`);
  };
  for (const stream of [out, err]) stream.on("error", (error: NodeJS.ErrnoException) => broke(error, stream));
  return { streams: { out, err }, exitCode: (ofCommand) => (failed ? Math.max(1, ofCommand) : ofCommand) };
}
