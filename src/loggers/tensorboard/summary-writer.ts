/**
 * Writes TensorBoard event files, from Node alone.
 * - Calls return at once and never throw: what cannot be encoded is refused, what the disk does not take is kept or dropped,
 *   both are counted (`report`) and told (`onError`).
 * - At most `flushIntervalMs` of records is lost when the process is killed (event-file.ts), none when it ends by itself.
 * - Histograms and pictures are copied and made in a thread (payload-thread.ts); those of a tag keep their order.
 * - With `resumeStep`, what earlier files hold from that step on is gone before the first call (restart.ts), so that curves
 *   do not run back, whichever way TensorBoard reads them; a point that is logged again at the step before is not doubled.
 */
import { join, resolve } from "node:path";
import type { Bounds, DeliveryReport, ImageData, ModelDescription, ScatterAxes, TypedArray } from "../../contract/index.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { DEFAULT_TIMEOUT_MS, within } from "../../support/bounded-wait.js";
import { checkChildName } from "./child-name.js";
import { EventFile } from "./files/event-file.js";
import type { EventFs } from "./files/event-fs.js";
import { graphEvent, summaryEvent } from "./files/events.js";
import { atExit, noLongerAtExit } from "./files/exit.js";
import { claimDirectory, releaseDirectory } from "./files/open-directories.js";
import { takeBack } from "./files/restart.js";
import { ScalarEncoder } from "./files/scalars.js";
import { audioValue } from "./payloads/audio.js";
import { customScalarsValue, type CustomScalarsLayout } from "./payloads/custom-scalars.js";
import { graphDef } from "./payloads/graph.js";
import type { HistogramOptions } from "./payloads/histogram.js";
import { hparamsExperimentValue, sessionEndValue, sessionStartValue, type HparamValues } from "./payloads/hparams.js";
import { kerasGraphValue } from "./payloads/keras-graph.js";
import { meshValues, type Mesh } from "./payloads/mesh.js";
import { prCurveValue, type PrCurveOptions } from "./payloads/pr-curve.js";
import { tableValue } from "./payloads/table.js";
import { textValue } from "./payloads/text.js";
import { quiet, Refusals, warn, type ErrorListener } from "./refusals.js";
import { StepLimit } from "./step-limit.js";
import type { PayloadJob } from "./thread/payload-jobs.js";
import { PayloadThread } from "./thread/payload-thread.js";

export interface SummaryWriterOptions {
  /** Default 500. */
  flushIntervalMs?: number | undefined;
  /** Bytes that may wait for a failing disk. Default 16 MiB. */
  maxQueueBytes?: number | undefined;
  /** The first step that is written anew: what the directory holds from it on is removed. */
  resumeStep?: number | undefined;
  /** Called at the first failure of a kind. Default: a warning of the process. */
  onError?: ErrorListener | undefined;
  fs?: EventFs | undefined;
}

/** When a record was taken; `wallTime` in seconds since 1970, default now. */
interface At {
  wallTime?: number | undefined;
}

/** What a program that ends without `close` waits for payloads on their way. */
const EXIT_WAIT_MS = 2000;
const NO_TAGS: ReadonlySet<string> = new Set();

