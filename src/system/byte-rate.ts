import { MIB } from "./source.js";

/** Bytes in and out since the start of the machine. */
export interface ByteCounts {
  read: number;
  written: number;
}

/** Turns counters that only grow into MiB a second. The first reading and one after a reset of the counters give null. */
export class ByteRate {
  #before: ByteCounts | null = null;
  #beforeMs = 0;

  next(counts: ByteCounts, nowMs: number): ByteCounts | null {
    const before = this.#before;
    const seconds = (nowMs - this.#beforeMs) / 1000;
    this.#before = counts;
    this.#beforeMs = nowMs;
    if (before === null || seconds <= 0) return null;
    const read = (counts.read - before.read) / MIB / seconds;
    const written = (counts.written - before.written) / MIB / seconds;
    return read < 0 || written < 0 ? null : { read, written };
  }
}
