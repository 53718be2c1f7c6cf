/** Time all cores spent since the start of the machine, in any unit. */
export interface CpuTimes {
  busy: number;
  total: number;
}

/**
 * The sum over all cores from Linux' `/proc/stat`, or null when it has no such line. Guest time is part of user time,
 * so it is not added again; waiting for IO counts as idle, as in top.
 */
export function parseProcStat(text: string): CpuTimes | null {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line.split(/ +/).map(Number);
  const busy = user + nice + system + irq + softIrq + steal;
  return { busy, total: busy + idle + ioWait };
}

/** How busy the cores were between two readings, 0 to 100, or null when no time has passed. */
export function busyPercent(before: CpuTimes, now: CpuTimes): number | null {
  const total = now.total - before.total;
  if (!(total > 0)) return null;
  return Math.min(100, Math.max(0, (100 * (now.busy - before.busy)) / total));
}
