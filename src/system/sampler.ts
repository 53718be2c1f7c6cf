import { messageOf } from "../support/errors.js";
import { AcceleratorSource } from "./accelerators.js";
import { CpuSource } from "./cpu.js";
import { DiskSource } from "./disk.js";
import { MemorySource } from "./memory.js";
import { NetworkSource } from "./network.js";
import { ProcessCpuSource, ProcessMemorySource } from "./process-usage.js";
import type { ApplyValues, SourceNotices, SystemSource, SystemValues } from "./source.js";

/** Shortest time between two samples, unless said otherwise. */
export const MIN_INTERVAL_MS = 1000;
/** How long a driver's tool may be silent before it is given up, unless said otherwise. */
const DEVICE_TIMEOUT_MS = 5000;
/** How long `close` waits for a sample that is under way. */
const CLOSE_TIMEOUT_MS = 500;

export interface SystemSamplerOptions {
  logCpu?: boolean | undefined; // true: the machine's and this process's CPU, event-loop lag
  logMemory?: boolean | undefined; // true: the machine's memory, this process's RSS and heap
  logGpu?: boolean | undefined; // true: NVIDIA GPUs and Gaudi HPUs
  logDisk?: boolean | undefined; // false
  logNetwork?: boolean | undefined; // false
  gpuDevice?: number | undefined; // all; the driver's index of the one to report
  minIntervalMs?: number | undefined; // 1000
  deviceTimeoutMs?: number | undefined; // 5000
  /** Bytes in the framework's own pool on the first accelerator: `gpu_memory_reserved_gb`. */
  reservedBytes?: (() => number | undefined) | undefined;
  /** A fault: a tool that hangs or breaks off, a file that cannot be read. Once for each. */
  onWarning?: ((message: string) => void) | undefined;
  /** Hardware that is not there. Once. */
  onInfo?: ((message: string) => void) | undefined;
}

/**
 * Samples of what the machine and this process use.
 * - At most one sample is under way; a call in between gets that one, a call within `minIntervalMs` the last one again.
 * - `sample` never rejects: what cannot be read is told once and left out from then on.
 * - Nothing waits on the main thread; `timeInSamplingMs` counts what runs there, but for Node's own part in reading files
 *   (some 0.3 ms a sample).
 * - After `close` nothing is left running.
 */
export class SystemSampler {
  readonly #minIntervalMs: number;
  readonly #notices: SourceNotices;
  readonly #accelerators: AcceleratorSource | null;
  #sources: SystemSource[];
  #timeInSamplingMs = 0;
  #inFlight: Promise<SystemValues> | null = null;
  #startedMs = Number.NEGATIVE_INFINITY;
  #last: SystemValues = {};
  #closed = false;

  constructor(options: SystemSamplerOptions = {}) {
    this.#minIntervalMs = options.minIntervalMs ?? MIN_INTERVAL_MS;
    this.#notices = { info: guarded(options.onInfo), warn: guarded(options.onWarning) };
    const { gpuDevice, reservedBytes, deviceTimeoutMs: timeoutMs = DEVICE_TIMEOUT_MS } = options;
    this.#accelerators =
      options.logGpu === false ? null : new AcceleratorSource({ gpuDevice, timeoutMs, reservedBytes }, this.#notices);
    this.#sources = [];
    if (options.logCpu !== false) this.#sources.push(new CpuSource(), new ProcessCpuSource());
    if (options.logMemory !== false) this.#sources.push(new MemorySource(), new ProcessMemorySource());
    if (this.#accelerators !== null) this.#sources.push(this.#accelerators);
    if (options.logDisk === true) this.#sources.push(new DiskSource());
    if (options.logNetwork === true) this.#sources.push(new NetworkSource());
  }

  /** Milliseconds that sampling has held the main thread so far. */
  get timeInSamplingMs(): number {
    return this.#timeInSamplingMs;
  }

  /** True when a call of `sample` would start a new one. */
  get due(): boolean {
    return !this.#closed && this.#inFlight === null && performance.now() - this.#startedMs >= this.#minIntervalMs;
  }

  /** Starts looking for accelerators now, so that the first sample need not wait for them. */
  open(): void {
    this.#accelerators?.open().catch((error: unknown) => this.#drop(this.#accelerators, error));
  }

  /** Values by bare name (`cpu_percent`). After `close`, the last sample again. */
  sample(): Promise<SystemValues> {
    if (this.due) {
      this.#startedMs = performance.now();
      this.#inFlight = this.#take().finally(() => (this.#inFlight = null));
    }
    return this.#inFlight ?? Promise.resolve({ ...this.#last });
  }

  /** Ends every tool that was started, and lets a sample that is under way finish with what it has. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#inFlight !== null) await settleWithin(this.#inFlight, CLOSE_TIMEOUT_MS);
    for (const source of this.#sources) source.close();
    if (this.#inFlight !== null) await settleWithin(this.#inFlight, CLOSE_TIMEOUT_MS);
  }

  async #take(): Promise<SystemValues> {
    const sources = this.#sources;
    const reads = sources.map((source) => this.#readFrom(source)); // all start now
    const applies: ApplyValues[] = [];
    for (const read of reads) applies.push(read instanceof Promise ? await read : read);
    const values: SystemValues = {};
    const startedMs = performance.now();
    for (const [index, apply] of applies.entries()) {
      try {
        apply(values);
      } catch (error) {
        this.#drop(sources[index] ?? null, error);
      }
    }
    this.#timeInSamplingMs += performance.now() - startedMs;
    this.#last = values;
    return { ...values };
  }

  #readFrom(source: SystemSource): Promise<ApplyValues> | ApplyValues {
    const startedMs = performance.now();
    try {
      const read = source.read();
      return read instanceof Promise ? read.catch((error: unknown) => this.#drop(source, error)) : read;
    } catch (error) {
      return this.#drop(source, error);
    } finally {
      this.#timeInSamplingMs += performance.now() - startedMs;
    }
  }

  /** A source that failed once is not asked again. */
  #drop(source: SystemSource | null, error: unknown): ApplyValues {
    if (source === null || this.#closed || !this.#sources.includes(source)) return ignore;
    this.#sources = this.#sources.filter((other) => other !== source);
    source.close();
    this.#notices.warn(`No ${source.name} metrics from here on: ${messageOf(error)}`);
    return ignore;
  }
}

function ignore(): void {}

/** A listener that throws must not make a sample reject. */
function guarded(listener: ((message: string) => void) | undefined): (message: string) => void {
  return (message) => {
    try {
      listener?.(message);
    } catch {
      // It has no one else to tell.
    }
  };
}

async function settleWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
