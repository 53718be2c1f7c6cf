import { dirname, join } from "node:path";
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  ImageData,
  LogDestination,
  LoggerBackend,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
  ScatterAxes,
  TypedArray,
} from "../../contract/index.js";
import { parseConfig } from "../../config/problems.js";
import { TrainscopeError } from "../../support/errors.js";
import { guardedListener } from "../../support/guarded-listener.js";
import { readOwner, runText } from "../../support/run-identity.js";
import { printable } from "../../support/printable.js";
import { userPath } from "../../support/user-path.js";
import { artifactData, eventText } from "../composite/convert.js";
import { TensorBoardBackendOptions, type ResolvedTensorBoardBackendOptions, type SummaryWriterOptions } from "./options.js";
import { ownDirectory } from "./own-directory.js";
import { processWarning } from "./refusals.js";
import { HparamsRun } from "./hparams-run.js";
import { SeriesRouter } from "./series-router.js";
import { SummaryWriter } from "./summary-writer.js";

/**
 * TensorBoard behind the trainer: event files in `<run directory>/tensorboard`, written by a `SummaryWriter` with its guarantees.
 * - Everything is on the step axis, epoch values too. The params are the run's hparams, with the `final/…` values as metrics, in the
 *   directory `hparams` below the run's.
 * - Train and validation are series of one run, or runs of their own below it (`layout`).
 * - One run a directory: where it is another run's by its `owner.json`, the next free `-2`, `-3`, … is used, and reported (`onError`).
 * - A resumed run continues after the step it was resumed from; what the earlier attempt had logged beyond it is removed.
 * - Tags, events and artifacts are texts: TensorBoard has no other place for them.
 * - Without a trainer, give it to a `CompositeLogger`: that checks the records, hides secrets and never throws.
 */
export class TensorBoardBackend implements LoggerBackend {
  /** "tensorboard", as in `logging.loggerType` and in the delivery report. */
  readonly name: string = "tensorboard";
  readonly #options: ResolvedTensorBoardBackendOptions;
  #writer: SummaryWriter | undefined;
  /** With the layout "one" there is none. */
  #router: SeriesRouter | undefined;
  /** The step of texts that come without one. */
  #firstStep = 0;
  #resumeStep: number | undefined;
  #hparams: HparamsRun | undefined;
  /** Where the event files are, and what TensorBoard is given to show all runs beside each other; null before the start. */
  #place: { location: string; logdir: string } | null = null;

