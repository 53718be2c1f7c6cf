/**
 * Writes TensorBoard event files, from Node alone.
 * - Calls return at once and never throw: what cannot be encoded is refused, what the disk does not take is kept or dropped,
 *   both are counted (`report`) and told (`onError`).
 * - At most `flushIntervalMs` of records is lost when the process is killed (event-file.ts), none when it ends by itself.
 * - Histograms and pictures are copied and made in a thread (payload-thread.ts); those of a tag keep their order.
 * - With `resumeStep`, what earlier files hold from that step on is gone before the first call (restart.ts), so that curves
 *   do not run back, whichever way TensorBoard reads them.
 */
import { resolve } from "node:path";
import type { Bounds, DeliveryReport, ImageData, ModelDescription, TypedArray } from "../../contract/index.js";
import { messageOf, TrainscopeError } from "../../errors.js";
import { within } from "../bounds.js";
import type { EventFs } from "./event-files.js";
import { EventFile } from "./event-file.js";
import { graphEvent, summaryEvent } from "./events.js";
import { atExit, noLongerAtExit } from "./exit.js";
import { claimDirectory, releaseDirectory } from "./open-directories.js";
import type { PayloadJob } from "./payload-jobs.js";
import { PayloadThread } from "./payload-thread.js";
import { audioValue } from "./payloads/audio.js";
import { customScalarsValue, type CustomScalarsLayout } from "./payloads/custom-scalars.js";
import { graphDef } from "./payloads/graph.js";
import type { HistogramOptions } from "./payloads/histogram.js";
import { hparamsExperimentValue, sessionEndValue, sessionStartValue, type HparamValues } from "./payloads/hparams.js";
import { meshValues, type Mesh } from "./payloads/mesh.js";
import { prCurveValue, type PrCurveOptions } from "./payloads/pr-curve.js";
import { tableValue } from "./payloads/table.js";
import { textValue } from "./payloads/text.js";
import { takeBack } from "./restart.js";
import { ScalarEncoder } from "./scalars.js";

export interface SummaryWriterOptions {
  /** Default 500. */
  flushIntervalMs?: number | undefined;
  /** Bytes that may wait for a failing disk. Default 16 MiB. */
  maxQueueBytes?: number | undefined;
  /** The first step that is written anew: what the directory holds from it on is removed. */
  resumeStep?: number | undefined;
  /** Called at the first failure of a kind. Default: a warning of the process. */
  onError?: ((error: TrainscopeError) => void) | undefined;
  fs?: EventFs | undefined;
}

/** TensorBoard's hparams plugin answers nothing for the whole log directory when a run in it has a larger step. */
const MAX_HPARAMS_STEP = 2 ** 31 - 1;
const MAX_TOLD = 100;
/** What a program that ends without `close` waits for payloads on their way. */
const EXIT_WAIT_MS = 2000;

