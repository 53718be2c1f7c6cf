import { join } from "node:path";
import type { Bounds, DeliveryReport, ImageData, ModelDescription, TypedArray } from "../../contract/index.js";
import { parseConfig } from "../../config/problems.js";
import { userPath } from "../../support/user-path.js";
import { checkChildName, checkedDir } from "./child-name.js";
import { closeOutputs, flushOutputs, reportOf } from "./delivery.js";
import { graphEvent } from "./files/events.js";
import { HparamsSession } from "./hparams-session.js";
import { SummaryWriterOptions, type ResolvedSummaryWriterOptions } from "./options.js";
import { audioValue } from "./payloads/audio.js";
import { customScalarsValue, type CustomScalarsLayout } from "./payloads/custom-scalars.js";
import { graphDef } from "./payloads/graph.js";
import { histogramOptions, type HistogramOptions } from "./payloads/histogram.js";
import type { HparamValues } from "./payloads/hparams.js";
import { kerasGraphValue } from "./payloads/keras-graph.js";
import { meshValues, type Mesh } from "./payloads/mesh.js";
import { prCurveOptions, prCurveValue, type PrCurveOptions } from "./payloads/pr-curve.js";
import { scatterOptions, type ScatterOptions } from "./payloads/raster/scatter.js";
import { tableValue } from "./payloads/table.js";
import { textValue } from "./payloads/text.js";
import { RunOutput } from "./run-output.js";

/**
 * Writes TensorBoard event files, from Node alone.
 * - Add methods return at once and never throw. A record that is not valid, or comes after the close, is refused; one that the disk does
 *   not accept is kept in memory, then dropped. Both are counted (`report`), and reported once for each kind of failure (`onError`).
 * - A process that is killed loses at most `flushIntervalMs` of records, one that ends by itself none.
 * - Histograms, images and scatters are copied at the call and encoded in a thread; those of one tag keep their order.
 * - With `resumeStep`, the records that earlier attempts logged from that step on are removed first, so that no curve runs back.
 * - A directory has one open writer in a process, and each writer one growing file: TensorBoard expects that.
 *
 * In all methods: `tag` names the series, and "/" in it makes groups on the page: text on one line, 1 to 1,000 characters; `step` is an
 * integer from 0 to 2^53 - 1; `wallTime` is in seconds since 1970, by default now, and at most 100 years ahead.
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
    this.dir = userPath(checkedDir(dir), "SummaryWriter.dir");
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
    const { isOpen, steps } = this.#output;
    const child = new SummaryWriter(join(this.dir, name), isOpen ? this.#options : { ...this.#options, resumeStep: undefined });
    if (child.#output.steps.hasHparams) steps.limitToHparams(); // of an earlier attempt
    child.#output.steps = steps;
    this.#children.set(name, child);
    if (!isOpen) child.#output.close();
    return child;
  }

  /** Writes one point of a scalar. `value` is stored as a 32-bit float; NaN and infinities are stored too. */
  addScalar(tag: string, value: number, step: number, wallTime?: number): void {
    this.#output.writeScalar(tag, value, step, wallTime);
  }

  /** Writes one point of each scalar in `values`, by tag, as one event. A value that is not a number is refused, the others are written. */
  addScalars(values: Readonly<Record<string, number>>, step: number, wallTime?: number): void {
    this.#output.writeScalars(values, step, wallTime);
  }

  /** Writes the distribution of the finite `values`. NaN and infinities are left out. */
  addHistogram(tag: string, values: TypedArray, step: number, options: HistogramOptions = {}): void {
    const checked = this.#output.checked(tag, () => histogramOptions(options));
    if (checked === null) return;
    const { buckets, wallTime } = checked;
    this.#output.writePayload({ kind: "histogram", tag, values, options: { buckets } }, step, wallTime);
  }

  /**
   * Writes an image as PNG: pixels in rows from top to bottom, channels last; grey, RGB or RGBA. The type of the array says what its values
   * mean: integers (`Uint8Array`, `Uint8ClampedArray`, `Int32Array`, …) are 0 to 255, floats (`Float32Array`, `Float64Array`) are 0 to 1.
   * An image with a value outside of that range, or NaN, is refused.
   */
  addImage(tag: string, image: ImageData, step: number, wallTime?: number): void {
    this.#output.writePayload({ kind: "images", tag, images: [image] }, step, wallTime);
  }

  /** Writes several images of one step, which are shown side by side, each in the size of the first. Pixels are as in `addImage`. */
  addImages(tag: string, images: readonly ImageData[], step: number, wallTime?: number): void {
    this.#output.writePayload({ kind: "images", tag, images }, step, wallTime);
  }

  /** Writes a scatter plot of the points `x[i]`, `y[i]` as an image of 560 x 420 pixels with axes. */
  addScatter(tag: string, x: TypedArray, y: TypedArray, step: number, options: ScatterOptions = {}): void {
    const checked = this.#output.checked(tag, () => scatterOptions(options));
    if (checked === null) return;
    const { wallTime, xLabel, yLabel, oneToOne } = checked;
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

  /** Writes sound as WAV, with one channel and 16 bits per sample. Samples are clamped to -1..1; NaN and infinities are refused. */
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
    const checked = this.#output.checked(tag, () => prCurveOptions(options));
    if (checked === null) return;
    this.#output.write(tag, step, checked.wallTime, () => [prCurveValue(tag, labels, scores, checked)]);
  }

  /** Writes a mesh of triangles, or a cloud of points. */
  addMesh(tag: string, mesh: Mesh, step: number, wallTime?: number): void {
    this.#output.write(tag, step, wallTime, () => meshValues(tag, mesh));
  }

  /**
   * Writes the parameters of the run, once, in the run's own directory; one that is not a string, number or boolean is refused, the others
   * are written. `metricTags` are the scalars that the HParams tab shows as
   * columns, for all runs of the log directory; left out: all scalars. From then on steps are at most 2^31 - 1: with a larger one,
   * TensorBoard shows no hparams of any run.
   */
  addHparams(hparams: HparamValues, metricTags: readonly string[] = []): void {
    this.#hparams.start(hparams, metricTags);
  }

  /** Writes how the run with hparams ended, once; refused without `addHparams`. Without this call, `close` writes "success". */
  endHparams(status: "success" | "failure"): void {
    this.#hparams.end(status);
  }

  /** Writes which scalars share a chart in the tab Custom Scalars, for all runs of the log directory. */
  addCustomScalars(layout: CustomScalarsLayout): void {
    this.#output.write("custom_scalars", 0, undefined, () => [customScalarsValue(layout)]);
  }

  /** Writes the graph of the model, with the shapes of its layers; TensorBoard shows the last one of a run. */
  addGraph(description: ModelDescription): void {
    if (!this.#output.isOpenFor("graph")) return;
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
   * image is being encoded. A failing disk is retried once; `report` says what is still pending. Never rejects: what is wrong in
   * `bounds` is reported (`onError`), and the default holds.
   */
  flush(bounds?: Bounds): Promise<void> {
    return flushOutputs(this.#outputs(), bounds);
  }

  /**
   * Writes what is pending, within `bounds` (`timeoutMs`: 10,000), ends the hparams with "success" and closes the file. What
   * cannot be written is counted as dropped. Records that are added later are refused. A second close does nothing. Never rejects.
   */
  close(bounds?: Bounds): Promise<void> {
    this.#hparams.close();
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
