import type { ByteCounts } from "./byte-rate.js";

/** `/proc/diskstats` counts sectors of 512 bytes, whatever the disk's own sector size. */
const SECTOR_BYTES = 512;

/** Disks that stand for other disks or for memory: their bytes are counted below them, or are no IO. */
const VIRTUAL_DISK = /^(?:loop|ram|zram|dm-|md)\d/;

/** Bytes over all whole disks from `/proc/diskstats`; `disks` are the names in `/sys/block`, which has no partitions. */
export function parseDiskStats(text: string, disks: ReadonlySet<string>): ByteCounts {
  const counts: ByteCounts = { read: 0, written: 0 };
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2];
    if (name === undefined || !disks.has(name) || VIRTUAL_DISK.test(name)) continue;
    counts.read += Number(fields[5]) * SECTOR_BYTES;
    counts.written += Number(fields[9]) * SECTOR_BYTES;
  }
  return counts;
}

/** Bytes over all interfaces but loopback from `/proc/net/dev`. */
export function parseNetDev(text: string): ByteCounts {
  const counts: ByteCounts = { read: 0, written: 0 };
  for (const line of text.split("\n")) {
    const match = /^\s*([^\s:]+):\s*(\d.*)$/.exec(line);
    if (match?.[2] === undefined || match[1] === "lo") continue;
    const fields = match[2].trim().split(/\s+/);
    counts.read += Number(fields[0]);
    counts.written += Number(fields[8]);
  }
  return counts;
}
