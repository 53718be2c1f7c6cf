import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import type { MaybePromise } from "../contract/index.js";
import { busyPercent, parseProcStat, type CpuTimes } from "./cpu-times.js";
import type { ApplyValues, SystemSource } from "./source.js";

/** A window shorter than this measures the kernel's tick (10 ms) more than the load. */
const MIN_WINDOW_MS = 100;

/** `cpu_percent`: how busy all cores of the machine were since the sample before, 0 to 100. */
export class CpuSource implements SystemSource {
  readonly name = "CPU load";
  #before: MaybePromise<CpuTimes | null> = readCpuTimes();
  #beforeMs: number = performance.now();

  async read(): Promise<ApplyValues> {
    const before = await this.#before;
    const now = await readCpuTimes();
    const nowMs = performance.now();
    return (values) => {
      if (now === null || nowMs - this.#beforeMs < MIN_WINDOW_MS) return;
      const percent = before === null ? null : busyPercent(before, now);
      if (percent !== null) values.cpu_percent = percent;
      this.#before = now;
      this.#beforeMs = nowMs;
    };
  }

  close(): void {}
}

/** On Linux off the main thread: `os.cpus()` also reads every core's clock there, 0.1 to 10 ms depending on the cores. */
function readCpuTimes(): MaybePromise<CpuTimes | null> {
  if (process.platform === "linux") return readFile("/proc/stat", "utf8").then(parseProcStat, () => null);
  const sum: CpuTimes = { busy: 0, total: 0 };
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    sum.busy += busy;
    sum.total += busy + times.idle;
  }
  return sum;
}
