/** True for a file that TensorBoard reads as an event file: one with this word in its name. */
export const isEventFile = (name: string): boolean => name.includes("tfevents");

interface FileNameParts {
  /** Seconds since 1970. */
  nowSeconds: number;
  hostname: string;
  pid: number;
  /** The number of files that this process has opened. */
  count: number;
}

/**
 * The name of a new event file, which sorts after those in `existing`: TensorBoard reads the files of a run in the order of their
 * names, and neither a clock that was set back nor two files within a second may change that order.
 */
export function nextFileName(existing: readonly string[], parts: FileNameParts): string {
  let seconds = Math.floor(parts.nowSeconds);
  for (const name of existing) {
    const match = /tfevents\.(\d{1,15})\./.exec(name);
    if (match !== null) seconds = Math.max(seconds, Number(match[1]) + 1);
  }
  const host = parts.hostname.replaceAll(/[^\w.-]/g, "_") || "localhost";
  return `events.out.tfevents.${String(seconds).padStart(10, "0")}.${host}.${parts.pid}.${parts.count}`;
}
