/** Where a command writes: what was requested to `out`, everything else to `err`. */
export interface CliStreams {
  out: { write(text: string): unknown };
  err: { write(text: string): unknown };
}
