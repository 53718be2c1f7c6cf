import { freemem, totalmem } from "node:os";
import type { MaybePromise } from "../contract/index.js";
import { GIB, type ApplyValues, type SystemSource } from "./source.js";

/**
 * `memory_used_gb` and `memory_percent` of the machine, not of a container on it: what is not available to new programs,
 * so that caches do not count.
 */
export class MemorySource implements SystemSource {
  readonly name = "memory";

  read(): MaybePromise<ApplyValues> {
    // macOS counts reclaimable pages as used in os.freemem(); Linux and Windows report what is available.
    if (process.platform === "darwin") return readAvailableOnMac();
    return applyMemory(totalmem(), freemem());
  }

  close(): void {}
}

async function readAvailableOnMac(): Promise<ApplyValues> {
  const { default: systeminformation } = await import("systeminformation");
  const { total, available } = await systeminformation.mem();
  return applyMemory(total, available);
}

function applyMemory(totalBytes: number, availableBytes: number): ApplyValues {
  return (values) => {
    values.memory_used_gb = (totalBytes - availableBytes) / GIB;
    values.memory_percent = (100 * (totalBytes - availableBytes)) / totalBytes;
  };
}
