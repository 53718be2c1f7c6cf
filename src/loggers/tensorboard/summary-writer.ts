import { join } from "node:path";
import type { Bounds, DeliveryReport, ImageData, ModelDescription, TypedArray } from "../../contract/index.js";
import { parseConfig } from "../../config/problems.js";
import { userPath } from "../../support/user-path.js";
import { checkChildName } from "./child-name.js";
import { closeOutputs, flushOutputs, reportOf } from "./delivery.js";
import { graphEvent } from "./files/events.js";
import { HparamsSession } from "./hparams-session.js";
import { SummaryWriterOptions, type ResolvedSummaryWriterOptions } from "./options.js";
import { audioValue } from "./payloads/audio.js";
import { customScalarsValue, type CustomScalarsLayout } from "./payloads/custom-scalars.js";
import { graphDef } from "./payloads/graph.js";
import { HISTOGRAM_KEYS, type HistogramOptions } from "./payloads/histogram.js";
import type { HparamValues } from "./payloads/hparams.js";
import { kerasGraphValue } from "./payloads/keras-graph.js";
import { meshValues, type Mesh } from "./payloads/mesh.js";
import { PR_CURVE_KEYS, prCurveValue, type PrCurveOptions } from "./payloads/pr-curve.js";
import { SCATTER_KEYS, type ScatterOptions } from "./payloads/raster/scatter.js";
import { tableValue } from "./payloads/table.js";
import { textValue } from "./payloads/text.js";
import { RunOutput } from "./run-output.js";

/**
 * Writes TensorBoard event files, from Node alone.
 * - Add methods return at once and never throw. A record that cannot be encoded is refused; one that the disk does not accept is
 *   kept in memory, then dropped. Both are counted (`report`), and reported once for each kind of failure (`onError`).
 * - A process that is killed loses at most `flushIntervalMs` of records, one that ends by itself none.
 * - Histograms, images and scatters are copied at the call and encoded in a thread; those of one tag keep their order.
 * - With `resumeStep`, the records that earlier attempts logged from that step on are removed first, so that no curve runs back.
 * - A directory has one open writer in a process, and each writer one growing file: TensorBoard expects that.
 *
 * In all methods: `tag` names the series, and "/" in it makes groups on the page; `step` is an integer from 0 to 2^53 - 1;
 * `wallTime` is in seconds since 1970, by default now.
 */
export class SummaryWriter {
  /** The run directory, absolute. */
  readonly dir: string;
  readonly #options: ResolvedSummaryWriterOptions;
  readonly #output: RunOutput;
  readonly #hparams: HparamsSession;
  readonly #children = new Map<string, SummaryWriter>();

  /**
   * Opens the run directory `dir`; the directory and its file are created with the first record.
   * Throws `ERR_CONFIG` for an option that is unknown or out of range, and `ERR_LOG` when another writer of this process has the
   * directory open.
   */
  constructor(dir: string, options?: SummaryWriterOptions) {
    this.#options = parseConfig(SummaryWriterOptions, options, "SummaryWriter");
    this.dir = userPath(dir, "SummaryWriter.dir");
    this.#output = new RunOutput(this.dir, this.#options);
    this.#hparams = new HparamsSession(this.#output);
  }

