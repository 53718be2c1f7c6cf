import { CommandStream } from "./command-stream.js";
import { DeviceStream, type DeviceTool } from "./device-stream.js";
import { writeDevices, type DeviceKind } from "./device.js";
import { findExecutable } from "./find-executable.js";
import { GAUDI_COLUMNS, parseGaudiRow } from "./gaudi-csv.js";
import { NVIDIA_GPU_COLUMNS, NVIDIA_PROCESS_COLUMNS, parseNvidiaProcessRow, parseNvidiaRow } from "./nvidia-csv.js";
import { GIB, type ApplyValues, type SourceReporter, type SystemSource } from "./source.js";

const CSV = "--format=csv,noheader,nounits";

const TOOLS: Readonly<Record<DeviceKind, DeviceTool>> = {
  gpu: { command: "nvidia-smi", args: [`--query-gpu=${NVIDIA_GPU_COLUMNS}`, CSV, "-lms", "1000"], parse: parseNvidiaRow },
  hpu: { command: "hl-smi", args: ["-Q", GAUDI_COLUMNS, "-f", "csv,noheader,nounits", "-l", "1"], parse: parseGaudiRow },
};

const NVIDIA_PROCESS_ARGS = [`--query-compute-apps=${NVIDIA_PROCESS_COLUMNS}`, CSV, "-lms", "1000"];

export interface AcceleratorOptions {
  /** The one device to report, by the driver's index; undefined: all. */
  gpuDevice?: number | undefined;
  /** How long a tool may print nothing before it is killed. */
  timeoutMs: number;
  /** Bytes that the training framework holds in its own pool on the first device; undefined where that is not known. */
  reservedBytes?: (() => number | undefined) | undefined;
}

/**
 * NVIDIA GPUs through `nvidia-smi` and Gaudi HPUs through `hl-smi`, each started once, in its loop mode.
 *
 * Not through `systeminformation.graphics()`, which starts nvidia-smi with `execFileSync` at each call (a hung driver then
 * stops training), leaves out values that are 0 (an idle GPU has no utilisation), finds no GPU where `lspci` is not
 * installed (most containers), and does not report the memory of one process.
 */
export class AcceleratorSource implements SystemSource {
  readonly name = "accelerators";
  readonly #options: AcceleratorOptions;
  readonly #reporter: SourceReporter;
  readonly #streams = new Map<DeviceKind, DeviceStream>();
  readonly #ownMemoryMib = new Map<string, { mib: number; atMs: number }>();
  #processes: CommandStream | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor(options: AcceleratorOptions, reporter: SourceReporter) {
    this.#options = options;
    this.#reporter = reporter;
  }

  /** Looks for the tools on the PATH and starts those that are there; further calls wait for the first. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async read(): Promise<ApplyValues> {
    await this.open();
    const streams = [...this.#streams];
    const readings = await Promise.all(streams.map(([, stream]) => stream.read()));
    return (values) => {
      for (const [index, [kind]] of streams.entries()) {
        const devices = readings[index] ?? [];
        writeDevices(values, kind, devices, this.#ownMemory());
        const reserved = devices.length === 0 ? undefined : this.#options.reservedBytes?.();
        if (reserved !== undefined && Number.isFinite(reserved)) values[`${kind}_memory_reserved_gb`] = reserved / GIB;
      }
    };
  }

  close(): void {
    this.#closed = true;
    this.#processes?.close();
    for (const stream of this.#streams.values()) stream.close();
  }

  async #open(): Promise<void> {
    const files = await Promise.all([findExecutable(TOOLS.gpu.command), findExecutable(TOOLS.hpu.command)]);
    if (this.#closed) return;
    const [gpuFile, hpuFile] = files;
    if (gpuFile === null && hpuFile === null) {
      this.#reporter.info("No accelerator metrics: neither nvidia-smi nor hl-smi is on the PATH.");
      return;
    }
    const [gpuRuns] = await Promise.all([this.#start("gpu", gpuFile), this.#start("hpu", hpuFile)]);
    if (gpuRuns && gpuFile !== null && !this.#closed) this.#watchProcesses(gpuFile);
  }

  async #start(kind: DeviceKind, file: string | null): Promise<boolean> {
    if (file === null) return false;
    const { gpuDevice, timeoutMs } = this.#options;
    const stream = new DeviceStream({ file, tool: TOOLS[kind], only: gpuDevice ?? null, timeoutMs, reporter: this.#reporter });
    this.#streams.set(kind, stream);
    return stream.open();
  }

  /** In a container the driver may not know this process by its id; then the memory used on the device is reported. */
  #watchProcesses(file: string): void {
    this.#processes = new CommandStream(file, NVIDIA_PROCESS_ARGS, (line) => {
      const reading = parseNvidiaProcessRow(line);
      if (reading?.pid === process.pid) this.#ownMemoryMib.set(reading.uuid, { mib: reading.usedMib, atMs: performance.now() });
      return reading !== null;
    });
  }

  #ownMemory(): ReadonlyMap<string, number> {
    const fresh = new Map<string, number>();
    const oldestMs = performance.now() - this.#options.timeoutMs;
    for (const [uuid, { mib, atMs }] of this.#ownMemoryMib) if (atMs >= oldestMs) fresh.set(uuid, mib);
    return fresh;
  }
}
