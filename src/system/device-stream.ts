import { setImmediate } from "node:timers/promises";
import { CommandStream } from "./command-stream.js";
import { printable } from "../support/printable.js";
import { isDeviceRow, silentDevice, type DeviceReading } from "./device.js";
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

/** What is known of one device. */
interface Known {
  newest: DeviceReading;
  /** As it was called before it was lost. */
  uuid: string;
  /** The table that it was in last. */
  table: number;
}

/**
 * The newest reading of each device of one tool.
 * - A device that the tool lists no longer, with a fault, or in a row that cannot be read has no values from then on, and that is
 *   reported once. It keeps its place, so that the others keep their names; when it is listed again, it has values again.
 * - A tool that ends, or prints nothing that can be read for too long, is reported once and no longer read.
 */
export class DeviceStream {
  readonly #options: DeviceStreamOptions;
  readonly #stream: CommandStream;
  readonly #devices = new Map<number, Known>();
  readonly #reported = new Set<number>();
  /** Tables so far: a table begins where the index does not grow. */
  #table = 0;
  #lastIndex = -1;
  #failed = false;

  constructor(options: DeviceStreamOptions) {
    this.#options = options;
    this.#stream = new CommandStream(options.file, options.tool.args, (line) => this.#readLine(line));
  }

  /** Waits for the first readings. False: there will be none, and that was reported. */
  async open(): Promise<boolean> {
    const { tool, only, timeoutMs } = this.#options;
    const started = await this.#stream.start(timeoutMs);
    if (started !== "running") return this.#fail(started === "ended" ? null : this.#silence(`in ${timeoutMs} ms`));
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
      if (this.#isStale()) this.#fail(this.#stream.ending === null ? this.#silence(`for ${this.#options.timeoutMs} ms`) : null);
    }
    if (this.#failed) return [];
    const { only } = this.#options;
    const indices = only === null ? [...this.#devices.keys()].sort((a, b) => a - b) : [only];
    return indices.map((index) => this.#reading(index, this.#devices.get(index)));
  }

  close(): void {
    this.#failed = true;
    this.#stream.close();
  }

  #readLine(line: string): boolean {
    const reading = this.#options.tool.parse(line);
    if (reading !== null) this.#note(reading);
    else if (isDeviceRow(line)) this.#note(silentDevice(Number.parseInt(line, 10), `its row cannot be read: ${quoted(line)}`));
    return reading !== null;
  }

  #note(newest: DeviceReading): void {
    const { index, uuid } = newest;
    if (index <= this.#lastIndex) this.#table++;
    this.#lastIndex = index;
    this.#devices.set(index, { newest, table: this.#table, uuid: uuid === "" ? (this.#devices.get(index)?.uuid ?? "") : uuid });
  }

  #reading(index: number, known: Known | undefined): DeviceReading {
    // The table that is being printed may not have come to it: one whole table without it says that it is gone.
    const isGone = known === undefined || this.#table - known.table > 1;
    if (!isGone && known.newest.fault === null) return known.newest;
    const fault = isGone ? "it is no longer listed" : (known.newest.fault ?? "");
    this.#reportFault(index, known, fault, isGone);
    return silentDevice(index, fault);
  }

  #reportFault(index: number, known: Known | undefined, fault: string, isGone: boolean): void {
    if (this.#reported.has(index)) return;
    this.#reported.add(index);
    const { tool, reporter } = this.#options;
    const name = known === undefined || known.uuid === "" ? "" : ` (${printable(known.uuid)})`;
    const printed = isGone && this.#stream.printed !== "" ? ` ${tool.command} printed: ${this.#stream.printed}` : "";
    reporter.warn(`Device ${index}${name} of ${tool.command} gives no metrics now: ${printable(fault)}.${printed}`);
  }

  /** Why it is taken for silent: it printed nothing at all, or nothing that can be read. */
  #silence(howLong: string): string {
    const { printed } = this.#stream;
    return printed === ""
      ? `it printed nothing ${howLong}`
      : `it printed nothing that can be read ${howLong}, but: ${quoted(printed)}`;
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

function quoted(text: string): string {
  return `"${printable(text.slice(0, 200))}"`;
}
