/** TensorBoard takes a file for an event file when its name has this word in it. */
export const isEventFile = (name: string): boolean => name.includes("tfevents");

export interface FileNameParts {
  /** Seconds since 1970. */
  nowSeconds: number;
  hostname: string;
  pid: number;
  /** Counts the files that this process opened. */
  count: number;
}

/**
 * The name of a new event file that sorts after those in `existing`: TensorBoard reads a run's files in the order of their
 * names, and a clock that was set back, or two files within a second, must not change it.
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
