import { readFile } from "node:fs/promises";
import { ByteRate, type ByteCounts } from "./byte-rate.js";
import { parseNetDev } from "./proc-counters.js";
import type { ApplyValues, SystemSource } from "./source.js";

/** `network_receive_mb_s` and `network_send_mb_s` over all interfaces but loopback, from the second sample on. */
export class NetworkSource implements SystemSource {
  readonly name = "network IO";
  readonly #rate = new ByteRate();

  async read(): Promise<ApplyValues> {
    const counts = process.platform === "linux" ? parseNetDev(await readFile("/proc/net/dev", "utf8")) : await readElsewhere();
    const nowMs = performance.now();
    return (values) => {
      const rate = this.#rate.next(counts, nowMs);
      if (rate === null) return;
      values.network_receive_mb_s = rate.read;
      values.network_send_mb_s = rate.written;
    };
  }

  close(): void {}
}

async function readElsewhere(): Promise<ByteCounts> {
  const { default: systeminformation } = await import("systeminformation");
  const counts: ByteCounts = { read: 0, written: 0 };
  for (const { iface, rx_bytes, tx_bytes } of await systeminformation.networkStats("*")) {
    if (/^lo\d*$/.test(iface)) continue;
    counts.read += rx_bytes;
    counts.written += tx_bytes;
  }
  return counts;
}
