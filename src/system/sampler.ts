import { parseConfig } from "../config/index.js";
import { within } from "../support/bounded-wait.js";
import { messageOf } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import { isPromise } from "../support/promises.js";
import { AcceleratorSource } from "./accelerators.js";
import { CpuSource } from "./cpu.js";
import { DiskSource } from "./disk.js";
import { MemorySource } from "./memory.js";
import { NetworkSource } from "./network.js";
import { SystemSamplerOptions } from "./options.js";
import { ProcessCpuSource, ProcessMemorySource } from "./process-usage.js";
import type { ApplyValues, SourceReporter, SystemSource, SystemValues } from "./source.js";

/** How long `close` waits for a sample that is under way: once before the sources are closed, once after. */
const CLOSE_TIMEOUT_MS = 500;

/**
 * Samples of what the machine and this process use.
 * - At most one sample is under way; a call in between gets that one, a call within `minIntervalMs` the last one again.
 * - `sample` never rejects: a source that cannot be read is reported once (`onWarning`) and left out from then on.
 * - Nothing blocks the main thread; `timeInSamplingMs` counts what runs there, without Node's own part in reading files
 *   (some 0.3 ms per sample).
 * - After `close` nothing is left running.
 */
export class SystemSampler {
  readonly #minIntervalMs: number;
  readonly #reporter: SourceReporter;
  readonly #accelerators: AcceleratorSource | null;
  #sources: SystemSource[];
  #timeInSamplingMs = 0;
  #inFlight: Promise<SystemValues> | null = null;
  #startedMs = Number.NEGATIVE_INFINITY;
  #last: SystemValues = {};
  #closed = false;

  /** Throws `ERR_CONFIG` for options that are unknown or out of range. No tool is started before `open` or `sample`. */
  constructor(options: SystemSamplerOptions = {}) {
    const resolved = parseConfig(SystemSamplerOptions, options, "SystemSampler");
    const { gpuDevice, reservedBytes, deviceTimeoutMs: timeoutMs } = resolved;
    this.#minIntervalMs = resolved.minIntervalMs;
    this.#reporter = { info: guardedListener(resolved.onInfo), warn: guardedListener(resolved.onWarning) };
    this.#accelerators = resolved.logGpu ? new AcceleratorSource({ gpuDevice, timeoutMs, reservedBytes }, this.#reporter) : null;
    this.#sources = [];
    if (resolved.logCpu) this.#sources.push(new CpuSource(), new ProcessCpuSource());
    if (resolved.logMemory) this.#sources.push(new MemorySource(), new ProcessMemorySource());
    if (this.#accelerators !== null) this.#sources.push(this.#accelerators);
    if (resolved.logDisk) this.#sources.push(new DiskSource());
    if (resolved.logNetwork) this.#sources.push(new NetworkSource());
  }

  /** Milliseconds that samples have held the main thread so far. */
  get timeInSamplingMs(): number {
    return this.#timeInSamplingMs;
  }

  /** True when a call of `sample` would start a new sample. */
  get due(): boolean {
    return !this.#closed && this.#inFlight === null && performance.now() - this.#startedMs >= this.#minIntervalMs;
  }

  /** Starts the tools of the accelerators now, so that the first sample need not wait for them. Returns at once. */
  open(): void {
    this.#accelerators?.open().catch((error: unknown) => this.#drop(this.#accelerators, error));
  }

  /** A sample: values by bare name (`cpu_percent`), in a new object. After `close`, the last one again. Never rejects. */
  sample(): Promise<SystemValues> {
    if (this.due) {
      this.#startedMs = performance.now();
      this.#inFlight = this.#readAll().finally(() => (this.#inFlight = null));
    }
    return this.#inFlight ?? Promise.resolve({ ...this.#last });
  }

  /** Ends every tool that was started. A sample that is under way finishes with what it has. Takes at most a second. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sampleInFlight();
    for (const source of this.#sources) source.close();
    await this.#sampleInFlight();
  }

  async #sampleInFlight(): Promise<void> {
    if (this.#inFlight !== null) await within(this.#inFlight, { timeoutMs: CLOSE_TIMEOUT_MS }, "finish");
  }

  async #readAll(): Promise<SystemValues> {
    const sources = this.#sources;
    const reads = sources.map((source) => this.#readFrom(source)); // all start now
    const applies: ApplyValues[] = [];
    for (const read of reads) applies.push(isPromise(read) ? await read : read);
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
      return isPromise(read) ? read.catch((error: unknown) => this.#drop(source, error)) : read;
    } catch (error) {
      return this.#drop(source, error);
    } finally {
      this.#timeInSamplingMs += performance.now() - startedMs;
    }
  }

  /** A source that failed once is not read again. */
  #drop(source: SystemSource | null, error: unknown): ApplyValues {
    if (source === null || this.#closed || !this.#sources.includes(source)) return ignore;
    this.#sources = this.#sources.filter((other) => other !== source);
    source.close();
    this.#reporter.warn(`No ${source.name} metrics from here on: ${messageOf(error)}`);
    return ignore;
  }
}

function ignore(): void {}