export class SummaryWriter {
  /** The directory, absolute. */
  readonly dir: string;
  readonly #options: SummaryWriterOptions;
  readonly #file: EventFile;
  readonly #scalars: ScalarEncoder;
  readonly #thread: PayloadThread;
  readonly #refusals: Refusals;
  readonly #children = new Map<string, SummaryWriter>();
  readonly #atExit = {
    close: (): void => {
      this.#thread.wait(EXIT_WAIT_MS);
      this.#shut();
    },
  };
  /** One for a writer and its children: TensorBoard looks for the metrics of a run with hparams below it too. */
  #steps = new StepLimit();
  /** The step before the resumed one, and what it has already. */
  readonly #lastStep: number = -1;
  readonly #tagsOfLastStep: ReadonlySet<string> = NO_TAGS;
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
    this.#options = options;
    claimDirectory(this.dir);
    const onError = quiet(options.onError ?? warn);
    this.#refusals = new Refusals(onError);
    if (resumeStep !== undefined) {
      const { hasHparams, tagsOfLastStep } = takeBack(this.dir, resumeStep, onError);
      if (hasHparams) this.#steps.holdToHparams();
      this.#lastStep = resumeStep - 1;
      this.#tagsOfLastStep = tagsOfLastStep;
    }
    this.#file = new EventFile({
      dir: this.dir,
      flushIntervalMs: options.flushIntervalMs ?? 500,
      maxQueueBytes: options.maxQueueBytes ?? 16 * 1024 * 1024,
      resumeStep,
      onError,
      fs: options.fs,
    });
    this.#scalars = new ScalarEncoder(this.#file);
    this.#thread = new PayloadThread({
      made: ({ step, wallTime: at }, value) => this.#file.append(summaryEvent(at, step, [value]), Date.now()),
      refused: ({ tag }, reason) => this.#refusals.add(tag, reason),
      lost: (jobs, reason) =>
        this.#file.lose(jobs, `The thread that makes histograms and pictures died, and ${jobs} of them with it: ${reason}`),
    });
    atExit(this.#atExit);
  }

  /**
   * The writer of a directory below this one, which TensorBoard shows as a run of its own: `train` and `validation` with the
   * same tags share a chart. The same name gives the same writer; it is flushed, closed and reported with this one.
   * Throws `ERR_LOG` for a name that is no directory below, or one that another writer has open.
   */
  child(name: string): SummaryWriter {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    checkChildName(name);
    const child = new SummaryWriter(join(this.dir, name), this.#options);
    child.#steps = this.#steps;
    this.#children.set(name, child);
    if (this.#closed) child.#shut();
    return child;
  }

  /** One point. The value is kept as a 32-bit float, NaN and infinities too; `wallTime` in seconds since 1970, default now. */
  addScalar(tag: string, value: number, step: number, wallTime?: number): void {
    if (!this.#accepts(tag, step)) return;
    if (typeof value !== "number") return this.#refusals.add(tag, `The value is a ${typeof value}, not a number.`);
    if (this.#isThere(tag, step)) return;
    const now = Date.now();
    this.#thread.poll();
    this.#scalars.one(tag, value, step, wallTime ?? now / 1000, now);
  }

  /** Points of one step, by tag. */
  addScalars(values: Readonly<Record<string, number>>, step: number, wallTime?: number): void {
    if (!this.#accepts("scalars", step)) return;
    for (const tag in values) {
      if (typeof values[tag] !== "number") return this.#refusals.add(tag, `The value is a ${typeof values[tag]}, not a number.`);
    }
    const now = Date.now();
    this.#thread.poll();
    this.#scalars.many(step === this.#lastStep ? this.#newOf(values) : values, step, wallTime ?? now / 1000, now);
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
  addScatter(tag: string, x: TypedArray, y: TypedArray, step: number, options: ScatterAxes & At = {}): void {
    const { wallTime, xLabel, yLabel, oneToOne } = options;
    this.#addMade({ kind: "scatter", tag, x, y, axes: { xLabel, yLabel, oneToOne } }, step, wallTime);
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
    const fault =
      this.#session === "none" ? this.#steps.hparamsFault : "The run has its hparams already: TensorBoard reads the first.";
    if (fault !== null) return this.#refusals.add("hparams", fault);
    const seconds = Date.now() / 1000;
    const start = (): Uint8Array => sessionStartValue({ hparams, startTimeSecs: seconds });
    const experiment = (): Uint8Array => hparamsExperimentValue({ hparams, metrics: metricTags, timeCreatedSecs: seconds });
    const added = this.#add("hparams", 0, seconds, () => (metricTags.length > 0 ? [experiment(), start()] : [start()]));
    if (!added) return;
    this.#session = "open";
    this.#steps.holdToHparams();
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
      this.#refusals.add("graph", messageOf(error));
    }
  }

  /** The model's graph as Keras writes it ("Conceptual graph"), beside `addGraph`'s: TensorBoards before 2.17 fail on it. */
  addKerasGraph(description: ModelDescription): void {
    this.#add("keras", 0, undefined, () => [kerasGraphValue(description)]);
  }

  /** What became of the records so far, those of the children too. */
  report(): DeliveryReport {
    const { written, dropped, error } = this.#file;
    const pending = this.#file.pending + this.#thread.pending;
    const own = { backend: "tensorboard", delivered: written, pending, refused: this.#refusals.count, dropped };
    const report = error === undefined ? own : { ...own, error };
    return [...this.#children.values()].reduce((sum: DeliveryReport, child) => joined(sum, child.report()), report);
  }

  /**
   * Writes what waits, within `bounds` (10 s): before it returns, where no histogram or picture is on its way. A failing disk
   * is tried once more, see `report`. Never rejects.
   */
  async flush(bounds?: Bounds): Promise<void> {
    if (this.#busy.length > 0) await this.#idle(bounds);
    for (const writer of this.#all()) writer.#file.flush();
  }

  /** Writes what waits, within `bounds` (10 s), and closes the file. Calls after it do nothing. Never rejects. */
  close(bounds?: Bounds): Promise<void> {
    this.endHparams("success");
    return this.suspend(bounds);
  }

  /** As `close`, but says nothing of how the hparams session ended: the run may go on later. */
  async suspend(bounds?: Bounds): Promise<void> {
    for (const writer of this.#all()) writer.#closed = true;
    if (this.#busy.length > 0) await this.#idle(bounds);
    for (const writer of this.#all()) writer.#shut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** This writer and all below it. */
  #all(): SummaryWriter[] {
    return [this, ...[...this.#children.values()].flatMap((child) => child.#all())];
  }

  get #busy(): SummaryWriter[] {
    return this.#all().filter((writer) => writer.#thread.pending > 0);
  }

  async #idle(bounds: Bounds | undefined): Promise<void> {
    const limits = { timeoutMs: DEFAULT_TIMEOUT_MS, ...bounds };
    await within(Promise.all(this.#busy.map((writer) => writer.#thread.idle())), limits, "make what waits");
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
    if (!this.#accepts(tag, step) || this.#isThere(tag, step)) return;
    try {
      this.#thread.add(job, { tag, step, wallTime: wallTime ?? Date.now() / 1000 });
    } catch (error) {
      this.#refusals.add(tag, messageOf(error));
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
      this.#refusals.add(tag, messageOf(error));
      return false;
    }
  }

  #accepts(tag: string, step: number): boolean {
    if (this.#closed) return false;
    if (typeof tag === "string" && this.#steps.accepts(step)) return true;
    const fault = typeof tag === "string" ? this.#steps.fault(step) : `The tag is a ${typeof tag}, not a string.`;
    this.#refusals.add(String(tag), fault);
    return false;
  }

  /** An earlier attempt logged it at the step that the run was resumed from. */
  #isThere(tag: string, step: number): boolean {
    return step === this.#lastStep && this.#tagsOfLastStep.has(tag);
  }

  /** The values that are not there yet. */
  #newOf(values: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(Object.entries(values).filter(([tag]) => !this.#tagsOfLastStep.has(tag)));
  }
}

function joined(a: DeliveryReport, b: DeliveryReport): DeliveryReport {
  const sum = {
    ...a,
    delivered: a.delivered + b.delivered,
    pending: a.pending + b.pending,
    refused: a.refused + b.refused,
    dropped: a.dropped + b.dropped,
  };
  const error = a.error ?? b.error;
  return error === undefined ? sum : { ...sum, error };
}
