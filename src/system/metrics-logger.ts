import { setImmediate } from "node:timers/promises";
import type { LoggerProtocol, PointTime } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { SystemSampler, type SystemSamplerOptions } from "./sampler.js";
import type { SystemValues } from "./source.js";

const DEFAULT_PREFIX = "system";
const DEFAULT_INTERVAL_MS = 30_000;

export interface SystemMetricsLoggerOptions extends SystemSamplerOptions {
  /** Where `logMetrics` and `start` send the values. */
  logger?: Pick<LoggerProtocol, "logMetrics"> | undefined;
}

export interface SystemMetricsStartOptions {
  /** The step that a sample belongs to, asked when it is taken. */
  step: () => number;
  intervalMs?: number | undefined; // 30000; at least minIntervalMs
  prefix?: string | undefined; // "system"
}

/**
 * Logs CPU, memory, process and accelerator use as `system/cpu_percent`, `system/gpu_utilization_percent`, …, alone or
 * behind the trainer.
 *
 * `gb` is 2^30 and `mb` 2^20 bytes. Of several accelerators the first has the plain names, the others
 * `system/gpu.1/utilization_percent`, …. A value is logged when its sample is there, some milliseconds after the call, with
 * the step and the wall time of the call. Samples are at least `minIntervalMs` apart: calls in between log nothing.
 */
export class SystemMetricsLogger {
  readonly #sampler: SystemSampler;
  readonly #logger: Pick<LoggerProtocol, "logMetrics"> | null;
  readonly #onWarning: (message: string) => void;
  #interval: NodeJS.Timeout | null = null;
  #pending: Promise<void> | null = null;
  #warned = false;
  #closed = false;

  constructor(options: SystemMetricsLoggerOptions = {}) {
    this.#sampler = new SystemSampler(options);
    this.#logger = options.logger ?? null;
    this.#onWarning = options.onWarning ?? (() => undefined);
  }

  /** Milliseconds that sampling has held the main thread so far. */
  get timeInSamplingMs(): number {
    return this.#sampler.timeInSamplingMs;
  }

  /** Starts looking for accelerators now, so that the first sample need not wait for them. */
  open(): void {
    this.#sampler.open();
  }

  /** The values now, by full name. Within `minIntervalMs` of the last sample, that one again. Never rejects. */
  async sample(prefix: string = DEFAULT_PREFIX): Promise<Record<string, number>> {
    return withPrefix(await this.#sampler.sample(), prefix);
  }

  /**
   * Takes a sample when one is due and logs it when it is there. Returns at once; true when a sample was started.
   * `at` defaults to the time of the call.
   */
  logMetrics(step: number, prefix: string = DEFAULT_PREFIX, at: PointTime = {}): boolean {
    const logger = this.#requireLogger();
    if (!this.#sampler.due) return false;
    const point: PointTime = { wallTime: Date.now() / 1000, ...at };
    this.#pending = this.#sampler.sample().then((values) => {
      if (this.#closed || Object.keys(values).length === 0) return;
      this.#guard(() => logger.logMetrics(withPrefix(values, prefix), step, point));
    });
    return true;
  }

  /** Logs a sample every `intervalMs` until `stop` or `close`. The timer does not keep the process alive. */
  start(options: SystemMetricsStartOptions): void {
    this.#requireLogger();
    this.stop();
    const tick = (): void => this.#guard(() => this.logMetrics(options.step(), options.prefix));
    this.#interval = setInterval(tick, options.intervalMs ?? DEFAULT_INTERVAL_MS);
    this.#interval.unref();
  }

  stop(): void {
    if (this.#interval !== null) clearInterval(this.#interval);
    this.#interval = null;
  }

  /** Logs the sample that is under way, then ends everything that was started. Takes at most a second. */
  async close(): Promise<void> {
    this.stop();
    await this.#sampler.close();
    // The sample is there by now, or hangs in a system call: then it is given up.
    await Promise.race([this.#pending, setImmediate()]);
    this.#closed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireLogger(): Pick<LoggerProtocol, "logMetrics"> {
    if (this.#logger !== null) return this.#logger;
    throw new TrainscopeError(
      "ERR_CONFIG",
      "There is no logger to log to. Pass one, new SystemMetricsLogger({ logger }), or use sample().",
    );
  }

  /** Nothing that a logger or a `step` function throws may end the process from a timer. */
  #guard(log: () => unknown): void {
    try {
      log();
    } catch (error) {
      if (!this.#warned) this.#onWarning(`System metrics could not be logged: ${messageOf(error)}`);
      this.#warned = true;
    }
  }
}

function withPrefix(values: SystemValues, prefix: string): Record<string, number> {
  const named: Record<string, number> = {};
  for (const name in values) named[`${prefix}/${name}`] = values[name] ?? Number.NaN;
  return named;
}
