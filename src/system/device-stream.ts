import { setImmediate } from "node:timers/promises";
import { CommandStream } from "./command-stream.js";
import type { DeviceReading } from "./device.js";
import type { SourceReporter } from "./source.js";

/** Which tool to run, and how to read its lines. */
export interface DeviceTool {
  command: string;
  args: readonly string[];
  parse(line: string): DeviceReading | null;
}

interface DeviceStreamOptions {
  file: string;
  tool: DeviceTool;
  /** The one device to keep, by the tool's index, or null for all. */
  only: number | null;
  timeoutMs: number;
  reporter: SourceReporter;
}

/** The newest reading of each device of one tool. A tool that ends or prints nothing for too long is reported once and no longer read. */
export class DeviceStream {
  readonly #options: DeviceStreamOptions;
  readonly #stream: CommandStream;
  readonly #devices = new Map<number, DeviceReading>();
  #failed = false;

  constructor(options: DeviceStreamOptions) {
    this.#options = options;
    this.#stream = new CommandStream(options.file, options.tool.args, (line) => {
      const reading = options.tool.parse(line);
      if (reading !== null) this.#devices.set(reading.index, reading);
      return reading !== null;
    });
  }

  /** Waits for the first readings. False: there will be none, and that was reported. */
  async open(): Promise<boolean> {
    const { tool, only, timeoutMs } = this.#options;
    const started = await this.#stream.start(timeoutMs);
    if (started !== "running") return this.#fail(started === "ended" ? null : `it printed nothing in ${timeoutMs} ms`);
    if (only === null || this.#devices.has(only)) return true;
    const known = [...this.#devices.keys()].join(", ");
    return this.#fail(`gpuDevice ${only} is not there; ${tool.command} lists: ${known}`);
  }

  /** The newest readings by index; none after a failure. */
  async read(): Promise<DeviceReading[]> {
    if (this.#failed) return [];
    if (this.#isStale()) {
      // The main thread may have been busy: read the lines that wait in the pipe first.
      await setImmediate();
      await setImmediate();
      if (this.#isStale())
        this.#fail(this.#stream.ending === null ? `it printed nothing for ${this.#options.timeoutMs} ms` : null);
    }
    if (this.#failed) return [];
    const { only } = this.#options;
    const devices = [...this.#devices.values()].sort((a, b) => a.index - b.index);
    return only === null ? devices : devices.filter((device) => device.index === only);
  }

  close(): void {
    this.#failed = true;
    this.#stream.close();
  }

  #isStale(): boolean {
    if (this.#stream.ending !== null) return true;
    return performance.now() - (this.#stream.lastLineMs ?? 0) > this.#options.timeoutMs;
  }

  #fail(problem: string | null): false {
    if (this.#failed) return false; // closed, or reported before
    const { tool, reporter } = this.#options;
    const reason = problem ?? this.#stream.ending ?? "it ended";
    if (/no devices were found/i.test(reason)) reporter.info(`${tool.command} found no device: no accelerator metrics from it.`);
    else reporter.warn(`${tool.command} gives no metrics: ${reason}. It is not started again in this run.`);
    this.close();
    return false;
  }
}
