/** A backend that keeps what it is given, as an example of the smallest honest one: it copies, and it throws nothing. */
import type { LoggerBackend, Metrics, PointTime, TypedArray } from "../../src/contract/index.js";
import type { Recorded } from "./logger.js";

export class MemoryBackend implements LoggerBackend {
  readonly name: string;
  readonly records: Recorded[] = [];
  readonly times: PointTime[] = [];
  #closed = false;

  constructor(name: string = "memory") {
    this.name = name;
  }

  logMetrics(metrics: Metrics, step: number, at: PointTime = {}): void {
    if (this.#closed) return;
    this.times.push({ ...at });
    for (const [name, value] of Object.entries(metrics)) this.records.push({ kind: "metric", name, value, step });
  }

  logText(name: string, text: string, step: number): void {
    if (!this.#closed) this.records.push({ kind: "text", name, text, step });
  }

  close(): void {
    this.#closed = true;
  }
}

/** Also keeps histograms, each as a copy. */
export class MediaMemoryBackend extends MemoryBackend {
  readonly histograms: { name: string; values: number[]; step: number }[] = [];

  logHistogram(name: string, values: TypedArray, step: number): void {
    this.histograms.push({ name, values: Array.from(values, Number), step });
  }
}
