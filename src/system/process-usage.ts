import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import { GIB, type ApplyValues, type SystemSource } from "./source.js";

const RESOLUTION_MS = 20;
const MIN_WINDOW_MS = 100;

/**
 * What this process uses: `process_cpu_percent` (100 is one core, several threads give more) and `event_loop_lag_ms`
 * (the longest delay of the event loop's timers), both since the sample before.
 */
export class ProcessCpuSource implements SystemSource {
  readonly name = "process CPU";
  #usage: NodeJS.CpuUsage = process.cpuUsage();
  #usageMs: number = performance.now();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delay.enable();
  }

  read(): ApplyValues {
    return (values) => {
      const nowMs = performance.now();
      if (nowMs - this.#usageMs >= MIN_WINDOW_MS) {
        const usage = process.cpuUsage();
        const usedMs = (usage.user - this.#usage.user + usage.system - this.#usage.system) / 1000;
        values.process_cpu_percent = (100 * usedMs) / (nowMs - this.#usageMs);
        this.#usage = usage;
        this.#usageMs = nowMs;
      }
      if (this.#delay.count === 0) return; // the loop has not turned yet
      values.event_loop_lag_ms = Math.max(0, this.#delay.max / 1e6 - RESOLUTION_MS);
      this.#delay.reset();
    };
  }

  close(): void {
    this.#delay.disable();
  }
}

/** `process_rss_gb`: all memory of this process; `process_heap_gb`: JavaScript objects in use. */
export class ProcessMemorySource implements SystemSource {
  readonly name = "process memory";

  read(): ApplyValues {
    return (values) => {
      const { rss, heapUsed } = process.memoryUsage();
      values.process_rss_gb = rss / GIB;
      values.process_heap_gb = heapUsed / GIB;
    };
  }

  close(): void {}
}