  /** Opens nothing yet. Throws `ERR_CONFIG` for an option that is unknown or out of range. */
  constructor(options?: TensorBoardBackendOptions) {
    const { dir, runsDir, ...rest } = parseConfig(TensorBoardBackendOptions, options, "TensorBoardBackend");
    this.#options = {
      ...rest,
      dir: dir === undefined ? undefined : userPath(dir),
      runsDir: runsDir === undefined ? undefined : userPath(runsDir),
    };
  }

  /** Opens the directory of the run. Throws `ERR_LOG` when another writer of this process has it open. A second call does nothing. */
  start(run: RunInfo, _control?: RunControl): void {
    if (this.#writer !== undefined) return;
    const { dir, runsDir } = this.#options;
    const wanted = dir ?? (runsDir === undefined ? join(run.dir, "tensorboard") : join(runsDir, run.runName));
    const ownDir = ownDirectory(wanted, run, dir === undefined && runsDir === undefined);
    if (ownDir !== wanted) this.#reportOther(wanted, ownDir);
    const resumeStep = run.resumedFromStep === null ? undefined : run.resumedFromStep + 1;
    this.#firstStep = run.resumedFromStep ?? 0;
    this.#resumeStep = resumeStep;
    this.#openIn(ownDir, resumeStep);
    this.#place = { location: ownDir, logdir: dir === undefined ? (runsDir ?? dirname(run.dir)) : ownDir };
    if (resumeStep !== undefined) this.#router?.openExisting(run);
  }

  /** The directory of the event files, and the command that shows them beside those of other runs. */
  destinations(): readonly LogDestination[] {
    if (this.#place === null) return [];
    const { location, logdir } = this.#place;
    return [{ backend: this.name, location, view: ["tensorboard", "--logdir", logdir] }];
  }

  /** Writes the metrics of a step as scalars, by name. The epoch of `at` is not used: TensorBoard has one axis. */
  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    const writer = this.#open();
    if (this.#router === undefined) writer.addScalars(metrics, step, at?.wallTime);
    else this.#router.log(metrics, step, at?.wallTime);
    this.#hparams?.logMetrics(metrics, step, at?.wallTime);
  }

  /** Writes the distribution of the finite values, in 30 buckets. */
  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void {
    this.#open().addHistogram(name, values, step, { wallTime: at?.wallTime });
  }

  /** Writes an image as PNG. */
  logImage(name: string, image: ImageData, step: number, at?: PointTime): void {
    this.#open().addImage(name, image, step, at?.wallTime);
  }

  /** Writes a scatter plot of the points as an image with axes. */
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void {
    this.#open().addScatter(name, x, y, step, { ...axes, wallTime: at?.wallTime });
  }

  /** Writes text, which is shown as Markdown. */
  logText(name: string, text: string, step: number, at?: PointTime): void {
    this.#open().addText(name, text, step, at?.wallTime);
  }

  /** Writes the graph of the model; with `kerasGraph` also as Keras does. */
  logGraph(description: ModelDescription): void {
    const writer = this.#open();
    writer.addGraph(description);
    if (this.#options.kerasGraph) writer.addKerasGraph(description);
  }

  /** Writes the params of the first call as the hparams of the run: TensorBoard reads no others. Later params are a table. */
  logParams(params: Readonly<Record<string, ParamValue>>): void {
    const writer = this.#open();
    if (this.#hparams !== undefined) return writer.addTable("params", rowsOf(params), this.#firstStep);
    this.#hparams = new HparamsRun(writer.dir, this.#writerOptions(this.#resumeStep), params);
  }

  /** Writes tags as a table. */
  setTags(tags: Readonly<Record<string, string>>): void {
    this.#open().addTable("tags", rowsOf(tags), this.#firstStep);
  }

  /** Writes the notes as text. */
  setNotes(markdown: string): void {
    this.#open().addText("notes", markdown, this.#firstStep);
  }

  /** Writes the name, path and type of an artifact as a table; the file is not copied. */
  logArtifact(artifact: Artifact, step?: number): void {
    this.#open().addTable(`artifacts/${printable(artifact.name)}`, rowsOf(artifactData(artifact)), step ?? this.#firstStep);
  }

  /** Writes an event as text: its message, or else its data as JSON. */
  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    this.#open().addText(printable(name), eventText(data), step ?? this.#firstStep);
  }

  /** Writes what is pending, within `bounds` (`timeoutMs`: 10,000). Never rejects. */
  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    await Promise.all([this.#writer?.flush(bounds), this.#hparams?.flush(bounds)]);
    return this.#reports();
  }

  /** Writes what is pending, within `bounds`, and closes. The hparams of an interrupted run get no end: it may be resumed. Never rejects. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    const writer = this.#writer;
    if (writer === undefined) return [];
    await Promise.all([writer.close(bounds), this.#hparams?.close(status, bounds)]);
    return this.#reports();
  }

  #reportOther(wanted: string, ownDir: string): void {
    const owner = readOwner(wanted);
    const whose = owner === null ? "holds event files of no known run" : `belongs to the ${runText(owner)}`;
    const message = `${wanted} ${whose}. The event files of this run are written to ${ownDir}.`;
    guardedListener(this.#options.onError ?? processWarning)(new TrainscopeError("ERR_LOG", message, { path: wanted }));
  }

  #reports(): DeliveryReport[] {
    if (this.#writer === undefined) return [];
    const report = { ...this.#writer.report(), backend: this.name };
    return [this.#hparams?.addTo(report) ?? report];
  }

  /** The writer; the first call without `start` opens it in `dir`. */
  #open(): SummaryWriter {
    if (this.#writer !== undefined) return this.#writer;
    const { dir } = this.#options;
    if (dir === undefined) {
      throw new TrainscopeError("ERR_LOG", "TensorBoard has no directory.\nGive the backend a `dir`, or start it with a run.");
    }
    return this.#openIn(dir, undefined);
  }

  #openIn(dir: string, resumeStep: number | undefined): SummaryWriter {
    const { layout } = this.#options;
    const writer = new SummaryWriter(dir, this.#writerOptions(resumeStep));
    this.#router = layout === "one" ? undefined : new SeriesRouter(writer, layout);
    return (this.#writer = writer);
  }

  #writerOptions(resumeStep: number | undefined): SummaryWriterOptions {
    const { flushIntervalMs, maxQueueBytes, onError, fs } = this.#options;
    return { flushIntervalMs, maxQueueBytes, onError, fs, resumeStep };
  }
}

function rowsOf(values: Readonly<Record<string, unknown>>): string[][] {
  return [["name", "value"], ...Object.entries(values).map(([name, value]) => [name, String(value)])];
}
