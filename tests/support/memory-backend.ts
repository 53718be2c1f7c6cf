import type { LoggerBackend, Metrics, ParamValue, PointTime, RunStatus, TypedArray } from "../../src/contract/index.js";
import type { Recorded } from "../contract/logger.js";

/** One point as a backend was given it. */
export interface Point {
  name: string;
  value: number;
  step: number;
  epoch: number | undefined;
}

/** A kind of record that a backend may lack. */
type Kind = "logText" | "logEvent" | "logParams" | "setTags" | "setNotes" | "logHistogram";

/** The backend of tests: keeps a copy of what it is given until it is closed, and throws nothing. */
export class MemoryBackend implements LoggerBackend {
  readonly name: string;
  /** Points and texts in the order of the calls, as the contract of backends reads them back. */
  readonly records: Recorded[] = [];
  readonly points: Point[] = [];
  /** The time of each `logMetrics` call. */
  readonly times: PointTime[] = [];
  readonly events: { name: string; data: Readonly<Record<string, unknown>>; step: number | undefined }[] = [];
  readonly params: Record<string, ParamValue> = {};
  readonly tags: Record<string, string> = {};
  /** The text of each `setNotes`. */
  readonly notes: string[] = [];
  readonly histograms: { name: string; values: number[]; step: number }[] = [];
  /** The status of each `close`. */
  readonly closed: RunStatus[] = [];

  /** `lacks`: kinds of records that it has no method for, so that they are converted or counted. */
  constructor(name = "memory", { lacks = [] }: { lacks?: readonly Kind[] } = {}) {
    this.name = name;
    for (const kind of lacks) Object.defineProperty(this, kind, { value: undefined });
  }

  logMetrics(metrics: Metrics, step: number, at: PointTime = {}): void {
    if (this.#isClosed) return;
    this.times.push({ ...at });
    for (const [name, value] of Object.entries(metrics)) {
      this.records.push({ kind: "metric", name, value, step });
      this.points.push({ name, value, step, epoch: at.epoch });
    }
  }

  logText(name: string, text: string, step: number): void {
    if (!this.#isClosed) this.records.push({ kind: "text", name, text, step });
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    if (!this.#isClosed) this.events.push({ name, data, step });
  }

  logParams(params: Readonly<Record<string, ParamValue>>): void {
    if (!this.#isClosed) Object.assign(this.params, params);
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    if (!this.#isClosed) Object.assign(this.tags, tags);
  }

  setNotes(markdown: string): void {
    if (!this.#isClosed) this.notes.push(markdown);
  }

  logHistogram(name: string, values: TypedArray, step: number): void {
    if (!this.#isClosed) this.histograms.push({ name, values: Array.from(values, Number), step });
  }

  close(status: RunStatus): void {
    this.closed.push(status);
  }

  /** The values of one metric by step. */
  series(name: string): [step: number, value: number][] {
    return this.points.filter((point) => point.name === name).map(({ step, value }) => [step, value]);
  }

  /** The messages of the events "warning". */
  get warnings(): string[] {
    return this.events.filter(({ name }) => name === "warning").map(({ data }) => String(data["message"]));
  }

  get #isClosed(): boolean {
    return this.closed.length > 0;
  }
}