export class SummaryWriter {
  /** The directory, absolute. */
  readonly dir: string;
  readonly #file: EventFile;
  readonly #scalars: ScalarEncoder;
  readonly #thread: PayloadThread;
  readonly #atExit = {
    close: (): void => {
      this.#thread.wait(EXIT_WAIT_MS);
      this.#shut();
    },
  };
  readonly #onError: (error: TrainscopeError) => void;
  readonly #told = new Set<string>();
  #refused = 0;
  #largestStep = 0;
  #maxStep: number = Number.MAX_SAFE_INTEGER;
  #session: "none" | "open" | "ended" = "none";
  #closed = false;
  #isShut = false;

  /** Throws `ERR_LOG` when another writer of this process has the directory open. Makes no file before the first record. */
  constructor(dir: string, options: SummaryWriterOptions = {}) {
    const { resumeStep } = options;
    if (resumeStep !== undefined && !(Number.isSafeInteger(resumeStep) && resumeStep >= 0)) {
      throw new TrainscopeError("ERR_LOG", `resumeStep is ${resumeStep}, not an integer from 0.`, { path: "SummaryWriter" });
    }
    this.dir = resolve(dir);
    claimDirectory(this.dir);
    this.#onError = quiet(options.onError ?? warn);
    if (resumeStep !== undefined) {
      if (takeBack(this.dir, resumeStep, this.#onError).hasHparams) this.#maxStep = MAX_HPARAMS_STEP;
    }
    this.#file = new EventFile({
      dir: this.dir,
      flushIntervalMs: options.flushIntervalMs ?? 500,
      maxQueueBytes: options.maxQueueBytes ?? 16 * 1024 * 1024,
      resumeStep,
      onError: this.#onError,
      fs: options.fs,
    });
    this.#scalars = new ScalarEncoder(this.#file);
    this.#thread = new PayloadThread({
      made: ({ step, wallTime: at }, value) => this.#file.append(summaryEvent(at, step, [value]), Date.now()),
      refused: ({ tag }, reason) => this.#refuse(tag, reason),
      lost: (jobs, reason) =>
        this.#file.lose(jobs, `The thread that makes histograms and pictures died, and ${jobs} of them with it: ${reason}`),
    });
    atExit(this.#atExit);
  }

  /** One point. The value is kept as a 32-bit float, NaN and infinities too; `wallTime` in seconds since 1970, default now. */
  addScalar(tag: string, value: number, step: number, wallTime?: number): void {
    if (!this.#accepts(tag, step)) return;
    if (typeof value !== "number") return this.#refuse(tag, `The value is a ${typeof value}, not a number.`);
    const now = Date.now();
    this.#thread.poll();
    this.#scalars.one(tag, value, step, wallTime ?? now / 1000, now);
  }

  /** Points of one step, by tag. */
  addScalars(values: Readonly<Record<string, number>>, step: number, wallTime?: number): void {
    if (!this.#accepts("scalars", step)) return;
    for (const tag in values) {
      if (typeof values[tag] !== "number") return this.#refuse(tag, `The value is a ${typeof values[tag]}, not a number.`);
    }
    const now = Date.now();
    this.#thread.poll();
    this.#scalars.many(values, step, wallTime ?? now / 1000, now);
  }

  /** The distribution of the finite `values`, in 30 buckets of one width, in as many as you say, or in those of TensorFlow 1. */
  addHistogram(tag: string, values: TypedArray, step: number, options: HistogramOptions & At = {}): void {
    this.#addMade({ kind: "histogram", tag, values, options }, step, options.wallTime);
  }

  addImage(tag: string, image: ImageData, step: number, wallTime?: number): void {
    this.#addMade({ kind: "images", tag, images: [image] }, step, wallTime);
  }

  /** Images of one step, side by side; TensorBoard takes the size of the first for all of them. */
  addImages(tag: string, images: readonly ImageData[], step: number, wallTime?: number): void {
    this.#addMade({ kind: "images", tag, images }, step, wallTime);
  }

  /** Points `x[i]`, `y[i]` as a picture with axes. */
  addScatter(tag: string, x: TypedArray, y: TypedArray, step: number, wallTime?: number): void {
    this.#addMade({ kind: "scatter", tag, x, y }, step, wallTime);
  }

  /** Text, shown as Markdown. */
  addText(tag: string, markdown: string, step: number, wallTime?: number): void {
    this.#add(tag, step, wallTime, () => [textValue(tag, markdown)]);
  }

  /** A table whose first row is its heading; cells show exactly their text. */
  addTable(tag: string, rows: readonly (readonly string[])[], step: number, wallTime?: number): void {
    this.#add(tag, step, wallTime, () => [tableValue(tag, rows)]);
  }

  /** Sound: samples of -1..1. */
  addAudio(tag: string, samples: Float32Array, sampleRateHz: number, step: number, wallTime?: number): void {
    this.#add(tag, step, wallTime, () => [audioValue(tag, samples, sampleRateHz)]);
  }

  /** A precision-recall curve: `labels` are true or not (0), `scores` 0..1, one for each label. */
  addPrCurve(
    tag: string,
    labels: ArrayLike<number | boolean>,
    scores: ArrayLike<number>,
    step: number,
    options: PrCurveOptions & At = {},
  ): void {
    this.#add(tag, step, options.wallTime, () => [prCurveValue(tag, labels, scores, options)]);
  }

  /** A mesh, or a cloud of points. */
  addMesh(tag: string, mesh: Mesh, step: number, wallTime?: number): void {
    this.#add(tag, step, wallTime, () => meshValues(tag, mesh));
  }

  /**
   * The run's parameters, once, in the run's own directory. With `metricTags` they say which scalars are columns, for all
   * runs of the log directory; without, TensorBoard takes every scalar. Steps of such a run must not exceed 2^31 - 1.
   */
  addHparams(hparams: HparamValues, metricTags: readonly string[] = []): void {
    if (this.#closed) return;
    if (this.#session !== "none") return this.#refuse("hparams", "The run has its hparams already: TensorBoard reads the first.");
    if (this.#largestStep > MAX_HPARAMS_STEP) {
      return this.#refuse("hparams", `Step ${this.#largestStep} is over 2^31 - 1: TensorBoard could show no hparams at all.`);
    }
    const seconds = Date.now() / 1000;
    const start = (): Uint8Array => sessionStartValue({ hparams, startTimeSecs: seconds });
    const experiment = (): Uint8Array => hparamsExperimentValue({ hparams, metrics: metricTags, timeCreatedSecs: seconds });
    const added = this.#add("hparams", 0, seconds, () => (metricTags.length > 0 ? [experiment(), start()] : [start()]));
    if (!added) return;
    this.#session = "open";
    this.#maxStep = MAX_HPARAMS_STEP;
  }

  /** How the run with these hparams ended, once; `close` says success when nobody did. */
  endHparams(status: "success" | "failure"): void {
    if (this.#session !== "open") return;
    const seconds = Date.now() / 1000;
    this.#add("hparams", 0, seconds, () => [sessionEndValue(status, seconds)]);
    this.#session = "ended";
  }

  /** Which scalars share a chart, in the tab Custom Scalars. */
  addCustomScalars(layout: CustomScalarsLayout): void {
    this.#add("custom_scalars", 0, undefined, () => [customScalarsValue(layout)]);
  }

  /** The model's graph; TensorBoard shows the last one of a run. */
  addGraph(description: ModelDescription): void {
    if (this.#closed) return;
    try {
      const now = Date.now();
      this.#file.append(graphEvent(now / 1000, graphDef(description)), now);
    } catch (error) {
      this.#refuse("graph", messageOf(error));
    }
  }

  /** What became of the records so far. */
  report(): DeliveryReport {
    const { written, dropped, error } = this.#file;
    const pending = this.#file.pending + this.#thread.pending;
    const report: DeliveryReport = { backend: "tensorboard", delivered: written, pending, refused: this.#refused, dropped };
    return error === undefined ? report : { ...report, error };
  }

  /** Writes what waits, within `bounds` (10 s); a failing disk is tried once more, see `report`. Never rejects. */
  async flush(bounds?: Bounds): Promise<void> {
    if (this.#thread.pending > 0) await within(this.#thread.idle(), bounds, "make what waits");
    this.#file.flush();
  }

  /** Writes what waits, within `bounds` (10 s), and closes the file. Calls after it do nothing. Never rejects. */
  close(bounds?: Bounds): Promise<void> {
    this.endHparams("success");
    return this.suspend(bounds);
  }

  /** As `close`, but says nothing of how the hparams session ended: the run may go on later. */
  async suspend(bounds?: Bounds): Promise<void> {
    this.#closed = true;
    if (this.#thread.pending > 0) await within(this.#thread.idle(), bounds, "make what waits");
    this.#shut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #shut(): void {
    if (this.#isShut) return;
    this.#closed = true;
    this.#isShut = true;
    this.#thread.stop();
    this.#file.close();
    noLongerAtExit(this.#atExit);
    releaseDirectory(this.dir);
  }

  #addMade(job: PayloadJob, step: number, wallTime: number | undefined): void {
    const { tag } = job;
    if (!this.#accepts(tag, step)) return;
    try {
      this.#thread.add(job, { tag, step, wallTime: wallTime ?? Date.now() / 1000 });
    } catch (error) {
      this.#refuse(tag, messageOf(error));
    }
  }

  /** False when it was refused. */
  #add(tag: string, step: number, wallTime: number | undefined, encode: () => readonly Uint8Array[]): boolean {
    if (!this.#accepts(tag, step)) return false;
    try {
      const now = Date.now();
      this.#file.append(summaryEvent(wallTime ?? now / 1000, step, encode()), now);
      return true;
    } catch (error) {
      this.#refuse(tag, messageOf(error));
      return false;
    }
  }

  #accepts(tag: string, step: number): boolean {
    if (this.#closed) return false;
    if (typeof tag === "string" && Number.isSafeInteger(step) && step >= 0 && step <= this.#maxStep) {
      if (step > this.#largestStep) this.#largestStep = step;
      return true;
    }
    this.#refuse(String(tag), this.#fault(tag, step));
    return false;
  }

  #fault(tag: unknown, step: number): string {
    if (typeof tag !== "string") return `The tag is a ${typeof tag}, not a string.`;
    if (step > this.#maxStep)
      return `Step ${step} is over 2^31 - 1, and the run has hparams: TensorBoard could show none at all.`;
    return `The step is ${String(step)}, not an integer from 0.`;
  }

  #refuse(tag: string, reason: string): void {
    this.#refused++;
    if (this.#told.size >= MAX_TOLD || this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#onError(new TrainscopeError("ERR_LOG", `A record of "${tag}" was refused: ${reason}`, { path: "SummaryWriter" }));
  }
}

/** When a record was taken; `wallTime` in seconds since 1970, default now. */
interface At {
  wallTime?: number | undefined;
}

function warn(error: TrainscopeError): void {
  process.emitWarning(error.message, "TrainscopeWarning", error.code);
}

/** What a listener throws must not reach the caller of a log method. */
function quiet(listener: (error: TrainscopeError) => void): (error: TrainscopeError) => void {
  return (error) => {
    try {
      listener(error);
    } catch {
      // There is nobody here to tell.
    }
  };
}