  /**
   * The writer of the directory `name` below this one, which TensorBoard shows as a run of its own: the same tag in `train` and
   * `validation` makes two curves of one chart. The same name returns the same writer. A child has the options of this writer,
   * and is flushed, closed and reported with it.
   * Throws `ERR_LOG` for a name that is not a directory below, or whose directory another writer has open.
   */
  child(name: string): SummaryWriter {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    checkChildName(name);
    const child = new SummaryWriter(join(this.dir, name), this.#options);
    child.#output.steps = this.#output.steps;
    this.#children.set(name, child);
    if (!this.#output.isOpen) child.#output.close();
    return child;
  }

  /** Writes one point of a scalar. `value` is stored as a 32-bit float; NaN and infinities are stored too. */
  addScalar(tag: string, value: number, step: number, wallTime?: number): void {
    const output = this.#output;
    if (!output.accepts(tag, step)) return;
    if (typeof value !== "number") return output.refuseValue(tag, value);
    if (output.isLogged(tag, step)) return;
    const now = Date.now();
    output.thread.poll();
    output.scalars.one(tag, value, step, wallTime ?? now / 1000, now);
  }

  /** Writes one point of each scalar in `values`, by tag, as one event. One value that is not a number refuses all of them. */
  addScalars(values: Readonly<Record<string, number>>, step: number, wallTime?: number): void {
    const output = this.#output;
    if (!output.accepts("scalars", step)) return;
    for (const tag in values) {
      if (typeof values[tag] !== "number") return output.refuseValue(tag, values[tag]);
    }
    const now = Date.now();
    output.thread.poll();
    const unlogged = step === output.lastStep ? output.unloggedOf(values) : values;
    output.scalars.many(unlogged, step, wallTime ?? now / 1000, now);
  }

  /** Writes the distribution of the finite `values`. NaN and infinities are left out. */
  addHistogram(tag: string, values: TypedArray, step: number, options: HistogramOptions = {}): void {
    if (!this.#output.allows(tag, options, HISTOGRAM_KEYS)) return;
    this.#output.writePayload({ kind: "histogram", tag, values, options }, step, options.wallTime);
  }

  /** Writes an image as PNG: pixels in rows from top to bottom, channels last; grey, RGB or RGBA. Floats are 0 to 1. */
  addImage(tag: string, image: ImageData, step: number, wallTime?: number): void {
    this.#output.writePayload({ kind: "images", tag, images: [image] }, step, wallTime);
  }

  /** Writes several images of one step, which are shown side by side, each in the size of the first. */
  addImages(tag: string, images: readonly ImageData[], step: number, wallTime?: number): void {
    this.#output.writePayload({ kind: "images", tag, images }, step, wallTime);
  }

  /** Writes a scatter plot of the points `x[i]`, `y[i]` as an image of 560 x 420 pixels with axes. */
  addScatter(tag: string, x: TypedArray, y: TypedArray, step: number, options: ScatterOptions = {}): void {
    if (!this.#output.allows(tag, options, SCATTER_KEYS)) return;
    const { wallTime, xLabel, yLabel, oneToOne } = options;
    this.#output.writePayload({ kind: "scatter", tag, x, y, axes: { xLabel, yLabel, oneToOne } }, step, wallTime);
  }

  /** Writes text, which is shown as Markdown. */
  addText(tag: string, markdown: string, step: number, wallTime?: number): void {
    this.#output.write(tag, step, wallTime, () => [textValue(tag, markdown)]);
  }

  /** Writes a table among the texts. The first row is the heading; cells show exactly their text, no Markdown. */
  addTable(tag: string, rows: readonly (readonly string[])[], step: number, wallTime?: number): void {
    this.#output.write(tag, step, wallTime, () => [tableValue(tag, rows)]);
  }

  /** Writes sound as WAV, with one channel and 16 bits per sample. Samples are clamped to -1..1. */
  addAudio(tag: string, samples: Float32Array, sampleRateHz: number, step: number, wallTime?: number): void {
    this.#output.write(tag, step, wallTime, () => [audioValue(tag, samples, sampleRateHz)]);
  }

  /** Writes a precision-recall curve. A label is true or false (1 or 0); `scores[i]`, from 0 to 1, is the score of `labels[i]`. */
  addPrCurve(
    tag: string,
    labels: ArrayLike<number | boolean>,
    scores: ArrayLike<number>,
    step: number,
    options: PrCurveOptions = {},
  ): void {
    if (!this.#output.allows(tag, options, PR_CURVE_KEYS)) return;
    this.#output.write(tag, step, options.wallTime, () => [prCurveValue(tag, labels, scores, options)]);
  }

  /** Writes a mesh of triangles, or a cloud of points. */
  addMesh(tag: string, mesh: Mesh, step: number, wallTime?: number): void {
    this.#output.write(tag, step, wallTime, () => meshValues(tag, mesh));
  }

  /**
   * Writes the parameters of the run, once, in the run's own directory. `metricTags` are the scalars that the HParams tab shows as
   * columns, for all runs of the log directory; left out: all scalars. From then on steps are at most 2^31 - 1: with a larger one,
   * TensorBoard shows no hparams of any run.
   */
  addHparams(hparams: HparamValues, metricTags: readonly string[] = []): void {
    this.#hparams.start(hparams, metricTags);
  }

  /** Writes how the run with hparams ended, once. Without this call, `close` writes "success". */
  endHparams(status: "success" | "failure"): void {
    this.#hparams.end(status);
  }

  /** Writes which scalars share a chart in the tab Custom Scalars, for all runs of the log directory. */
  addCustomScalars(layout: CustomScalarsLayout): void {
    this.#output.write("custom_scalars", 0, undefined, () => [customScalarsValue(layout)]);
  }

  /** Writes the graph of the model, with the shapes of its layers; TensorBoard shows the last one of a run. */
  addGraph(description: ModelDescription): void {
    if (!this.#output.isOpen) return;
    this.#output.writeEvent("graph", undefined, (seconds) => graphEvent(seconds, graphDef(description)));
  }

  /** Writes the model as Keras does, which TensorBoard shows as "Conceptual graph" beside `addGraph`'s; before 2.17 it fails on it. */
  addKerasGraph(description: ModelDescription): void {
    this.#output.write("keras", 0, undefined, () => [kerasGraphValue(description)]);
  }

  /** Counts what became of the records so far, those of the children too. */
  report(): DeliveryReport {
    return reportOf(this.#outputs());
  }

  /**
   * Writes what is pending, within `bounds` (`timeoutMs`: 10,000). It is written before the call returns, unless a histogram or
   * image is being encoded. A failing disk is retried once; `report` says what is still pending. Never rejects.
   */
  flush(bounds?: Bounds): Promise<void> {
    return flushOutputs(this.#outputs(), bounds);
  }

  /**
   * Writes what is pending, within `bounds` (`timeoutMs`: 10,000), ends the hparams with "success" and closes the file. What
   * cannot be written is counted as dropped. Later calls do nothing. Never rejects.
   */
  close(bounds?: Bounds): Promise<void> {
    this.endHparams("success");
    return this.suspend(bounds);
  }

  /** As `close`, but leaves the hparams without an end: for a run that may be resumed. */
  suspend(bounds?: Bounds): Promise<void> {
    return closeOutputs(this.#outputs(), bounds);
  }

  /** Closes the writer at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The outputs of this writer and of all below it. */
  #outputs(): RunOutput[] {
    return [this.#output, ...[...this.#children.values()].flatMap((child) => child.#outputs())];
  }
}
