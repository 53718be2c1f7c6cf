/**
 * TensorBoard behind the trainer: event files in `<run directory>/tensorboard`.
 * - Everything is on the step axis, epoch values too. Params are the hparams of the run, in the same directory.
 * - Train and validation are series of one run, or runs of their own below it (layout.ts).
 * - A resumed run goes on after the step it was resumed from; what the killed attempt had logged beyond it is removed.
 * - Tags, events and artifacts are text; TensorBoard has no place of its own for them.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type {
  Artifact,
  Bounds,
  DeliveryReport,
  ImageData,
  LoggerBackend,
  Metrics,
  ModelDescription,
  ParamValue,
  PointTime,
  RunControl,
  RunInfo,
  RunStatus,
  ScatterAxes,
  TensorBoardLayout,
  TypedArray,
} from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { artifactData, eventText } from "../composite/convert.js";
import { PHASE_DIRECTORIES, placeOf } from "./layout.js";
import { SummaryWriter, type SummaryWriterOptions } from "./summary-writer.js";

export interface TensorBoardBackendOptions extends Omit<SummaryWriterOptions, "resumeStep"> {
  /** Default `<run directory>/tensorboard`. */
  dir?: string | undefined;
  /** In place of `dir`: where each run has a directory of its name. */
  runsDir?: string | undefined;
  /** Whether train and validation, or their loaders too, are runs of their own. Default "one": they are not. */
  layout?: TensorBoardLayout | undefined;
  /** Writes the model's graph as Keras does too; TensorBoards before 2.17 fail on it. Default false. */
  kerasGraph?: boolean | undefined;
}

export class TensorBoardBackend implements LoggerBackend {
  readonly name: string = "tensorboard";
  readonly #options: TensorBoardBackendOptions;
  readonly #layout: TensorBoardLayout;
  readonly #series = new Map<string, Series>();
  #writer: SummaryWriter | undefined;
  /** Where texts without a step go. */
  #firstStep = 0;
  #params: Record<string, string | number | boolean> | undefined;

  constructor(options: TensorBoardBackendOptions = {}) {
    this.#options = options;
    this.#layout = options.layout ?? "one";
  }

