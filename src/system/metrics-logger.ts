import { parseConfig } from "../config/index.js";
import type { PointTime } from "../contract/index.js";
import { within } from "../support/bounded-wait.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import { DEFAULT_PREFIX, SystemMetricsLoggerOptions, SystemMetricsStartOptions } from "./options.js";
import type { MetricsSink } from "./options.js";
import { SystemSampler } from "./sampler.js";
import type { SystemValues } from "./source.js";

/**
 * Logs CPU, memory, process and accelerator use as `system/cpu_percent`, `system/gpu_utilization_percent`, …, alone or
 * behind the trainer.
 * - Names: `systemMetricNames` lists them; `gb` is 2^30 and `mb` 2^20 bytes. Of several accelerators the first has the plain names,
 *   the others `system/gpu.1/utilization_percent`, ….
 * - Time: a value is logged when its sample has arrived, some milliseconds after the call, with the step and the wall time of the
 *   call. Samples are at least `minIntervalMs` apart: calls in between log nothing.
 * - Errors: what a logger or `step` throws or rejects with is a warning, once; it never ends the process.
 */
export class SystemMetricsLogger {
  readonly #sampler: SystemSampler;
  readonly #logger: MetricsSink | null;
  readonly #warn: (message: string) => void;
  #interval: NodeJS.Timeout | null = null;
  #pending: Promise<void> | null = null;
  #warned = false;
  #closed = false;

  /** Throws `ERR_CONFIG` for options that are unknown or out of range. No tool is started yet. */
  constructor(options: SystemMetricsLoggerOptions = {}) {
    const { logger, ...sampled } = parseConfig(SystemMetricsLoggerOptions, options, "SystemMetricsLogger");
    this.#sampler = new SystemSampler(sampled);
    this.#logger = logger ?? null;
    this.#warn = guardedListener(sampled.onWarning);
  }

  /** Milliseconds that samples have held the main thread so far. */
  get timeInSamplingMs(): number {
    return this.#sampler.timeInSamplingMs;
  }

  /** Starts the tools of the accelerators now, so that the first sample need not wait for them. Returns at once. */
  open(): void {
    this.#sampler.open();
  }

  /** The values now, by full name (`<prefix>/cpu_percent`). Within `minIntervalMs` of the last sample, that one again. Never rejects. */
  async sample(prefix: string = DEFAULT_PREFIX): Promise<Record<string, number>> {
    return withPrefix(await this.#sampler.sample(), prefix);
  }

  /**
   * Takes a sample when one is due and logs it as `<prefix>/…` when it has arrived. Returns at once; true when a sample was started.
   * `at`: the wall time in seconds and the epoch of the points; the wall time is that of the call where it is left out.
   * Throws `ERR_CONFIG` without a `logger`.
   */
  logMetrics(step: number, prefix: string = DEFAULT_PREFIX, at: PointTime = {}): boolean {
    const logger = this.#requireLogger();
    if (!this.#sampler.due) return false;
    const point: PointTime = { wallTime: Date.now() / 1000, ...at };
    const log = this.#guarded((values: SystemValues) => logger.logMetrics(withPrefix(values, prefix), step, point));
    this.#pending = this.#sampler.sample().then((values) => {
      if (!this.#closed && Object.keys(values).length > 0) log(values);
    });
    return true;
  }

  /**
   * Logs a sample every `intervalMs` until `stop` or `close`; a second call replaces the first. The timer does not keep the process
   * alive. Throws `ERR_CONFIG` without a `logger`, and for options that are unknown or out of range.
   */
  start(options: SystemMetricsStartOptions): void {
    const { step, intervalMs, prefix } = parseConfig(SystemMetricsStartOptions, options, "SystemMetricsLogger.start");
    this.#requireLogger();
    this.stop();
    const tick = this.#guarded(() => this.logMetrics(step(), prefix));
    this.#interval = setInterval(tick, intervalMs);
    this.#interval.unref();
  }

  /** Ends what `start` began; the sample that is under way is still logged. */
  stop(): void {
    if (this.#interval !== null) clearInterval(this.#interval);
    this.#interval = null;
  }

  /** Logs the sample that is under way, then ends everything that was started. Takes at most a second. */
  async close(): Promise<void> {
    this.stop();
    await this.#sampler.close();
    // The sample has arrived by now, or hangs in a system call: then it is not waited for.
    if (this.#pending !== null) await within(this.#pending, { timeoutMs: 0 }, "arrive");
    this.#closed = true;
  }

  /** As `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireLogger(): MetricsSink {
    if (this.#logger !== null) return this.#logger;
    throw new TrainscopeError(
      "ERR_CONFIG",
      "There is no logger to log to. Pass one, new SystemMetricsLogger({ logger }), or use sample().",
    );
  }

  /** What the user's logger or `step` throws or rejects with is reported, once: it runs where no caller could catch it. */
  #guarded<Args extends readonly unknown[]>(log: (...args: Args) => unknown): (...args: Args) => void {
    return guardedListener(log, (error) => {
      if (!this.#warned) this.#warn(`System metrics could not be logged: ${messageOf(error)}`);
      this.#warned = true;
    });
  }
}

function withPrefix(values: SystemValues, prefix: string): Record<string, number> {
  const named: Record<string, number> = {};
  for (const name in values) named[`${prefix}/${name}`] = values[name] ?? Number.NaN;
  return named;
}
