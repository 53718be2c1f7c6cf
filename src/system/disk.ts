import { readdir, readFile } from "node:fs/promises";
import { ByteRate, type ByteCounts } from "./byte-rate.js";
import { parseDiskStats } from "./proc-counters.js";
import type { ApplyValues, SystemSource } from "./source.js";

/** `disk_read_mb_s` and `disk_write_mb_s` over all disks of the machine, from the second sample on. */
export class DiskSource implements SystemSource {
  readonly name = "disk IO";
  readonly #rate = new ByteRate();

  async read(): Promise<ApplyValues> {
    const counts = process.platform === "linux" ? await readLinux() : await readElsewhere();
    const nowMs = performance.now();
    return (values) => {
      const rate = counts === null ? null : this.#rate.next(counts, nowMs);
      if (rate === null) return;
      values.disk_read_mb_s = rate.read;
      values.disk_write_mb_s = rate.written;
    };
  }

  close(): void {}
}

async function readLinux(): Promise<ByteCounts> {
  const [text, disks] = await Promise.all([readFile("/proc/diskstats", "utf8"), readdir("/sys/block")]);
  return parseDiskStats(text, new Set(disks));
}

async function readElsewhere(): Promise<ByteCounts | null> {
  const { default: systeminformation } = await import("systeminformation");
  const stats = await systeminformation.fsStats(); // null on Windows
  return stats === null ? null : { read: stats.rx, written: stats.wx };
}