  /** Throws `ERR_LOG` when another writer of this process has the directory open. */
  start(run: RunInfo, _control?: RunControl): void {
    if (this.#writer !== undefined) return;
    const { runsDir, ...options } = this.#options;
    const own = runsDir === undefined ? join(run.dir, "tensorboard") : join(runsDir, run.runName);
    const resumeStep = run.resumedFromStep === null ? undefined : run.resumedFromStep + 1;
    this.#writer = new SummaryWriter(options.dir ?? own, { ...writerOptions(options), resumeStep });
    this.#firstStep = run.resumedFromStep ?? 0;
    if (resumeStep !== undefined && this.#layout !== "one") openChildren(this.#writer);
  }

  logMetrics(metrics: Metrics, step: number, at?: PointTime): void {
    const writer = this.#open();
    if (this.#layout === "one") writer.addScalars(metrics, step, at?.wallTime);
    else this.#logByRun(writer, metrics, step, at?.wallTime);
  }

  logHistogram(name: string, values: TypedArray, step: number, at?: PointTime): void {
    this.#open().addHistogram(name, values, step, { wallTime: at?.wallTime });
  }

  logImage(name: string, image: ImageData, step: number, at?: PointTime): void {
    this.#open().addImage(name, image, step, at?.wallTime);
  }

  /** A picture of the points, with axes. */
  logScatter(name: string, x: TypedArray, y: TypedArray, step: number, at?: PointTime, axes?: ScatterAxes): void {
    this.#open().addScatter(name, x, y, step, { ...axes, wallTime: at?.wallTime });
  }

  logText(name: string, text: string, step: number, at?: PointTime): void {
    this.#open().addText(name, text, step, at?.wallTime);
  }

  logGraph(description: ModelDescription): void {
    const writer = this.#open();
    writer.addGraph(description);
    if (this.#options.kerasGraph === true) writer.addKerasGraph(description);
  }

  /** The first call's params are the run's hparams: TensorBoard reads no others. Later ones are a table. */
  logParams(params: Readonly<Record<string, ParamValue>>): void {
    const writer = this.#open();
    if (this.#params !== undefined) return writer.addTable("params", rowsOf(params), this.#firstStep);
    this.#params = {};
    for (const [name, value] of Object.entries(params)) this.#params[name] = value ?? "null";
    writer.addHparams(this.#params);
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.#open().addTable("tags", rowsOf(tags), this.#firstStep);
  }

  logArtifact(artifact: Artifact, step?: number): void {
    this.#open().addTable(`artifacts/${artifact.name}`, rowsOf(artifactData(artifact)), step ?? this.#firstStep);
  }

  logEvent(name: string, data: Readonly<Record<string, unknown>>, step?: number): void {
    this.#open().addText(name, eventText(data), step ?? this.#firstStep);
  }

  async flush(bounds?: Bounds): Promise<DeliveryReport[]> {
    await this.#writer?.flush(bounds);
    return this.#reports();
  }

  /** An interrupted run may go on: its hparams session is left open. */
  async close(status: RunStatus, bounds?: Bounds): Promise<DeliveryReport[]> {
    const writer = this.#writer;
    if (writer === undefined) return [];
    if (status === "failed") writer.endHparams("failure");
    await (status === "interrupted" ? writer.suspend(bounds) : writer.close(bounds));
    return this.#reports();
  }

  #reports(): DeliveryReport[] {
    return this.#writer === undefined ? [] : [{ ...this.#writer.report(), backend: this.name }];
  }

  #open(): SummaryWriter {
    if (this.#writer !== undefined) return this.#writer;
    const { dir, ...options } = this.#options;
    if (dir === undefined) {
      throw new TrainscopeError("ERR_LOG", "TensorBoard has no directory.\nGive it a `dir`, or start it with a run.");
    }
    this.#writer = new SummaryWriter(dir, writerOptions(options));
    return this.#writer;
  }

  /** One event for each run that has values in the record. */
  #logByRun(writer: SummaryWriter, metrics: Metrics, step: number, wallTime: number | undefined): void {
    const records = new Map<SummaryWriter, Record<string, number>>();
    for (const name in metrics) {
      let series = this.#series.get(name);
      if (series === undefined) {
        const { child, tag } = placeOf(name, this.#layout);
        series = { writer: child === null ? writer : writer.child(child), tag };
        this.#series.set(name, series);
      }
      const record = records.get(series.writer) ?? {};
      record[series.tag] = metrics[name] as number;
      records.set(series.writer, record);
    }
    for (const [run, record] of records) run.addScalars(record, step, wallTime);
  }
}

/** Where a series goes, looked up once. */
interface Series {
  writer: SummaryWriter;
  tag: string;
}

function writerOptions({ flushIntervalMs, maxQueueBytes, onError, fs }: TensorBoardBackendOptions): SummaryWriterOptions {
  return { flushIntervalMs, maxQueueBytes, onError, fs };
}

/** What earlier attempts left below the run's directory is taken back too, also where nothing more will be logged. */
function openChildren(writer: SummaryWriter): void {
  const below = (name: string): string[] => {
    const found = readdirSync(join(writer.dir, name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [name, ...found.flatMap((entry) => below(`${name}/${entry.name}`))];
  };
  for (const name of PHASE_DIRECTORIES.filter((phase) => existsSync(join(writer.dir, phase))).flatMap(below)) writer.child(name);
}

function rowsOf(values: Readonly<Record<string, unknown>>): string[][] {
  return [["name", "value"], ...Object.entries(values).map(([name, value]) => [name, String(value)])];
}
